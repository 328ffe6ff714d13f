//! `keyfob convert`: what it writes, ssh-keygen, openssl and puttygen read, and the keys are
//! the same.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use keyfob_testkit::{KeyFile, KeyType, Output, World};

use crate::support::{hints, keyfob, world};

fn convert(world: &World, arguments: &[&str]) -> Output {
    keyfob(world).arg("convert").args(arguments).output()
}

fn blob(line: &str) -> &str {
    line.split_whitespace().nth(1).unwrap_or_default()
}

/// The public key another program finds in a private file.
fn found_by(world: &World, program: &str, path: &str) -> Output {
    let run = world.system_program(program);
    match program {
        "ssh-keygen" => run.args(["-y", "-P", "secret", "-f", path]).output(),
        "puttygen" => run.args(["-L", path]).output(),
        other => panic!("{other}"),
    }
}

#[track_caller]
fn is_same(world: &World, program: &str, path: &str, key: &KeyFile) {
    let output = found_by(world, program, path);
    output.exits(0);
    assert_eq!(blob(&output.stdout()), blob(&key.public_line()), "{program} {path}");
}

#[test]
fn every_type_goes_round_all_formats_that_have_room_for_it() {
    let world = world();
    world.write("pw", "secret\n", 0o600);
    for kind in KeyType::EACH {
        for passphrase in ["", "secret"] {
            let key = world.encrypted_key(kind, "id", passphrase);
            let mut from = "id".to_owned();
            for (format, program) in [
                ("pem", "ssh-keygen"),
                ("pkcs8", "ssh-keygen"),
                ("ppk", "puttygen"),
                ("ppk2", "puttygen"),
                ("openssh", "ssh-keygen"),
            ] {
                let flags = ["--to", format, "--passphrase-file", "pw", "-fo", "out"];
                let output = convert(&world, &[&flags[..], &[&from]].concat());
                if kind == KeyType::Ed25519 && format == "pem" {
                    output.exits(1);
                    hints(&output, "the format pkcs8");
                    continue;
                }
                output.exits(0);
                // OpenSSH before 10.3 does not read Ed25519 in PKCS#8.
                if (kind, format) != (KeyType::Ed25519, "pkcs8") {
                    is_same(&world, program, "out", &key);
                }
                fs::rename(world.path("out"), world.path("step")).unwrap();
                from = "step".to_owned();
                assert_eq!(fs::metadata(world.path("step")).unwrap().mode() & 0o777, 0o600);
            }
            let encrypted = inspected(&world, "step")["encrypted"].as_bool().unwrap();
            assert_eq!(encrypted, !passphrase.is_empty());
        }
    }
}

fn inspected(world: &World, path: &str) -> serde_json::Value {
    let output = keyfob(world).args(["inspect", "--json", path]).output();
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    document["keys"][0].clone()
}

#[test]
fn openssl_reads_what_is_its_own() {
    let world = world();
    world.write("pw", "secret\n", 0o600);
    for kind in KeyType::EACH {
        let key = world.encrypted_key(kind, "id", "secret");
        let spki = convert(&world, &["--to", "spki", "id.pub"]);
        spki.exits(0);
        for format in ["pem", "pkcs8"] {
            let flags = ["--to", format, "--passphrase-file", "pw", "-fo", "out", "id"];
            if (kind, format) == (KeyType::Ed25519, "pem") {
                continue;
            }
            convert(&world, &flags).exits(0);
            let run = world.system_program("openssl").args(["pkey", "-in", "out", "-pubout"]);
            let theirs = run.args(["-passin", "file:pw"]).output();
            theirs.exits(0);
            assert_eq!(theirs.stdout(), spki.stdout(), "{} {format}", key.text());
        }
    }
}

#[test]
fn a_private_key_goes_nowhere_by_itself() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    let nowhere = convert(&world, &["--to", "pkcs8", "id"]);
    nowhere.exits(1).prints("").reports_among_else("a private key needs a place to go to");
    hints(&nowhere, "-o FILE");
    let stdout = convert(&world, &["--to", "pkcs8", "-o", "-", "id"]);
    stdout.exits(0).prints_among_else("-----BEGIN PRIVATE KEY-----");
    let text = fs::read(key.path()).unwrap();
    let piped = keyfob(&world).args(["convert", "--to", "pkcs8", "-o", "-", "-"]).stdin(text);
    piped.output().exits(0).prints(&stdout.stdout());
}

#[test]
fn what_is_there_is_replaced_only_when_somebody_says_so() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    world.write("out", "precious", 0o600);
    let to = ["--to", "pkcs8", "-o", "out", "id"];
    let kept = convert(&world, &to);
    kept.exits(1).reports_among_else("out: there is a file of this name already");
    hints(&kept, "--force");
    convert(&world, &[&["-n"], &to[..]].concat()).exits(1);
    let ask = |answer: &str| {
        let mut terminal = keyfob(&world).arg("convert").args(to).on_terminal();
        terminal.expect("out is there already. Replace it? (yes/no) ").type_line(answer);
        terminal.wait().0
    };
    ask("no").exits(1).reports_among_else("out stays as it is");
    assert_eq!(fs::read_to_string(world.path("out")).unwrap(), "precious");
    ask("yes").exits(0);
    assert!(fs::read_to_string(world.path("out")).unwrap().contains("BEGIN PRIVATE KEY"));
    convert(&world, &[&["--force"], &to[..]].concat()).exits(0);
    // Its own place is one like any other.
    convert(&world, &["--to", "ppk", "-fo", "id", "id"]).exits(0);
    is_same(&world, "puttygen", "id", &key);
}

