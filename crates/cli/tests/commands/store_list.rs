//! `keyfob list --store`: locked, and proved.

use std::fs;

use keyfob_testkit::{KeyType, World};

use crate::support::{hints, in_store, keyfob, keyfob_unlocking, make_store, world};

fn filled(world: &World) {
    make_store(world);
    world.make_folder("far away");
    world.key(KeyType::Ed25519, "work");
    world.encrypted_key(KeyType::EcdsaP256, "far away/id", "secret");
    world.write("passphrase", "secret\n", 0o600);
    let save = ["--save", "-t", "8h", "-c", "work"];
    keyfob_unlocking(world, "add").args(save).output().exits(0);
    let link = ["--link", "--passphrase-file", "passphrase", "--name", "far", "far away/id"];
    keyfob_unlocking(world, "add").args(link).output().exits(0);
}

#[test]
fn a_locked_store_shows_its_keys_and_that_they_are_not_proved() {
    let world = world();
    filled(&world);
    let listed = keyfob(&world).args(["list", "--store"]).output();
    listed.exits(0).reports_among_else("Unverified: the store is locked");
    hints(&listed, "--unlock");
    let table = listed.stdout();
    let line = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("work").contains("stored") && line("work").contains("ED25519 256"), "{table}");
    assert!(line("work").ends_with("unverified") && line("far").contains("linked"), "{table}");
    let path = world.path("far away/id");
    assert!(!table.contains(path.to_str().unwrap()), "where it is, is not in the clear");
    // Another public key in the place of one is no key at all.
    fs::copy(world.path("far away/id.pub"), in_store(&world, "keys/work.pub")).unwrap();
    let listed = keyfob(&world).args(["list", "--store", "--json"]).output();
    listed.exits(0).prints_among_else("\"verified\": false").prints_among_else("\"type\": null");
}

#[test]
fn an_unlocked_store_shows_the_rules_and_where_linked_files_are() {
    let world = world();
    filled(&world);
    let listed = keyfob_unlocking(&world, "list").args(["--store", "--unlock"]).output();
    listed.exits(0).reports("");
    let table = listed.stdout();
    assert!(table.contains("8h") && table.contains("confirm"), "{table}");
    let path = world.path("far away/id");
    assert!(table.contains(path.to_str().unwrap()), "{table}");
    let json = keyfob_unlocking(&world, "list").args(["--store", "--unlock", "--json"]).output();
    json.exits(0).prints_among_else("\"verified\": true").prints_among_else("\"lifetime\": 28800");
    json.prints_among_else("\"linked_file\": \"/");
    // What is not as it should be is told, and where.
    fs::write(in_store(&world, "keys/work.pub"), "ssh-ed25519 AAAA x\n").unwrap();
    let listed = keyfob_unlocking(&world, "list").args(["--store", "--unlock"]).output();
    listed.exits(0).reports_among_else("One thing in the key store is not as it should be.");
    hints(&listed, "keyfob check");
}

#[test]
fn where_there_is_none_or_nothing_it_says_so() {
    let world = world();
    let none = keyfob(&world).args(["list", "--store"]).output();
    none.exits(1).reports_among_else("no key store at ");
    hints(&none, "keyfob init");
    make_store(&world);
    let empty = keyfob(&world).args(["list", "--store"]).output();
    empty.exits(0).prints("").reports_among_else("is empty");
}

#[test]
fn a_comment_cannot_steer_the_terminal() {
    let world = world();
    make_store(&world);
    let make = ["-q", "-t", "ed25519", "-N", "", "-C", "a\u{1b}[2Jb", "-f", "odd"];
    world.system_program("ssh-keygen").args(make).output().exits(0);
    let saved = keyfob_unlocking(&world, "add").args(["--save", "odd"]).output();
    assert!(!saved.exits(0).stderr().contains('\u{1b}'), "{saved}");
    let unlocked = |flags: &[&str]| keyfob_unlocking(&world, "list").args(flags).output();
    for listed in [
        keyfob(&world).args(["list", "--store"]).output(),
        unlocked(&["--store", "--unlock"]),
        unlocked(&["--store", "--unlock", "--json"]),
    ] {
        assert!(!listed.exits(0).stdout().contains('\u{1b}'), "{listed}");
    }
    let set = keyfob_unlocking(&world, "set").args(["odd", "-C", "plain"]).output();
    assert!(!set.exits(0).stderr().contains('\u{1b}'), "{set}");
}
