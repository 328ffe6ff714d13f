//! The agent that is asked, others in its way, and what keyfob's own tells of itself.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_testkit::{KeyType, Running, RunningAgent, World};
use rustix::process::Pid;

use super::{Found, doctor, doctor_with, own_agent, ssh_agent};
use crate::support::{keyfob, skipped, world};

#[test]
fn without_an_agent_it_ends_as_every_command_does() {
    let world = world();
    let found = Found::by(doctor(&world), 2);
    found.has("socket", "wrong", "no agent: SSH_AUTH_SOCK is not set");
    // Anything else that is wrong counts for more.
    world.write(".ssh/config", "IdentityAgent none\n", 0o600);
    Found::by(doctor(&world), 1).has("socket", "wrong", "no agent");
}

#[test]
fn a_variable_that_leads_nowhere_is_told_with_the_reason() {
    let world = world();
    let (file, gone) = (world.write("file", "", 0o600), world.unused("gone"));
    drop(UnixListener::bind(&gone).unwrap());
    for (path, part) in [
        (world.unused("missing"), "which is not there"),
        (file, "which is no socket"),
        (gone, "where nobody listens any more"),
    ] {
        let run = || doctor(&world).env("SSH_AUTH_SOCK", &path);
        Found::by(run(), 2).has("socket", "wrong", part);
    }
    // Nobody has the variable, and keyfob's agent is there.
    let _agent = own_agent(&world);
    let found = Found::by(doctor(&world), 1);
    found.has("socket", "wrong", "SSH_AUTH_SOCK is not set: ssh finds no agent");
    let found = Found::by(doctor(&world).env("SSH_AUTH_SOCK", "/nonexistent"), 1);
    found.has("socket", "wrong", "keyfob's own agent answers");
    // What leads ssh to it without the variable is enough for ssh.
    let line = format!("IdentityAgent {}\n", world.path("run/keyfob/agent.sock").display());
    let config = world.write(".ssh/config", line, 0o600);
    let found = Found::by(doctor(&world), 0);
    found.has_at("socket", "note", "ssh is led to keyfob's agent", &config, Some(1));
}

#[test]
fn ssh_agent_in_the_way_is_known_by_its_process() {
    let world = world();
    let theirs = ssh_agent(&world);
    let run = || doctor(&world).env("SSH_AUTH_SOCK", theirs.socket());
    let found = Found::by(run(), 0);
    let process = theirs.pid().as_raw_nonzero();
    let part = format!("ssh is served by ssh-agent at {}", theirs.socket().display());
    let told = found.has("socket", "warning", &part);
    assert!(told["fact"].as_str().unwrap().contains(&format!("process {process}")), "{told}");
    let told = found.has("agents", "warning", &format!("ssh-agent runs (process {process})"));
    assert!(told["fact"].as_str().unwrap().contains("ssh asks it"), "{told}");
    Found::by(run().arg("--strict"), 1);
    let ours = own_agent(&world);
    Found::by(run(), 1).has("socket", "wrong", "keyfob's own agent answers too");
    let found = Found::by(doctor_with(&world, &ours), 0);
    let told = found.has("agents", "note", &format!("ssh-agent runs (process {process})"));
    let at = theirs.socket().to_str().unwrap();
    assert!(told["fact"].as_str().unwrap().contains(at), "{told}");
    found.lacks("socket", "warning", "");
}

/// The agent of a folder of its own, with the socket it serves SSH at.
fn gpg_agent(world: &World, folder: &Path) -> Option<String> {
    if !Path::new("/usr/bin/gpg-agent").exists() {
        skipped("gpg-agent is not installed");
        return None;
    }
    let run = world.system_program("gpg-agent").env("GNUPGHOME", folder);
    run.args(["--daemon", "--enable-ssh-support"]).output().exits(0);
    let mut stream = UnixStream::connect(folder.join("S.gpg-agent")).unwrap();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    lines.next();
    let mut ask = |what: &str| {
        writeln!(stream, "GETINFO {what}").unwrap();
        let answer = lines.next().unwrap().unwrap();
        lines.next();
        answer.strip_prefix("D ").unwrap().to_owned()
    };
    let (pid, socket) = (ask("pid"), ask("ssh_socket_name"));
    world.adopt(Pid::from_raw(pid.parse().unwrap()).unwrap());
    Some(socket)
}

