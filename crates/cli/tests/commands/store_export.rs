//! `keyfob export`: what leaves the store opens elsewhere, and never weaker than was said.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use keyfob_testkit::{Authority, CertificateRequest, KeyType, Output, World};

use crate::support::{
    STORE_PASSPHRASE, hints, in_store, keyfob, keyfob_unlocking, make_store, world,
};

fn saved(world: &World, kind: KeyType, name: &str) -> String {
    let key = world.key(kind, name);
    keyfob_unlocking(world, "add").args(["--save", name]).output().exits(0);
    let line = key.public_line();
    fs::remove_file(key.path()).unwrap();
    fs::remove_file(key.public_path()).unwrap();
    line
}

fn export(world: &World, flags: &[&str]) -> Output {
    keyfob_unlocking(world, "export").args(flags).output()
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().take(2).collect()
}

#[test]
fn every_format_is_read_by_the_programs_it_is_for() {
    let world = world();
    make_store(&world);
    world.write("new", "new secret\n", 0o600);
    for (kind, name) in [(KeyType::Rsa2048, "rsa"), (KeyType::EcdsaP256, "ecdsa")] {
        let public = saved(&world, kind, name);
        for format in ["openssh", "pem", "pkcs8", "ppk", "ppk2"] {
            let file = format!("{name}.{format}");
            let flags = ["--new-passphrase-file", "new", "--format", format, "-o", &file, name];
            let exported = export(&world, &flags);
            exported.exits(0).reports_among_else("a passphrase of its own");
            let mode = fs::metadata(world.path(&file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let read = if format.starts_with("ppk") {
                world.system_program("puttygen").args(["-L", "--old-passphrase", "new", &file])
            } else {
                world.system_program("ssh-keygen").args(["-y", "-P", "new secret", "-f", &file])
            };
            let read = read.output();
            assert_eq!(words(&read.exits(0).stdout()), words(&public), "{format}");
        }
    }
}

#[test]
fn a_file_without_a_passphrase_is_made_only_when_that_was_said() {
    let world = world();
    make_store(&world);
    let public = saved(&world, KeyType::Ed25519, "id");
    let nobody = export(&world, &["-o", "file", "id"]);
    nobody.exits(1).reports_among_else("no terminal to ask on");
    hints(&nobody, "--no-passphrase");
    let nowhere = export(&world, &["--no-passphrase", "id"]);
    nowhere.exits(1).prints("");
    hints(&nowhere, "-o FILE");
    assert!(!world.path("file").exists());
    let open = export(&world, &["--no-passphrase", "-o", "file", "id"]);
    open.exits(0).reports_among_else("whoever can read it can use the key");
    let read = world.system_program("ssh-keygen").args(["-y", "-P", "", "-f", "file"]).output();
    assert_eq!(words(&read.exits(0).stdout()), words(&public));
    let again = export(&world, &["--no-passphrase", "-o", "file", "id"]);
    again.exits(1).reports_among_else("there is a file of this name already");
    let piped = export(&world, &["--no-passphrase", "-o", "-", "id"]);
    piped.exits(0).prints_among_else("-----BEGIN OPENSSH PRIVATE KEY-----");

    let mut terminal = keyfob(&world).args(["export", "-o", "asked", "id"]).on_terminal();
    terminal.expect("Passphrase for the key store: ").answer_unseen(STORE_PASSPHRASE);
    terminal.expect("Passphrase of the new file: ").answer_unseen("");
    terminal.expect("Passphrase of the new file: ").answer_unseen("seven green bottles");
    terminal.expect("The same again: ").answer_unseen("seven green bottles");
    terminal.wait().0.exits(0);
    let read = ["-y", "-P", "seven green bottles", "-f", "asked"];
    world.system_program("ssh-keygen").args(read).output().exits(0);
}

#[test]
fn a_public_half_that_was_changed_keeps_the_key_in() {
    let world = world();
    make_store(&world);
    saved(&world, KeyType::Ed25519, "id");
    let other = world.key(KeyType::EcdsaP256, "other");
    fs::copy(other.public_path(), in_store(&world, "keys/id.pub")).unwrap();
    let refused = export(&world, &["--no-passphrase", "-o", "file", "id"]);
    refused.exits(1).reports_among_else("is not the public half of id");
    hints(&refused, "keyfob check");
    assert!(!world.path("file").exists());
}

#[test]
fn a_certificate_goes_along_and_a_link_is_no_key() {
    let world = world();
    make_store(&world);
    let key = world.key(KeyType::Ed25519, "id");
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    keyfob_unlocking(&world, "add").args(["--save", "id"]).output().exits(0);
    export(&world, &["--no-passphrase", "-o", "out", "id"]).exits(0);
    let show = world.system_program("ssh-keygen").args(["-L", "-f", "out-cert.pub"]).output();
    show.exits(0);
    world.key(KeyType::EcdsaP256, "linked");
    keyfob_unlocking(&world, "add").args(["--link", "linked"]).output().exits(0);
    let linked = export(&world, &["--no-passphrase", "-o", "file", "linked"]);
    linked.exits(1).reports_among_else("linked is a link: its private half is in /");
    hints(&linked, "keyfob convert");
    let unknown = export(&world, &["--no-passphrase", "-o", "file", "nothing"]);
    unknown.exits(1).reports_among_else("no key named nothing");
    hints(&unknown, "keyfob list --store");
}

#[test]
fn a_format_without_room_for_a_key_names_one_that_has_it() {
    let world = world();
    make_store(&world);
    world.key(KeyType::Ed25519, "id");
    keyfob_unlocking(&world, "add").args(["--save", "id"]).output().exits(0);
    let refused = export(&world, &["--format", "pem", "--no-passphrase", "-o", "file", "id"]);
    refused.exits(1).reports_among_else("has no form for it");
    hints(&refused, "the format pkcs8");
    assert!(!refused.stderr().contains("--to"), "that is a flag of another command\n{refused}");
}
