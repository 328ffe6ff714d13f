//! `ssh-add` and files that others may read.

use keyfob_testkit::{Case, KeyType, World, case};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(an_open_file_is_refused_with_the_block_of_text),
        case!(every_bit_of_group_and_others_counts),
        case!(private_modes_are_taken),
        case!(stdin_is_not_checked),
        case!(a_file_of_another_owner_is_not_checked),
        case!(the_public_file_s_mode_does_not_matter),
        case!(deleting_does_not_check),
    ]
}

fn block(mode: &str, path: &str) -> String {
    let frame = "@".repeat(59);
    format!(
        "{frame}\n\
         @         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n\
         {frame}\n\
         Permissions {mode} for '{path}' are too open.\n\
         It is required that your private key files are NOT accessible by others.\n\
         This private key will be ignored.\n"
    )
}

fn an_open_file_is_refused_with_the_block_of_text(world: &World) {
    let agent = world.agent();
    world.key(KeyType::Ed25519, "key").set_mode(0o644);
    agent.ssh_add().arg("key").output().exits(1).prints("").reports(&block("0644", "key"));
    assert!(agent.list().is_empty());
}

fn every_bit_of_group_and_others_counts(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    for mode in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o777, 0o4640] {
        key.set_mode(mode);
        let text = block(&format!("{mode:04o}"), "key");
        // The original shows the nine permission bits of a file with more.
        let text = text.replace("4640", "0640");
        agent.ssh_add().arg("key").output().exits(1).reports(&text);
    }
}

fn private_modes_are_taken(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    for mode in [0o600, 0o400, 0o700] {
        key.set_mode(mode);
        agent.ssh_add().arg("key").output().exits(0);
    }
}

fn stdin_is_not_checked(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    key.set_mode(0o644);
    let run =
        world.program("sh").args(["-c", "ssh-add - <key"]).env("SSH_AUTH_SOCK", agent.socket());
    run.output().exits(0);
}

/// A key that root keeps for everyone is meant to be read. Only root can set this up.
fn a_file_of_another_owner_is_not_checked(world: &World) {
    if !rustix::process::getuid().is_root() {
        keyfob_testkit::harness::skip("only root can give a file away");
    }
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    key.set_mode(0o644);
    std::os::unix::fs::chown(key.path(), Some(12345), None).unwrap();
    agent.ssh_add().arg("key").output().exits(0);
}

fn the_public_file_s_mode_does_not_matter(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    keyfob_testkit::KeyFile::at(key.public_path()).set_mode(0o666);
    agent.ssh_add().arg("key").output().exits(0);
}

fn deleting_does_not_check(world: &World) {
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    key.set_mode(0o666);
    agent.ssh_add().args(["-d", "key"]).output().exits(0);
}