#[test]
fn gpg_agent_in_the_way_is_found_with_its_socket_and_its_setting() {
    let world = world();
    let folder = world.folder().join("gnupg");
    fs::create_dir(&folder).unwrap();
    world.system_program("chmod").arg("700").arg(&folder).output().exits(0);
    let settings = folder.join("gpg-agent.conf");
    fs::write(&settings, "default-cache-ttl 60\nenable-ssh-support\n").unwrap();
    let Some(socket) = gpg_agent(&world, &folder) else { return };
    let run = || doctor(&world).env("GNUPGHOME", &folder);
    let found = Found::by(run().env("SSH_AUTH_SOCK", &socket), 0);
    found.has("socket", "warning", &format!("ssh is served by gpg-agent at {socket}"));
    found.has_at("agents", "warning", "gpg-agent serves SSH keys too", &settings, Some(2));
    found.has("agents", "warning", "gpg-agent runs (process ");
    let ours = own_agent(&world);
    let found = Found::by(run().env("SSH_AUTH_SOCK", ours.socket()), 0);
    found.has("agents", "note", &format!("at {socket}"));
    found.lacks("agents", "warning", "ssh asks it");
}

/// An agent of GNOME's, which makes its socket in a folder it is told; `None` where it is not
/// installed.
fn gnome_agent(world: &World, program: &str, flags: &[&str]) -> Option<(Running, PathBuf)> {
    if !Path::new(program).exists() {
        skipped(&format!("{program} is not installed"));
        return None;
    }
    let name = if program.ends_with("gcr-ssh-agent") { "gcr" } else { "keyring" };
    let folder = world.folder().join(name);
    fs::create_dir(&folder).unwrap();
    world.system_program("chmod").arg("700").arg(&folder).output().exits(0);
    let run = world.system_program("env").arg(program).args(flags).arg(&folder);
    let running = run.env("XDG_RUNTIME_DIR", world.folder()).limit(Duration::from_secs(60)).start();
    let socket = folder.join("ssh");
    let answers = || UnixStream::connect(&socket).is_ok();
    world.waits_until(program, Duration::from_secs(10), answers);
    Some((running, socket))
}

/// What is found while it is asked, and while keyfob's agent is.
fn is_found_in_the_way(world: &World, name: &str, agent: Option<(Running, PathBuf)>) {
    let Some((mut running, socket)) = agent else { return };
    let process = running.pid().as_raw_nonzero();
    let found = Found::by(doctor(world).env("SSH_AUTH_SOCK", &socket), 0);
    let at = socket.display();
    found.has("socket", "warning", &format!("ssh is served by {name} at {at}"));
    let told = found.has("agents", "warning", &format!("{name} runs (process {process})"));
    assert!(told["fact"].as_str().unwrap().contains("ssh asks it"), "{told}");
    let ours = own_agent(world);
    let found = Found::by(doctor_with(world, &ours), 0);
    found.has("agents", "note", &format!("{name} runs (process {process})"));
    found.lacks("socket", "warning", "");
    // One of them ends when it is asked for what it does not know.
    let list = keyfob(world).env("SSH_AUTH_SOCK", &socket).arg("list").output();
    list.exits(1).reports("The agent has no keys.\n");
    assert!(running.is_alive(), "it was ended by a question");
}

#[test]
fn gnomes_keyring_in_the_way_is_found() {
    let world = world();
    let flags = ["--foreground", "--components=ssh", "--control-directory"];
    let agent = gnome_agent(&world, "/usr/bin/gnome-keyring-daemon", &flags);
    is_found_in_the_way(&world, "gnome-keyring-daemon", agent);
}

#[test]
fn gnomes_newer_agent_in_the_way_is_found() {
    let world = world();
    let agent = gnome_agent(&world, "/usr/libexec/gcr-ssh-agent", &[]);
    is_found_in_the_way(&world, "gcr-ssh-agent", agent);
}

#[test]
fn a_unit_that_starts_another_agent_is_found() {
    let world = world();
    let folder = world.make_folder(".config/systemd/user/default.target.wants");
    let link = folder.join("ssh-agent.service");
    std::os::unix::fs::symlink("/usr/lib/systemd/user/ssh-agent.service", &link).unwrap();
    let found = Found::by(doctor(&world), 2);
    found.has_at("agents", "warning", "ssh-agent.service is enabled", &link, None);
}

/// Only root gets as far as being answered by it; for others it cannot be asked.
#[test]
fn the_agent_of_another_user_is_told() {
    let world = world();
    if !rustix::process::getuid().is_root() {
        skipped("only root can start an agent as another user");
        return;
    }
    let folder = tempfile::Builder::new().prefix("kf-").tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let socket = folder.path().join("s");
    let run = world.system_program("setpriv").args(["--reuid=65534", "--clear-groups"]);
    let run = run.args(["/usr/bin/ssh-agent", "-D", "-a"]).arg(&socket);
    let _theirs = RunningAgent::listening(&world, run, socket.clone());
    let found = Found::by(doctor(&world).env("SSH_AUTH_SOCK", &socket), 1);
    found.has("socket", "wrong", "which belongs to user 65534");
}

