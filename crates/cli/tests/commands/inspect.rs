//! `keyfob inspect`: what a file is, and what is wrong with it, without its passphrase.

use std::fs;

use keyfob_testkit::{Authority, CertificateRequest, KeyFile, KeyType, Output, World};
use serde_json::Value;

use crate::support::{keyfob, world};

fn inspect(world: &World, arguments: &[&str]) -> Output {
    keyfob(world).arg("inspect").args(arguments).output()
}

/// The first key of a file as JSON.
#[track_caller]
fn json(world: &World, path: &str) -> Value {
    let output = inspect(world, &["--json", path]);
    output.exits(0);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["keys"][0].clone()
}

/// The names of its findings.
#[track_caller]
fn findings(world: &World, path: &str) -> Vec<String> {
    let found = json(world, path)["findings"].as_array().unwrap().clone();
    found.iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}

fn fingerprint(world: &World, path: &str, hash: &str) -> String {
    let output = world.system_program("ssh-keygen").args(["-l", "-E", hash, "-f", path]).output();
    output.exits(0).stdout().split(' ').nth(1).unwrap().to_owned()
}

/// A key of this world, rewritten by ssh-keygen.
fn rewritten(world: &World, name: &str, key: KeyType, flags: &[&str]) -> KeyFile {
    let key = world.key(key, name);
    let run = world.system_program("ssh-keygen").args(["-q", "-p", "-P", "", "-f", name]);
    run.args(flags).output().exits(0);
    key
}

#[test]
fn type_bits_and_fingerprints_are_those_of_ssh_keygen() {
    let world = world();
    for kind in KeyType::EACH {
        let key = world.encrypted_key(kind, "id", "secret");
        for path in ["id", "id.pub"] {
            let found = json(&world, path);
            assert_eq!(found["fingerprint"], fingerprint(&world, "id.pub", "sha256"));
            assert_eq!(found["fingerprint_md5"], fingerprint(&world, "id.pub", "md5"));
            assert_eq!(found["bits"], kind.bits());
            assert_eq!(found["type"], key.public_line().split(' ').next().unwrap());
            assert_eq!(found["comment"], key.comment());
            assert_eq!(found["encrypted"], path == "id");
        }
    }
}

#[test]
fn a_person_sees_all_of_it_under_each_other() {
    let world = world();
    let key = world.encrypted_key(KeyType::Ed25519, "id", "secret");
    let rekey =
        world.system_program("ssh-keygen").args(["-q", "-p", "-P", "secret", "-N", "secret"]);
    rekey.args(["-a", "24", "-f", "id"]).output().exits(0);
    let output = inspect(&world, &["id"]);
    output.exits(0).prints(&format!(
        "id: OpenSSH private key\n  \
           type         ED25519 256 (ssh-ed25519)\n  \
           fingerprint  {}\n               {}\n  \
           comment      {}\n  \
           protected by aes256-ctr, bcrypt with 24 rounds: about 0.15 s per guess\n",
        fingerprint(&world, "id.pub", "sha256"),
        fingerprint(&world, "id.pub", "md5"),
        key.comment()
    ));
    let one = inspect(&world, &["-E", "md5", "id"]);
    assert!(one.stdout().contains("MD5:") && !one.stdout().contains("SHA256:"));
}

#[test]
fn what_is_wrong_with_a_private_file_is_told() {
    let world = world();
    rewritten(&world, "small", KeyType::Rsa1024, &["-N", "secret"]);
    assert_eq!(findings(&world, "small"), ["weak-rsa"]);
    rewritten(&world, "usual", KeyType::Rsa2048, &["-N", "secret"]);
    assert_eq!(findings(&world, "usual"), ["small-rsa"]);
    rewritten(&world, "few", KeyType::Ed25519, &["-N", "secret", "-a", "4"]);
    assert_eq!(findings(&world, "few"), ["few-rounds"]);
    rewritten(&world, "pem", KeyType::Rsa3072, &["-N", "secret", "-m", "PEM"]);
    assert_eq!(findings(&world, "pem"), ["md5-derivation"]);
    rewritten(&world, "pkcs8", KeyType::Rsa3072, &["-N", "secret", "-m", "PKCS8"]);
    assert_eq!(findings(&world, "pkcs8"), ["few-rounds"]);
    let open = world.key(KeyType::Ed25519, "open");
    assert_eq!(findings(&world, "open"), ["no-passphrase"]);
    open.set_mode(0o640);
    assert_eq!(findings(&world, "open"), ["too-open", "no-passphrase"]);
    let text = inspect(&world, &["open"]).stdout();
    assert!(text.contains("others may read it (mode 0640)\n"), "{text}");
    assert!(text.contains("-> chmod 600 open\n"), "{text}");
}

#[test]
fn advice_about_a_file_with_a_dash_in_front_can_be_followed() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "key");
    fs::rename(key.path(), world.path("-key")).unwrap();
    let seen = inspect(&world, &["--", "-key"]);
    seen.exits(0).prints_among_else("-> keyfob passphrase ./-key\n");
}

