//! SSH libraries that have nothing in common with OpenSSH: each logs in with keys of the agent,
//! and those that can do more walk a key through its life.
//!
//! The clients stand beside this file: `python/`, `go/`, and `clients/` (Rust, with a lock file of
//! its own). Go and Rust ones are built on first use.

use std::path::{Path, PathBuf};
use std::process::{Command, Output as Built, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use keyfob_testkit::harness::skip;
use keyfob_testkit::{
    Authority, Case, CertificateRequest, KeyFile, KeyType, Output, Run, RunningAgent, World, case,
};

use crate::server::Settings;
use crate::site::{Site, user};

pub(crate) const CASES: &[Case] = &[
    case!(paramiko_logs_in),
    case!(p1_paramiko_gets_the_rsa_hash_it_asks_for),
    case!(asyncssh_logs_in),
    case!(p1_asyncssh_gets_the_rsa_hash_it_asks_for),
    case!(asyncssh_walks_a_key_through_its_life),
    case!(golang_logs_in),
    case!(p1_golang_gets_the_rsa_hash_it_asks_for),
    case!(golang_walks_keys_through_their_life),
    case!(russh_logs_in),
    case!(p1_russh_gets_the_rsa_hash_it_asks_for),
    case!(russh_walks_a_key_through_its_life),
    case!(k1_russh_logs_in_with_a_certificate),
    case!(russh_binds_its_session_to_use_a_constrained_key),
    case!(ssh_agent_lib_walks_a_key_through_its_life),
];

/// What each library must be able to log in with.
const THREE: [KeyType; 3] = [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::Rsa2048];

fn paramiko_logs_in(world: &World) {
    logs_in(world, paramiko, &THREE, None);
}

fn p1_paramiko_gets_the_rsa_hash_it_asks_for(world: &World) {
    logs_in(world, paramiko, &[KeyType::Rsa2048], Some("rsa-sha2-512"));
}

fn asyncssh_logs_in(world: &World) {
    logs_in(world, asyncssh_login, &THREE, None);
}

fn p1_asyncssh_gets_the_rsa_hash_it_asks_for(world: &World) {
    logs_in(world, asyncssh_login, &[KeyType::Rsa2048], Some("rsa-sha2-256"));
}

fn asyncssh_walks_a_key_through_its_life(world: &World) {
    for kind in THREE {
        let key = world.key(kind, "key");
        let agent = world.agent();
        let client = asyncssh(world, &agent).arg("agent").arg(key.path());
        client.output().exits(0).prints("added\nsigned\nlocked and unlocked\nremoved\n");
    }
}

fn golang_logs_in(world: &World) {
    logs_in(world, golang_login, &THREE, None);
}

fn p1_golang_gets_the_rsa_hash_it_asks_for(world: &World) {
    logs_in(world, golang_login, &[KeyType::Rsa2048], Some("rsa-sha2-256"));
}

/// Adds with constraints, signs under each RSA flag, locks, asks for an unknown extension.
fn golang_walks_keys_through_their_life(world: &World) {
    let agent = world.agent();
    let client = golang(world, &agent).arg("agent").output();
    let steps = "added\nsigned\nlocked and unlocked\nrefused an unknown extension\nremoved\n";
    client.exits(0).prints(steps);
}

fn russh_logs_in(world: &World) {
    logs_in(world, russh_login, &THREE, None);
}

fn p1_russh_gets_the_rsa_hash_it_asks_for(world: &World) {
    let key = world.key(KeyType::Rsa2048, "key");
    let agent = world.agent();
    agent.add(&key);
    for (hash, option) in [("rsa-sha2-256", &["--sha256"][..]), ("rsa-sha2-512", &[])] {
        let settings = Settings::default().authorize(&key).accept(hash);
        let site = Site::new(world).with("one", &settings);
        let login = russh_login(world, &site, &agent, &key).args(option).output();
        site.admitted(&login, user());
    }
}

fn russh_walks_a_key_through_its_life(world: &World) {
    for kind in THREE {
        let key = world.key(kind, "key");
        let agent = world.agent();
        let client = russh(world, &agent).arg("agent").arg(key.path()).output();
        walked(&client);
    }
}

fn k1_russh_logs_in_with_a_certificate(world: &World) {
    let authority = Authority::new(world, "ca");
    let site = Site::new(world).with("one", &Settings::default().trust(&authority));
    for kind in THREE {
        let key = world.key(kind, "key");
        let request = CertificateRequest { principals: user(), ..CertificateRequest::default() };
        authority.certify(&key, &request);
        let agent = world.agent();
        agent.ssh_add().arg("-q").arg(key.path()).output().exits(0);
        // The client takes the first of this comment: the plain key must not be in the way.
        agent.ssh_add().args(["-q", "-k", "-d"]).arg(key.path()).output().exits(0);
        site.admitted(&russh_login(world, &site, &agent, &key).output(), user());
    }
}

/// A constrained key never signs on a connection that is bound to no session, and does on one that
/// is bound by something other than OpenSSH.
fn russh_binds_its_session_to_use_a_constrained_key(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let settings = Settings::default().authorize(&key);
    let site = Site::new(world).with("one", &settings).with("two", &settings);
    let agent = world.agent();
    let add = agent.ssh_add().args(["-q", "-h", "one", "-H"]).arg(site.known_hosts());
    add.arg(key.path()).output().exits(0);
    let unbound = russh_login(world, &site, &agent, &key).output();
    assert_ne!(unbound.code(), Some(0), "{unbound}");
    let bound = russh_login(world, &site, &agent, &key).arg("--bind").output();
    site.admitted(&bound, user());
}

/// Not with RSA: every RSA signature fails in the `ssh-key` 0.6 it stands on.
fn ssh_agent_lib_walks_a_key_through_its_life(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256] {
        let key = world.key(kind, "key");
        let agent = world.agent();
        let client = rust_client("agent-lib-client", world, &agent).arg(key.path());
        walked(&client.output());
    }
}

