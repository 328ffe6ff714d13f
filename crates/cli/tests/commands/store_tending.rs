//! `keyfob rename`, `delete` and `set`.

use std::fs;

use keyfob_testkit::{Authority, CertificateRequest, KeyType, World};

use crate::support::{
    STORE_PASSPHRASE, hints, in_store, keyfob, keyfob_unlocking, make_store, world,
};

fn with_keys(world: &World, names: &[&str]) {
    make_store(world);
    for (name, kind) in names.iter().zip(KeyType::EACH) {
        world.key(kind, name);
        keyfob_unlocking(world, "add").args(["--save", name]).output().exits(0);
    }
}

#[test]
fn a_key_gets_another_name_and_keeps_its_public_half() {
    let world = world();
    with_keys(&world, &["a", "b"]);
    let before = fs::read(in_store(&world, "keys/a.pub")).unwrap();
    let rename =
        |from: &str, to: &str| keyfob_unlocking(&world, "rename").args([from, to]).output();
    rename("a", "work").exits(0).reports_among_else("a is called work now.");
    assert_eq!(fs::read(in_store(&world, "keys/work.pub")).unwrap(), before);
    assert!(!in_store(&world, "keys/a.pub").exists());
    rename("work", "b").exits(1).reports_among_else("there is a key named b");
    rename("work", "../b").exits(1).reports_among_else("cannot be called");
    rename("nothing", "c").exits(1).reports_among_else("no key named nothing");
}

#[test]
fn deleting_shows_the_key_and_asks() {
    let world = world();
    with_keys(&world, &["a", "b"]);
    let unasked = keyfob_unlocking(&world, "delete").args(["a"]).output();
    unasked.exits(1).reports_among_else("a  ED25519 SHA256:");
    hints(&unasked, "--yes");
    let mut terminal = keyfob(&world).args(["delete", "a"]).on_terminal();
    terminal.expect("Passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("Delete it from the key store?").type_line("no");
    terminal.wait().0.exits(1).reports_among_else("Nothing was changed");
    assert!(in_store(&world, "keys/a.sealed").exists());
    let wrong = keyfob_unlocking(&world, "delete").args(["--yes", "a", "c"]).output();
    wrong.exits(1).reports_among_else("no key named c");
    assert!(in_store(&world, "keys/a.sealed").exists(), "all of them, or none");
    let deleted = keyfob_unlocking(&world, "delete").args(["--yes", "a", "b"]).output();
    deleted.exits(0).reports_among_else("Copies stay as they are");
    assert_eq!(fs::read_dir(in_store(&world, "keys")).unwrap().count(), 0);
}

#[test]
fn the_file_of_a_linked_key_stays() {
    let world = world();
    make_store(&world);
    let key = world.key(KeyType::Ed25519, "id");
    keyfob_unlocking(&world, "add").args(["--link", "id"]).output().exits(0);
    let deleted = keyfob_unlocking(&world, "delete").args(["--yes", "id"]).output();
    deleted.exits(0).reports_among_else("its file stays: /");
    assert!(key.path().exists());
}

#[test]
fn rules_are_set_and_taken_away_and_each_change_is_told() {
    let world = world();
    with_keys(&world, &["id"]);
    let host = fs::read_to_string(world.key(KeyType::EcdsaP256, "host").public_path()).unwrap();
    world.write("hosts", format!("box.example {host}"), 0o600);
    let set = |flags: &[&str]| keyfob_unlocking(&world, "set").arg("id").args(flags).output();
    let more = ["--lifetime", "8h", "--confirm", "-H", "hosts", "--host", "me@box.example"];
    let changed = set(&more);
    changed.exits(0).reports_among_else("id: lifetime: 8h (before: none)\n");
    changed.reports_among_else("id: asks before each use: yes (before: no)\n");
    changed.reports_among_else("id: hosts: me@box.example (before: any)\n");
    set(&more).exits(0).reports("id: nothing changes, it is so already\n");
    let listed = keyfob_unlocking(&world, "list").args(["--store", "--unlock"]).output();
    listed.prints_among_else("confirm, only me@box.example");
    let less = set(&["--lifetime", "none", "--no-confirm", "--host", "any", "-C", "my key"]);
    less.exits(0).reports_among_else("lifetime: none (before: 8h)");
    less.reports_among_else("hosts: any (before: me@box.example)");
    let line = fs::read_to_string(in_store(&world, "keys/id.pub")).unwrap();
    assert!(line.ends_with(" my key\n"), "{line}");
    set(&[]).exits(1);
    set(&["--host", "elsewhere.example"]).exits(255);
    set(&["-C", "two\nlines"]).exits(1).reports_among_else("a line break");
}

#[test]
fn a_certificate_is_taken_for_its_own_key_only() {
    let world = world();
    with_keys(&world, &["id", "other"]);
    let key = keyfob_testkit::KeyFile::at(world.path("id"));
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    let set = |name: &str, file: &str| {
        keyfob_unlocking(&world, "set").args([name, "--certificate", file]).output()
    };
    set("other", "id-cert.pub").exits(1).reports_among_else("for another key");
    set("id", "id.pub").exits(1).reports_among_else("this is no certificate");
    set("id", "id-cert.pub").exits(0).reports_among_else("(before: none)");
    assert!(in_store(&world, "keys/id-cert.pub").exists());
    set("id", "none").exits(0);
    assert!(!in_store(&world, "keys/id-cert.pub").exists());
}

/// Lost otherwise: who has no store looks for a file, a terminal and a passphrase before that is said.
#[test]
fn that_there_is_no_store_is_said_before_anything_else_is_missing() {
    let world = world();
    for command in [&["export", "key"][..], &["recovery", "new"], &["delete", "key"], &["rekey"]] {
        let told = keyfob(&world).args(command).output();
        told.exits(1).reports_among_else("no key store at ");
        hints(&told, "keyfob init");
    }
}

/// Lost otherwise: the reason stands at the end of the question.
#[test]
fn a_question_that_the_end_of_input_answers_ends_its_line() {
    let world = world();
    make_store(&world);
    let told = keyfob(&world).args(["delete", "key"]).output();
    told.exits(1).reports_among_else("Passphrase for the key store: \nkeyfob: no passphrase");
}