#[test]
fn files_of_putty_and_their_faults_are_known() {
    let world = world();
    world.write("secret", "secret\n", 0o600);
    let make = |name: &str, flags: &[&str], parameters: &str| {
        let run = world.system_program("puttygen").args(["-q", "--new-passphrase", "secret"]);
        let run = run.args(["-C", "by putty", "--ppk-param", parameters, "-o", name]).args(flags);
        run.output().exits(0);
    };
    make("old.ppk", &["-t", "ed25519"], "version=2");
    make("new.ppk", &["-t", "ed25519"], "passes=20");
    make("one.ppk", &["-t", "ed25519"], "passes=1");
    make("p521.ppk", &["-t", "ecdsa", "-b", "521"], "passes=20");
    assert_eq!(findings(&world, "old.ppk"), ["sha1-derivation"]);
    assert!(findings(&world, "new.ppk").is_empty());
    assert_eq!(findings(&world, "one.ppk"), ["few-rounds"]);
    assert_eq!(findings(&world, "p521.ppk"), ["putty-p521"]);
    let found = json(&world, "new.ppk");
    assert_eq!(found["comment"], "by putty");
    assert_eq!(found["kdf"]["name"], "Argon2id");
    let theirs = world.system_program("puttygen").args(["-l", "new.ppk"]).output().stdout();
    assert!(theirs.contains(found["fingerprint"].as_str().unwrap()), "{theirs}");
}

#[test]
fn a_key_that_is_not_read_is_still_named() {
    let world = world();
    let make = ["genpkey", "-algorithm", "ed448", "-out", "id"];
    world.system_program("openssl").args(make).output().exits(0);
    let seen = inspect(&world, &["id"]);
    seen.exits(0).prints_among_else("unsupported: key type Ed448, because OpenSSH knows no such");
    // What asks for its public half gets the same reason, and no advice that cannot work.
    let copied = keyfob(&world).args(["copy-id", "--dry-run", "-i", "id", "host"]).output();
    copied.exits(1).reports_among_else("key type Ed448, because");
}

#[test]
fn files_beside_it_that_belong_to_another_key_are_told() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let other = world.key(KeyType::EcdsaP256, "other");
    Authority::new(&world, "ca").certify(&other, &CertificateRequest::default());
    fs::copy(other.public_path(), key.public_path()).unwrap();
    fs::copy(other.certificate_path(), key.certificate_path()).unwrap();
    assert_eq!(findings(&world, "id"), ["other-public-key", "other-certificate", "no-passphrase"]);
}

#[test]
fn of_a_file_that_hides_its_public_half_the_one_beside_it_is_shown() {
    let world = world();
    let key = rewritten(&world, "id", KeyType::Rsa3072, &["-N", "secret", "-m", "PEM"]);
    let found = json(&world, "id");
    assert_eq!(found["from_public_file"], true);
    assert_eq!(found["comment"], key.comment());
    fs::remove_file(key.public_path()).unwrap();
    assert_eq!(json(&world, "id")["fingerprint"], Value::Null);
    inspect(&world, &["id"]).prints_among_else("known only with the passphrase");
}

#[test]
fn a_certificate_says_what_it_allows() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    world.key(KeyType::EcdsaP256, "ca");
    let sign = |flags: &[&str]| {
        let run = world.system_program("ssh-keygen").args(["-q", "-s", "ca", "-I", "me & co"]);
        run.args(flags).arg("id.pub").output().exits(0);
    };
    sign(&[
        "-n",
        "alice,bob",
        "-z",
        "7",
        "-V",
        "20260102030405Z:20260203040506Z",
        "-O",
        "force-command=ls -l",
    ]);
    let text = inspect(&world, &["id-cert.pub"]);
    text.exits(0);
    for part in [
        "type         ED25519-CERT 256 (ssh-ed25519-cert-v01@openssh.com)\n",
        "certificate  user \"me & co\", serial 7\n",
        "for          alice, bob\n",
        "valid        2026-01-02 03:04:05 UTC to 2026-02-03 04:05:06 UTC\n",
        "must         force-command=ls -l\n",
        "permit-pty",
        "warning      the certificate has expired\n",
    ] {
        text.prints_among_else(part);
    }
    text.prints_among_else(&format!(
        "signed by    ECDSA {}",
        fingerprint(&world, "ca.pub", "sha256")
    ));
    assert_eq!(findings(&world, "id-cert.pub"), ["expired"]);
    let certificate = json(&world, "id-cert.pub")["certificate"].clone();
    assert_eq!(certificate["principals"], serde_json::json!(["alice", "bob"]));
    assert_eq!(certificate["valid_after"], 1_767_323_045);
    assert_eq!(certificate["critical_options"][0]["value"], "ls -l");

    sign(&["-h", "-V", "always:forever"]);
    let host = inspect(&world, &["id-cert.pub"]);
    host.prints_among_else("certificate  host").prints_among_else("for          any name\n");
    host.prints_among_else("valid        for ever\n");
    assert!(findings(&world, "id-cert.pub").is_empty());
}

