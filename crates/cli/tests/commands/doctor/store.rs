//! The key store, the settings and the log.

use std::fs;

use keyfob_testkit::KeyType;

use super::{Found, doctor_with, own_agent};
use crate::support::{in_store, keyfob_unlocking, make_store, world};

#[test]
fn a_store_that_is_damaged_is_told_file_by_file_without_its_passphrase() {
    let world = world();
    make_store(&world);
    world.key(KeyType::Ed25519, "work");
    keyfob_unlocking(&world, "add").args(["--save", "work"]).output().exits(0);
    let agent = own_agent(&world);
    let run = || doctor_with(&world, &agent);
    Found::by(run(), 0).has("store", "ok", "a key store with 1 key");
    let sealed = in_store(&world, "keys/work.sealed");
    let whole = fs::read(&sealed).unwrap();
    fs::write(&sealed, &whole[..20]).unwrap();
    let told = Found::by(run(), 1);
    told.has_at("store", "wrong", "its first line is damaged", &sealed, None);
    fs::write(&sealed, &whole).unwrap();
    let public = in_store(&world, "keys/work.pub");
    let line = fs::read(&public).unwrap();
    fs::write(
        &public,
        fs::read(world.key(KeyType::Ed25519, "other").path().with_extension("pub")).unwrap(),
    )
    .unwrap();
    let told = Found::by(run(), 1);
    told.has_at("store", "wrong", "is not the public half of its key", &public, None);
    fs::write(&public, line).unwrap();
    let stranger = in_store(&world, "slots/stranger");
    fs::write(&stranger, "x").unwrap();
    Found::by(run(), 0).has("store", "warning", "is no file of a key store");
    fs::remove_file(&stranger).unwrap();
    let slots = in_store(&world, "slots");
    for slot in fs::read_dir(&slots).unwrap().flatten() {
        fs::rename(slot.path(), world.path(slot.file_name())).unwrap();
    }
    Found::by(run(), 1).has("store", "wrong", "no way to unlock it");
    fs::write(in_store(&world, "VAULT"), "x").unwrap();
    Found::by(run(), 1).has("store", "wrong", "VAULT");
}

/// Lost otherwise: looking would finish what was cut short, and write.
#[test]
fn a_store_that_stands_aside_is_told_and_left_there() {
    let world = world();
    make_store(&world);
    let store = in_store(&world, "").components().collect::<std::path::PathBuf>();
    let aside = store.with_extension("replaced");
    // An agent that runs would put it back.
    fs::rename(&store, &aside).unwrap();
    let found = Found::by(super::doctor(&world), 1);
    found.has_at("store", "wrong", "was cut short", &store, None);
    assert!(aside.is_dir() && !store.exists());
}

#[test]
fn a_mistake_in_the_settings_has_its_line() {
    let world = world();
    world.make_folder(".config/keyfob");
    let file = world.write(".config/keyfob/config.toml", "[agent]\nlearn = true\n", 0o600);
    let agent = own_agent(&world);
    Found::by(doctor_with(&world, &agent), 0).has("settings", "ok", "the settings are right");
    world.write(".config/keyfob/config.toml", "[agent]\n\nlaern = true\n", 0o600);
    let found = Found::by(doctor_with(&world, &agent), 1);
    found.has_at("settings", "wrong", "unknown setting `laern`", &file, Some(3));
    world.waits_until("the agent sees it", std::time::Duration::from_secs(20), || {
        let found = Found::by(doctor_with(&world, &agent), 1);
        !found.all("settings", "warning", "the agent runs with older settings").is_empty()
    });
}

#[test]
fn a_line_of_the_log_that_was_changed_is_found() {
    let world = world();
    let agent = own_agent(&world);
    let key = world.key(KeyType::Ed25519, "key");
    agent.add(&key);
    agent.ssh_add().arg("-T").arg(format!("{}.pub", key.path().display())).output().exits(0);
    let book = world.path(".local/state/keyfob/log/1");
    let lines = || {
        let files = fs::read_dir(&book).into_iter().flatten().flatten().map(|file| file.path());
        files.into_iter().find(|path| path.extension().is_some_and(|it| it == "jsonl"))
    };
    world.waits_until("a line is written", std::time::Duration::from_secs(20), || {
        lines().is_some_and(|path| fs::read_to_string(path).unwrap().lines().count() > 1)
    });
    Found::by(doctor_with(&world, &agent), 0).has("log", "ok", "nothing is seen to be wrong");
    let path = lines().unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let first = text.lines().next().unwrap();
    fs::write(&path, text.replacen(first, &first.replacen(':', ": ", 1), 1)).unwrap();
    let found = Found::by(doctor_with(&world, &agent), 1);
    found.has("log", "wrong", "the log was damaged or changed");
}