#[track_caller]
fn walked(output: &Output) {
    output.exits(0);
    let steps = output.stdout();
    let steps: Vec<&str> = steps.lines().collect();
    let right = matches!(steps[..], ["added", signed, "locked and unlocked", "removed"]
        if signed.starts_with("signed "));
    assert!(right, "{output}");
}

/// A client's login at server `one` with this key of the agent.
type Login = fn(&World, &Site<'_>, &RunningAgent, &KeyFile) -> Run;

#[track_caller]
fn logs_in(world: &World, login: Login, kinds: &[KeyType], only: Option<&str>) {
    for kind in kinds {
        let key = world.key(*kind, "key");
        let mut settings = Settings::default().authorize(&key);
        if let Some(algorithm) = only {
            settings = settings.accept(algorithm);
        }
        let site = Site::new(world).with("one", &settings);
        let agent = world.agent();
        // Another key first: the library must name the one it means.
        agent.add(&world.key(KeyType::EcdsaP521, "other"));
        agent.add(&key);
        site.admitted(&login(world, &site, &agent, &key).output(), user());
    }
}

fn paramiko(world: &World, site: &Site<'_>, agent: &RunningAgent, key: &KeyFile) -> Run {
    let run = python("paramiko", world, agent).arg(site.server("one").port().to_string());
    run.arg(user()).arg(key.public_path())
}

fn asyncssh(world: &World, agent: &RunningAgent) -> Run {
    python("asyncssh", world, agent)
}

fn asyncssh_login(world: &World, site: &Site<'_>, agent: &RunningAgent, key: &KeyFile) -> Run {
    login_words(asyncssh(world, agent), site, key)
}

fn golang_login(world: &World, site: &Site<'_>, agent: &RunningAgent, key: &KeyFile) -> Run {
    login_words(golang(world, agent), site, key)
}

fn russh(world: &World, agent: &RunningAgent) -> Run {
    rust_client("russh-client", world, agent)
}

fn russh_login(world: &World, site: &Site<'_>, agent: &RunningAgent, key: &KeyFile) -> Run {
    login_words(russh(world, agent), site, key)
}

fn login_words(run: Run, site: &Site<'_>, key: &KeyFile) -> Run {
    run.arg("login").arg(site.server("one").port().to_string()).arg(user()).arg(key.comment())
}

/// The client of this module in `python/`, under Debian's Python, which has the packaged modules.
fn python(module: &'static str, world: &World, agent: &RunningAgent) -> Run {
    let here = Path::new("/usr/lib/python3/dist-packages").join(module);
    if !here.exists() {
        skip(format!("{module} is not installed (Debian package python3-{module})"));
    }
    let script = source().join("python").join(format!("{module}_client.py"));
    // Both import ciphers that the packaged `cryptography` warns of.
    let run = world.system_program("python3").args(["-W", "ignore", "-B"]).arg(script);
    run.env("SSH_AUTH_SOCK", agent.socket()).limit(Duration::from_secs(40))
}

fn golang(world: &World, agent: &RunningAgent) -> Run {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        if !Path::new("/usr/share/gocode/src/golang.org/x/crypto/ssh/agent").exists() {
            return Err("golang.org/x/crypto is not installed (Debian package \
                golang-golang-x-crypto-dev)"
                .to_owned());
        }
        let binary = target().join("interop-go");
        let mut build = Command::new("go");
        build.arg("build").arg("-o").arg(&binary).arg(".").current_dir(source().join("go"));
        // Only what Debian packaged: nothing is fetched.
        build.env("GO111MODULE", "off").env("GOPATH", "/usr/share/gocode").env("GOFLAGS", "");
        build.env("GOCACHE", target().join("interop-go-cache"));
        succeeded(build, "go (Debian package golang-go)").map(|()| binary)
    });
    client(built, world, agent)
}

/// A client of the workspace in `clients/`.
fn rust_client(name: &str, world: &World, agent: &RunningAgent) -> Run {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let folder = target().join("interop-clients");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.args(["build", "--quiet", "--locked", "--manifest-path"]);
        build.arg(source().join("clients/Cargo.toml")).arg("--target-dir").arg(&folder);
        // What cargo tells a test about its own package is not about this one.
        build.env_remove("CARGO_TARGET_TMPDIR").env_remove("CARGO_MANIFEST_DIR");
        succeeded(build, "cargo").map(|()| folder.join("debug"))
    });
    client(&built.as_ref().map(|folder| folder.join(name)).map_err(Clone::clone), world, agent)
}

fn client(built: &Result<PathBuf, String>, world: &World, agent: &RunningAgent) -> Run {
    match built {
        Ok(binary) => world
            .system_program(&binary.to_string_lossy())
            .env("SSH_AUTH_SOCK", agent.socket())
            .limit(Duration::from_secs(40)),
        Err(reason) => skip(reason.clone()),
    }
}

/// Runs a compiler to its end.
fn succeeded(mut build: Command, program: &str) -> Result<(), String> {
    let built: Built = build
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program} does not start: {error}"))?;
    if built.status.success() {
        return Ok(());
    }
    Err(format!("the client does not build: {}", String::from_utf8_lossy(&built.stderr)))
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop")
}

/// Cargo's target folder: it gives tests a `tmp` inside it.
fn target() -> PathBuf {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    tmp.parent().unwrap_or(tmp).to_owned()
}