#[test]
fn a_certificate_its_authority_never_signed_is_told() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    Authority::new(&world, "ca").certify(&key, &CertificateRequest::default());
    let line = key.certificate_line();
    let mut words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    // Inside the signature, which is the last of it.
    let at = words[1].len() - 20;
    let other = if words[1].as_bytes()[at] == b'A' { "B" } else { "A" };
    words[1].replace_range(at..=at, other);
    world.write("forged.pub", format!("{}\n", words.join(" ")), 0o644);
    assert_eq!(findings(&world, "forged.pub"), ["bad-signature"]);
}

#[test]
fn one_unreadable_file_hides_nothing_and_is_a_failure() {
    let world = world();
    world.encrypted_key(KeyType::Ed25519, "id", "secret");
    world.write("text", "nothing to see\n", 0o600);
    let output = inspect(&world, &["missing", "text", "id", "."]);
    output.exits(1).prints_among_else("id: OpenSSH private key");
    output.reports_among_else("missing: no such file or directory");
    output.reports_among_else("text: no key found in the file");
    output.reports_among_else(".: is a directory");
}

#[test]
fn findings_are_a_failure_only_when_asked_for() {
    let world = world();
    world.key(KeyType::Ed25519, "open");
    inspect(&world, &["open"]).exits(0);
    inspect(&world, &["--strict", "open"]).exits(1);
    rewritten(&world, "noted", KeyType::Rsa2048, &["-N", "secret"]);
    inspect(&world, &["--strict", "noted"]).exits(0);
}

#[test]
fn standard_input_is_a_file_too_and_halves_that_differ_are_damage() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let text = fs::read(key.path()).unwrap();
    let output = keyfob(&world).args(["inspect", "-"]).stdin(&text).output();
    output.exits(0).prints_among_else("(stdin): OpenSSH private key");
    assert!(!output.stdout().contains("->"), "no command takes what is gone: {output}");
    let cut = keyfob(&world).args(["inspect", "-"]).stdin(&text[..text.len() / 2]).output();
    cut.exits(1).reports_among_else("is damaged");
}

#[test]
fn a_comment_forges_no_line() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let line = key.public_line();
    let words: Vec<&str> = line.split(' ').collect();
    world.write("bad.pub", format!("{} {} \x1b[2Jgone\n", words[0], words[1]), 0o644);
    let output = inspect(&world, &["bad.pub"]);
    output.exits(0).prints_among_else("comment      \\x1b[2Jgone\n");
}

#[test]
fn each_key_of_a_file_of_many_is_shown_with_its_line_and_options() {
    let world = world();
    let keys = [KeyType::Ed25519, KeyType::EcdsaP256].map(|kind| world.key(kind, kind.name()));
    let text = format!(
        "# people\n{}\n\nrestrict,command=\"a b\" {}\n",
        keys[0].public_line(),
        keys[1].public_line()
    );
    world.write("authorized_keys", &text, 0o600);
    let output = inspect(&world, &["--json", "authorized_keys"]);
    output.exits(0);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = document["keys"].as_array().unwrap();
    let lines: Vec<_> = found.iter().map(|key| key["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [2, 4]);
    assert_eq!(found[1]["options"], "restrict,command=\"a b\"");
    assert_eq!(found[1]["comment"], keys[1].comment());
    world.write("authorized_keys", format!("{text}ssh-ed25519 AAAA broken\n"), 0o600);
    let broken = inspect(&world, &["authorized_keys"]);
    broken.exits(1).prints_among_else("authorized_keys, line 4: OpenSSH public key\n");
    broken.reports_among_else("authorized_keys, line 5: ");
}

#[test]
fn other_forms_of_public_keys_and_der_are_files_like_any_other() {
    let world = world();
    world.key(KeyType::Rsa3072, "id");
    let expected = fingerprint(&world, "id.pub", "sha256");
    for format in ["RFC4716", "PKCS8", "PEM"] {
        let made = world.system_program("ssh-keygen").args(["-e", "-m", format, "-f", "id.pub"]);
        world.write("other", &made.output().stdout, 0o644);
        assert_eq!(json(&world, "other")["fingerprint"], expected, "{format}");
    }
    rewritten(&world, "id", KeyType::Rsa3072, &["-N", "", "-m", "PEM"]);
    let der = world.system_program("openssl").args(["pkey", "-in", "id", "-outform", "DER"]);
    der.args(["-out", "id.der"]).output().exits(0);
    let found = json(&world, "id.der");
    assert_eq!(
        (&found["fingerprint"], &found["der"]),
        (&Value::from(expected), &Value::from(true))
    );
}