#[test]
fn more_keys_than_a_server_looks_at_are_too_many() {
    let world = world();
    let (ours, theirs) = (own_agent(&world), ssh_agent(&world));
    for number in 1..=7 {
        let key = world.key(KeyType::Ed25519, &format!("key{number}"));
        ours.add(&key);
        theirs.add(&key);
        let found = Found::by(doctor_with(&world, &ours), 0);
        let verdict = if number > 6 { "warning" } else { "ok" };
        found.has("offer", verdict, "a host that is not known yet is offered");
    }
    let found = Found::by(doctor(&world).env("SSH_AUTH_SOCK", theirs.socket()), 1);
    found.has("offer", "warning", "is offered 7 keys");
    // A rule is no help for others, and all for its host.
    let rule = "[[host]]\nmatch = \"few.example\"\nkeys = [\"key1\"]\n";
    world.make_folder(".config/keyfob");
    world.write(".config/keyfob/config.toml", rule, 0o600);
    let few = || Found::by(doctor_with(&world, &ours).args(["--host", "few.example"]), 0);
    world.waits_until("the rule counts", Duration::from_secs(20), || {
        !few().all("offer", "ok", "few.example is offered ").is_empty()
    });
    let found = Found::by(doctor_with(&world, &ours).args(["--host", "many.example"]), 0);
    found.has("offer", "warning", "many.example is offered 7 keys");
}

#[test]
fn measures_that_are_off_are_told_with_the_reason() {
    let world = world();
    world.make_folder(".config/keyfob");
    world.write(".config/keyfob/config.toml", "[agent]\nsandbox = false\n", 0o600);
    let agent = own_agent(&world);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has("security", "warning", "seccomp is off: ");
    found.has("security", "warning", "landlock is off: ");
    Found::by(doctor_with(&world, &agent).arg("--strict"), 1);
}

#[test]
fn an_agent_that_is_older_than_the_program_is_told() {
    let world = world();
    let agent = own_agent(&world);
    Found::by(doctor_with(&world, &agent), 0).has("version", "ok", "is of this program");
    std::thread::sleep(Duration::from_secs(4));
    let newer = world.folder().join("newer");
    fs::copy(env!("CARGO_BIN_EXE_keyfob"), &newer).unwrap();
    let run = world.system_program("env").arg(&newer).arg("doctor");
    let run = world.with_home_in_passwd(run).env("XDG_RUNTIME_DIR", world.path("run"));
    let found = Found::by(run.env("SSH_AUTH_SOCK", agent.socket()), 0);
    found.has_at("version", "warning", "before this program was put in place", &newer, None);
}

/// Lost otherwise: keys that were added in a login of another kind are there, and nobody finds them.
#[test]
fn an_agent_of_logins_without_a_runtime_folder_is_told() {
    let world = world();
    let agent = own_agent(&world);
    Found::by(doctor_with(&world, &agent), 0).lacks("agents", "warning", "a second agent");
    let started = keyfob(&world).env("XDG_RUNTIME_DIR", "").args(["env", "--shell", "sh"]).output();
    let lines = started.exits(0).stdout();
    let pid = lines.split("SSH_AGENT_PID=").nth(1).unwrap().split(';').next().unwrap();
    world.adopt(Pid::from_raw(pid.parse().unwrap()).unwrap());
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has("agents", "warning", &format!("process {pid}"));
}

#[test]
fn two_agents_of_keyfob_and_a_profile_are_told_apart() {
    let world = world();
    world.make_folder(".config/keyfob");
    let profile = "[[profile]]\nname = \"work\"\nkeys = [\"x\"]\n";
    world.write(".config/keyfob/config.toml", profile, 0o600);
    let _own = own_agent(&world);
    let printed = keyfob(&world).args(["env", "--profile", "work"]).output();
    let printed = printed.exits(0).stdout();
    let socket = printed.split(['=', ';']).nth(1).unwrap();
    let found = Found::by(doctor(&world).env("SSH_AUTH_SOCK", socket), 0);
    found.has("socket", "ok", "the socket of a profile");
    let second = world.agent();
    let found = Found::by(doctor_with(&world, &second), 0);
    found.has("socket", "warning", "two agents of keyfob");
    second.lock("word");
    Found::by(doctor_with(&world, &second), 0).has("socket", "note", "is locked");
}