#[test]
fn the_passphrase_stays_or_is_chosen_or_left_out_with_a_warning() {
    let world = world();
    world.write("old", "old one\n", 0o600);
    world.write("pw", "secret\n", 0o600);
    let key = world.encrypted_key(KeyType::EcdsaP256, "id", "old one");
    let to = |flags: &[&str]| {
        let base = ["--to", "openssh", "-a", "2", "--passphrase-file", "old", "-fo", "out", "id"];
        convert(&world, &[flags, &base[..]].concat())
    };
    to(&["--new-passphrase-file", "pw"]).exits(0).reports("out is written (OpenSSH, encrypted).\n");
    is_same(&world, "ssh-keygen", "out", &key);
    let bare = to(&["--no-passphrase"]);
    bare.exits(0).reports_among_else("It has no passphrase any more");
    let mut terminal = keyfob(&world).arg("convert").args(["--new-passphrase", "--to", "openssh"]);
    terminal = terminal.args(["--passphrase-file", "old", "-a", "2", "-fo", "out", "id"]);
    let mut terminal = terminal.on_terminal();
    terminal.expect("Passphrase of the new file: ").answer_unseen("secret");
    terminal.expect("The same again: ").answer_unseen("secret");
    terminal.wait().0.exits(0);
    is_same(&world, "ssh-keygen", "out", &key);
}

#[test]
fn what_a_format_has_no_room_for_is_named() {
    let world = world();
    let key = world.key(KeyType::EcdsaP256, "id");
    let lossy = convert(&world, &["--to", "pkcs8", "-o", "out", "id"]);
    lossy.exits(0);
    lossy.reports_among_else(&format!(
        "This format has no comment: \"{}\" is not in it.",
        key.comment()
    ));
    // And the way back finds it in the public file beside.
    fs::copy(key.public_path(), world.path("out.pub")).unwrap();
    convert(&world, &["--to", "openssh", "-o", "back", "out"]).exits(0);
    let line = found_by(&world, "ssh-keygen", "back").stdout();
    assert!(line.trim_end().ends_with(&key.comment()), "{line}");
}

#[test]
fn a_certificate_in_a_file_of_putty_finds_its_place() {
    let world = world();
    let key = world.key(KeyType::Ed25519, "id");
    keyfob_testkit::Authority::new(&world, "ca")
        .certify(&key, &keyfob_testkit::CertificateRequest::default());
    world.write("none", "", 0o600);
    let make = world.system_program("puttygen").args([
        "id",
        "-o",
        "id.ppk",
        "--certificate",
        "id-cert.pub",
    ]);
    make.args(["--new-passphrase", "none"]).output().exits(0);
    let out = convert(&world, &["--to", "openssh", "-o", "out", "id.ppk"]);
    out.exits(0).reports_among_else("it is in out-cert.pub now");
    let certificate = fs::read_to_string(world.path("out-cert.pub")).unwrap();
    assert_eq!(blob(&certificate), blob(&key.certificate_line()));
    is_same(&world, "ssh-keygen", "out", &key);
    convert(&world, &["--to", "ppk2", "-o", "again.ppk", "id.ppk"]).exits(0);
    let again = world.system_program("puttygen").args(["-L", "again.ppk"]).output();
    assert_eq!(blob(&again.exits(0).stdout()), blob(&key.certificate_line()));
}

#[test]
fn all_keys_of_a_public_file_are_converted_or_none() {
    let world = world();
    let keys = [KeyType::Ed25519, KeyType::Rsa2048].map(|kind| world.key(kind, kind.name()));
    let text = format!("{}\nrestrict {}\n", keys[0].public_line(), keys[1].public_line());
    world.write("keys", &text, 0o644);
    let output = convert(&world, &["--to", "rfc4716", "-o", "out", "keys"]);
    output.exits(0).reports_among_else("not in the result: restrict");
    let back = convert(&world, &["--to", "line", "out"]);
    back.exits(0).prints(&format!("{}\n{}\n", keys[0].public_line(), keys[1].public_line()));
    world.write("keys", format!("{text}ssh-rsa AAAA cut\n"), 0o644);
    let broken = convert(&world, &["--to", "spki", "keys"]);
    broken.exits(1).prints("").reports_among_else("keys, line 3: ");
}

#[test]
fn public_and_private_formats_are_not_mixed_up() {
    let world = world();
    world.key(KeyType::Ed25519, "id");
    let public = convert(&world, &["--to", "rfc4716", "id"]);
    public.exits(1);
    hints(&public, "keyfob public id --rfc4716");
    convert(&world, &["--to", "ppk", "-o", "out", "id.pub"])
        .exits(1)
        .reports_among_else("public key");
    let cipher = convert(&world, &["--to", "ppk", "-a", "100", "-o", "out", "id"]);
    cipher.exits(1).reports_among_else("in the OpenSSH format only");
    convert(&world, &["--to", "clay", "id"]).exits(1).reports_among_else("openssh");
    assert!(!world.path("out").exists());
}
