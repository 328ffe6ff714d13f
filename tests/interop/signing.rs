//! Signatures of files, commits and tags with a key of the agent: `ssh-keygen -Y` and `git`.

use std::fs;

use keyfob_testkit::{Case, KeyFile, KeyType, Output, Run, RunningAgent, World, case};

pub(crate) const CASES: &[Case] = &[
    case!(ssh_keygen_signs_files_with_each_key_type),
    case!(ssh_keygen_signs_nothing_with_a_key_the_agent_lost),
    case!(git_signs_commits_and_tags_with_a_literal_key),
    case!(git_signs_commits_and_tags_with_a_public_key_file),
    case!(git_asks_ssh_add_for_its_default_key),
];

const WHO: &str = "alice@keyfob.test";

fn ssh_keygen_signs_files_with_each_key_type(world: &World) {
    let kinds = [KeyType::Rsa1024, KeyType::Rsa3072].into_iter().chain(KeyType::EACH);
    for kind in kinds {
        let key = world.key(kind, "key");
        let agent = agent_only(world, &key);
        let document = world.write("document", format!("signed with {kind:?}"), 0o600);
        let _ = fs::remove_file(world.path("document.sig"));
        let sign = keygen(world, &agent).args(["-q", "-Y", "sign", "-n", "file", "-f"]);
        sign.arg(key.public_path()).arg(&document).output().exits(0);
        let verify = keygen(world, &agent).args(["-Y", "verify", "-n", "file", "-I", WHO, "-f"]);
        let verify = verify.arg(allowed(world, &key)).arg("-s").arg(world.path("document.sig"));
        let good = format!("Good \"file\" signature for {WHO} with {} key", kind.listed_name());
        verify.stdin(fs::read(&document).unwrap()).output().exits(0).prints_among_else(&good);
    }
}

fn ssh_keygen_signs_nothing_with_a_key_the_agent_lost(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent_only(world, &key);
    agent.ssh_add().arg("-D").output().exits(0);
    let document = world.write("document", "not to be signed", 0o600);
    let sign = keygen(world, &agent).args(["-Y", "sign", "-n", "file", "-f"]);
    sign.arg(key.public_path()).arg(&document).output().exits(255);
    assert!(!world.path("document.sig").exists());
}

fn git_signs_commits_and_tags_with_a_literal_key(world: &World) {
    for kind in [KeyType::Ed25519, KeyType::EcdsaP256, KeyType::Rsa2048] {
        let key = world.key(kind, "key");
        let agent = agent_only(world, &key);
        signs_and_verifies(
            world,
            &agent,
            &key,
            &format!("user.signingKey=key::{}", key.public_line()),
        );
    }
}

fn git_signs_commits_and_tags_with_a_public_key_file(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent_only(world, &key);
    let setting = format!("user.signingKey={}", key.public_path().display());
    signs_and_verifies(world, &agent, &key, &setting);
}

/// Without `user.signingKey` git takes the first key of a command's output, usually `ssh-add -L`.
fn git_asks_ssh_add_for_its_default_key(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let agent = agent_only(world, &key);
    signs_and_verifies(world, &agent, &key, "gpg.ssh.defaultKeyCommand=ssh-add -L");
}

#[track_caller]
pub(crate) fn signs_and_verifies(
    world: &World,
    agent: &RunningAgent,
    key: &KeyFile,
    setting: &str,
) {
    let repository = world.unused("repository");
    let git = |words: &[&str]| git(world, agent, key, setting).args(words).output();
    let place = repository.display().to_string();
    git(&["init", "-q", "-b", "main", &place]).exits(0);
    let git = |words: &[&str]| git(&[&["-C", &place], words].concat());
    git(&["commit", "-q", "--allow-empty", "-S", "-m", "a signed commit"]).exits(0);
    good(&git(&["verify-commit", "HEAD"]));
    git(&["tag", "-s", "-m", "a signed tag", "v1"]).exits(0);
    good(&git(&["verify-tag", "v1"]));
    // A changed commit does not keep the signature.
    let forged = git(&["cat-file", "commit", "HEAD"]).stdout().replace("a signed", "a forged");
    let write = self::git(world, agent, key, setting).args(["-C", &place]);
    let hash = write.args(["hash-object", "-t", "commit", "-w", "--stdin"]).stdin(forged).output();
    let forged = git(&["verify-commit", hash.stdout().trim_end()]);
    assert_ne!(forged.code(), Some(0), "{forged}");
}

#[track_caller]
fn good(output: &Output) {
    output.exits(0).reports_among_else(&format!("Good \"git\" signature for {WHO}"));
}

/// `git` as Alice, who signs with SSH keys.
fn git(world: &World, agent: &RunningAgent, key: &KeyFile, setting: &str) -> Run {
    let allowed = format!("gpg.ssh.allowedSignersFile={}", allowed(world, key).display());
    let run = world.system_program("git").env("SSH_AUTH_SOCK", agent.socket());
    // The world's own `ssh-add` comes first where git looks for programs.
    let ours = world.folder().join("bin");
    run.env("PATH", format!("{}:/usr/bin:/bin", ours.display()))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(["-c", "user.name=Alice", "-c", &format!("user.email={WHO}")])
        // Ours, which comes first as well, does not sign files yet.
        .args(["-c", "gpg.ssh.program=/usr/bin/ssh-keygen"])
        .args(["-c", "gpg.format=ssh", "-c", setting, "-c", &allowed])
}

/// An agent that holds this key, of which only the public half is left on disk.
#[track_caller]
fn agent_only(world: &World, key: &KeyFile) -> RunningAgent {
    let agent = world.agent();
    agent.add(key);
    fs::remove_file(key.path()).unwrap();
    agent
}

fn keygen(world: &World, agent: &RunningAgent) -> Run {
    world.system_program("ssh-keygen").env("SSH_AUTH_SOCK", agent.socket())
}

/// A file that says the key is Alice's.
fn allowed(world: &World, key: &KeyFile) -> std::path::PathBuf {
    world.write("allowed-signers", format!("{WHO} {}\n", key.public_line()), 0o600)
}
