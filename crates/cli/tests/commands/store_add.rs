//! `keyfob add --save` and `--link`: keys that outlive the session.

use std::fs;

use keyfob_testkit::{Answer, Authority, CertificateRequest, KeyType, World};

use crate::support::{
    STORE_PASSPHRASE, fingerprint, hints, in_store, keyfob, keyfob_unlocking, keyfob_with,
    make_store, world,
};

fn add(world: &World, flags: &[&str]) -> keyfob_testkit::Output {
    keyfob_unlocking(world, "add").args(flags).output()
}

#[test]
fn a_saved_key_is_in_the_store_and_its_file_stays() {
    let world = world();
    make_store(&world);
    let key = world.encrypted_key(KeyType::Ed25519, "work", "secret");
    world.write("passphrase", "secret\n", 0o600);
    let before = fs::read(key.path()).unwrap();
    let saved = add(&world, &["--save", "--passphrase-file", "passphrase", "work"]);
    saved.exits(0).reports_among_else("work as work\n").reports_among_else("The file stays");
    assert_eq!(fs::read(key.path()).unwrap(), before);
    let public = in_store(&world, "keys/work.pub");
    assert_eq!(fingerprint(&world, &public), fingerprint(&world, &key.public_path()));
    let line = fs::read_to_string(&public).unwrap();
    assert_eq!(line, key.public_line() + "\n", "the comment comes along");
    assert!(in_store(&world, "keys/work.sealed").exists());

    let again = add(&world, &["--save", "--passphrase-file", "passphrase", "work"]);
    again.exits(1).reports_among_else("in the key store already, as work");
}

#[test]
fn a_linked_key_stays_in_its_file_and_its_certificate_comes_along() {
    let world = world();
    make_store(&world);
    world.make_folder("far away");
    let key = world.key(KeyType::EcdsaP256, "far away/id");
    let authority = Authority::new(&world, "authority");
    authority.certify(&key, &CertificateRequest::default());
    let linked = add(&world, &["--link", "--name", "far", "far away/id"]);
    linked
        .exits(0)
        .reports_among_else("as far, with its certificate")
        .reports_among_else("link it");
    assert!(in_store(&world, "keys/far-cert.pub").exists());
    let pipe = keyfob_unlocking(&world, "add").args(["--link", "-"]).stdin("x").output();
    pipe.exits(1).reports_among_else("only a file can be linked");
}

#[test]
fn limits_are_kept_and_one_that_cannot_be_kept_adds_nothing() {
    let world = world();
    make_store(&world);
    let key = world.key(KeyType::Ed25519, "id");
    let host = fs::read_to_string(world.key(KeyType::EcdsaP256, "host").public_path()).unwrap();
    world.write("hosts", format!("box.example {host}"), 0o600);
    let flags = ["--save", "-t", "90m", "-c", "-H", "hosts", "-h"];
    let unknown = add(&world, &[&flags[..], &["other.example", "id"]].concat());
    unknown.exits(255);
    assert!(!in_store(&world, "keys/id.pub").exists());
    let kept = add(&world, &[&flags[..], &["me@box.example", "id"]].concat());
    kept.exits(0);
    kept.reports_among_else("id, for 1h 30m, asks before each use, for me@box.example only");
    drop(key);
}

#[test]
fn without_a_store_it_says_how_to_make_one_before_it_asks_for_anything() {
    let world = world();
    world.encrypted_key(KeyType::Ed25519, "id", "secret");
    let none = keyfob(&world).args(["add", "--save", "id"]).output();
    none.exits(1).reports_among_else("no key store at ");
    hints(&none, "keyfob init");
}

#[test]
fn on_a_terminal_a_first_key_makes_the_store() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    let mut terminal = keyfob(&world).args(["add", "--save", "id"]).on_terminal();
    terminal.expect("There is no key store yet. Make one in ").type_line("yes");
    terminal.expect("New passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("The same again: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("It is shown this once:");
    terminal.wait().0.exits(0).reports_among_else("saved ");
    assert!(in_store(&world, "keys/id.sealed").exists());
}

#[test]
fn a_wrong_passphrase_is_asked_for_three_times() {
    let world = world();
    make_store(&world);
    world.key(KeyType::Ed25519, "id");
    let mut terminal = keyfob(&world).args(["add", "--save", "id"]).on_terminal();
    terminal.expect("Passphrase for the key store: ").answer_unseen("wrong");
    terminal.expect("Wrong passphrase, try again for the key store: ").answer_unseen("wrong");
    terminal.expect("Wrong passphrase, try again for the key store: ").answer_unseen("wrong");
    let (output, ..) = terminal.wait();
    output.exits(1).reports_among_else("keyfob: wrong passphrase");
    hints(&output, "--recovery-code");
    let mut terminal = keyfob(&world).args(["add", "--save", "id"]).on_terminal();
    terminal.expect("Passphrase for the key store: ").answer_unseen("wrong");
    terminal.expect("try again for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.wait().0.exits(0);
}

#[test]
fn a_plain_add_names_the_store_to_who_has_one() {
    let world = world();
    let agent = world.agent();
    let key = world.key(KeyType::Ed25519, "id");
    let add = || keyfob_with(&world, &agent).arg("add").arg(key.path()).output();
    assert!(!add().stderr().contains("--save"));
    make_store(&world);
    let added = add();
    hints(&added, "--save");
    added.reports_among_else("For this session only");
}

#[test]
fn the_passphrase_is_asked_for_in_a_window_too_and_once_for_a_command() {
    let world = world();
    make_store(&world);
    world.make_folder("keys");
    world.key(KeyType::Ed25519, "keys/a");
    world.key(KeyType::EcdsaP256, "keys/b");
    let askpass = world.askpass();
    askpass.answers(&[Answer::line(STORE_PASSPHRASE)]);
    let run = askpass.forced_on(keyfob(&world).args(["add", "--save", "keys"]));
    run.output().exits(0).reports_among_else("The files stay where they are.");
    let prompts: Vec<String> = askpass.calls().into_iter().map(|call| call.prompt).collect();
    assert_eq!(prompts, ["Passphrase for the key store: "]);
    let named = keyfob_unlocking(&world, "add").args(["--save", "--name", "x", "keys"]).output();
    named.exits(1).reports_among_else("--name is for one key");
}

#[test]
fn both_passphrases_may_come_in_lines_of_standard_input() {
    let world = world();
    make_store(&world);
    world.encrypted_key(KeyType::Ed25519, "id", "secret");
    let flags = ["add", "--save", "--passphrase-file", "-", "--store-passphrase-file", "-", "id"];
    let lines = format!("secret\n{STORE_PASSPHRASE}\n");
    keyfob(&world).args(flags).stdin(lines).output().exits(0);
}

#[test]
fn the_passphrase_of_a_store_that_is_not_opened_is_a_mistake() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    world.write("pass", "x\n", 0o600);
    for command in [
        &["add", "id"][..],
        &["add", "-C", "id"],
        &["generate", "-f", "new", "--no-passphrase"],
        &["generate", "-q", "./new"],
        &["generate", "--add", "./new"],
        &["list", "--store"],
        &["passphrase", "id"],
    ] {
        let run = keyfob(&world).args(command).args(["--store-passphrase-file", "pass"]);
        let output = run.output();
        output.exits(1).reports_among_else("error: the ");
        assert!(!world.path("new").exists(), "{command:?}");
    }
    let memory = keyfob(&world).args(["passphrase", "--memory", "64M", "id"]).output();
    memory.exits(1).reports_among_else("error: the ");
}
