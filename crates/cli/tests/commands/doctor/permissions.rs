//! Modes and owners.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::Path;

use keyfob_testkit::KeyType;

use super::{Found, doctor_with, own_agent};
use crate::support::{make_store, skipped, world};

fn mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn each_mode_that_lets_others_in_is_found_and_one_that_does_not_is_fine() {
    let world = world();
    make_store(&world);
    // Otherwise it is there with the first line.
    world.make_folder(".local/state/keyfob/log");
    mode(&world.path(".local/state/keyfob"), 0o700);
    mode(&world.path(".local/state/keyfob/log"), 0o700);
    let agent = own_agent(&world);
    world.write(".ssh/config", "", 0o600);
    world.write(".ssh/known_hosts", "", 0o644);
    world.write(".ssh/authorized_keys", "", 0o644);
    world.make_folder(".config/keyfob");
    world.write(".config/keyfob/config.toml", "", 0o600);
    mode(&world.home(), 0o755);
    Found::by(doctor_with(&world, &agent), 0).lacks("permissions", "wrong", "");
    for (name, bad, good, part) in [
        ("", 0o775, 0o755, "StrictModes"),
        (".ssh", 0o720, 0o700, "others may change it (mode 0720)"),
        (".ssh/config", 0o664, 0o600, "ssh refuses"),
        (".ssh/known_hosts", 0o646, 0o644, "which hosts are believed"),
        (".ssh/authorized_keys", 0o664, 0o644, "StrictModes"),
        (".local/share/keyfob/store", 0o750, 0o700, "key store"),
        (".local/state/keyfob/log", 0o750, 0o700, "where you log in"),
        (".config/keyfob/config.toml", 0o662, 0o600, "what the agent allows"),
        ("run/keyfob", 0o770, 0o700, "in the agent's place"),
        ("run/keyfob/agent.sock", 0o666, 0o600, "nobody else's"),
    ] {
        let path = if name.is_empty() { world.home() } else { world.path(name) };
        mode(&path, bad);
        let found = Found::by(doctor_with(&world, &agent), 1);
        found.has_at("permissions", "wrong", part, &path, None);
        mode(&path, good);
        Found::by(doctor_with(&world, &agent), 0).lacks("permissions", "wrong", "");
    }
    mode(&world.path(".ssh"), 0o755);
    let found = Found::by(doctor_with(&world, &agent), 0);
    found.has_at("permissions", "note", "are seen", &world.path(".ssh"), None);
}

/// Lost otherwise: keyfob is unpacked where others may write, and who they are decides what the next login
/// starts.
#[test]
fn a_program_that_others_may_change_is_told() {
    let world = world();
    let folder = world.make_folder("unpacked");
    let program = folder.join("keyfob");
    std::fs::copy(env!("CARGO_BIN_EXE_keyfob"), &program).unwrap();
    let told = |folder_mode, program_mode| {
        mode(&folder, folder_mode);
        mode(&program, program_mode);
        let run = world.system_program(program.to_str().unwrap()).args(["doctor", "--json"]);
        Found::of(&run.output())
    };
    let part = "chooses what runs with your keys";
    told(0o755, 0o755).lacks("permissions", "note", part);
    told(0o777, 0o755).has_at("permissions", "note", part, &folder, None);
    told(0o755, 0o775).has_at("permissions", "note", part, &program, None);
}

#[test]
fn a_key_that_others_can_read_is_wrong() {
    let world = world();
    let agent = own_agent(&world);
    let key = world.key(KeyType::Ed25519, ".ssh/id_ed25519");
    mode(key.path(), 0o644);
    let found = Found::by(doctor_with(&world, &agent), 1);
    found.has_at("keys", "wrong", "others may read it (mode 0644)", key.path(), None);
    mode(key.path(), 0o600);
    Found::by(doctor_with(&world, &agent), 0).lacks("keys", "wrong", "");
}

#[test]
fn another_owner_is_told() {
    let world = world();
    let agent = own_agent(&world);
    let config = world.write(".ssh/config", "", 0o600);
    if chown(&config, Some(65534), None).is_err() {
        skipped("only root can give a file away");
        return;
    }
    let found = Found::by(doctor_with(&world, &agent), 1);
    found.has_at("permissions", "wrong", "belongs to user 65534", &config, None);
}

#[test]
fn a_runtime_folder_that_is_not_used_is_told() {
    let world = world();
    let folder = world.make_folder("run");
    mode(&folder, 0o777);
    let run = super::doctor(&world);
    let found = Found::by(run, 1);
    found.has_at("permissions", "wrong", "is not used: it has mode 0777", &folder, None);
}
