//! `keyfob comment`: in the private file and beside it.

use std::fs;

use keyfob_testkit::{Authority, CertificateRequest, KeyType, Output, World};

use crate::support::{hints, keyfob, world};

fn comment(world: &World, path: &str, text: &str) -> Output {
    keyfob(world).args(["comment", path, text]).output()
}

/// What ssh-keygen finds inside a private file.
fn inside(world: &World, path: &str, passphrase: &str) -> String {
    let run = world.system_program("ssh-keygen").args(["-y", "-P", passphrase, "-f", path]);
    let output = run.output();
    output.exits(0);
    output.stdout().trim_end().splitn(3, ' ').nth(2).unwrap_or_default().to_owned()
}

#[test]
fn both_halves_get_it_and_the_old_one_is_told() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let old = key.comment();
    let changed = comment(&world, "id", "Zoë's new key");
    changed.exits(0);
    changed.reports(&format!("id and id.pub: comment \"Zoë's new key\"; it was \"{old}\"\n"));
    assert_eq!(inside(&world, "id", ""), "Zoë's new key");
    assert_eq!(key.comment(), "Zoë's new key");
    comment(&world, "id", "Zoë's new key").exits(0).reports_among_else("already");
    comment(&world, "id", "").exits(0).reports_among_else("comment removed; it was");
    assert_eq!(inside(&world, "id", ""), "");
    assert_eq!(key.comment(), "");
}

#[test]
fn an_encrypted_file_keeps_its_passphrase_and_how_it_is_protected() {
    let world = world();
    world.encrypted_key(KeyType::EcdsaP256, "id", "secret");
    let rekey =
        world.system_program("ssh-keygen").args(["-q", "-p", "-P", "secret", "-N", "secret"]);
    rekey.args(["-Z", "aes128-cbc", "-a", "3", "-f", "id"]).output().exits(0);
    let run = keyfob(&world).args(["comment", "id", "new"]).stdin("secret\n");
    run.output().exits(0);
    assert_eq!(inside(&world, "id", "secret"), "new");
    let json = keyfob(&world).args(["inspect", "--json", "id"]).output();
    json.prints_among_else("aes128-cbc").prints_among_else("\"rounds\": 3");
}

#[test]
fn the_public_file_of_another_key_stays() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let other = world.key(KeyType::EcdsaP256, "other");
    fs::copy(other.public_path(), key.public_path()).unwrap();
    let changed = comment(&world, "id", "new");
    changed.exits(0).reports_among_else("id.pub belongs to another key and stays as it is.");
    assert_eq!(key.public_line(), other.public_line());
}

#[test]
fn public_files_and_certificates_have_comments_too() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    for name in ["id.pub", "id-cert.pub"] {
        let blob = |line: &str| line.split(' ').nth(1).unwrap().to_owned();
        let before = fs::read_to_string(world.path(name)).unwrap();
        comment(&world, name, "new one").exits(0);
        let after = fs::read_to_string(world.path(name)).unwrap();
        assert!(after.ends_with(" new one\n"), "{after}");
        assert_eq!(blob(&after), blob(&before));
    }
    assert_ne!(inside(&world, "id", ""), "new one");
}

#[test]
fn the_form_of_rfc_4716_has_one() {
    let world = world();
    world.key(KeyType::Rsa2048, "id");
    let export = world.system_program("ssh-keygen").args(["-e", "-f", "id.pub"]).output();
    world.write("id.rfc", &export.stdout, 0o644);
    comment(&world, "id.rfc", "new one").exits(0);
    let text = fs::read_to_string(world.path("id.rfc")).unwrap();
    assert!(text.contains("Comment: \"new one\"") || text.contains("Comment: new one"), "{text}");
    let import = world.system_program("ssh-keygen").args(["-i", "-f", "id.rfc"]).output();
    import.exits(0);
    let line = fs::read_to_string(world.path("id.pub")).unwrap();
    assert_eq!(import.stdout().split(' ').nth(1).map(str::trim), line.split(' ').nth(1));
}

#[test]
fn files_of_putty_have_one() {
    let world = world();
    let make = world.system_program("puttygen").args(["-t", "ed25519", "-q", "-C", "old"]);
    world.write("empty", "", 0o600);
    make.args(["--new-passphrase", "empty", "-o", "id.ppk"]).output().exits(0);
    let changed = comment(&world, "id.ppk", "new one");
    changed.exits(0).reports("id.ppk: comment \"new one\"; it was \"old\"\n");
    let line = world.system_program("puttygen").args(["-L", "id.ppk"]).output();
    line.exits(0).prints_among_else(" new one");
}

#[test]
fn formats_without_one_say_so() {
    let world = world();
    world.key(KeyType::Rsa2048, "id");
    let run =
        world.system_program("ssh-keygen").args(["-q", "-p", "-m", "PEM", "-P", "", "-N", ""]);
    run.args(["-f", "id"]).output().exits(0);
    let refused = comment(&world, "id", "new");
    refused.exits(1).reports_among_else("this format has no comment");
    hints(&refused, "keyfob comment id.pub TEXT");
    let many = fs::read_to_string(world.path("id.pub")).unwrap().repeat(2);
    world.write("keys", many, 0o600);
    comment(&world, "keys", "x").exits(1).reports_among_else("more than one key");
}

#[test]
fn a_key_that_openssh_does_not_know_is_not_to_be_made_an_openssh_file() {
    let world = world();
    let openssl = |arguments: &[&str]| {
        world.system_program("openssl").args(arguments).output().exits(0);
    };
    openssl(&["genpkey", "-algorithm", "ed448", "-out", "id"]);
    openssl(&["pkey", "-in", "id", "-pubout", "-out", "public"]);
    for name in ["id", "public"] {
        let refused = comment(&world, name, "new");
        refused.exits(1).reports_among_else("this format has no comment");
        assert!(!refused.stderr().contains("hint: "), "{refused}");
    }
    let refused = keyfob(&world).args(["passphrase", "-a", "50", "id"]).output();
    refused.exits(1).reports_among_else("in the OpenSSH format only");
    assert!(!refused.stderr().contains("hint: "), "{refused}");
    // With another key it works, and is said.
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", "id"]);
    hints(&comment(&world, "id", "new"), "keyfob convert id --to openssh");
}

#[test]
fn what_would_not_stay_on_its_line_is_refused() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let before = key.public_line();
    for text in ["two\nlines", "\u{1b}[2J", "tab\tinside"] {
        comment(&world, "id", text).exits(1).reports_among_else("not text");
    }
    assert_eq!(key.public_line(), before);
}

#[test]
fn one_that_is_too_long_for_the_agent_is_refused() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let before = key.public_line();
    comment(&world, "id", &"x".repeat(4097)).exits(1).reports_among_else("longer than the 4096");
    assert_eq!(key.public_line(), before);
    comment(&world, "id", &"x".repeat(4096)).exits(0);
}
