//! `ssh-keygen -y`, `-e` and `-i`: public keys out of private ones, and into other forms and back.

use keyfob_testkit::{
    Authority, Case, CertificateRequest, KeyFile, KeyType, Output, World, case, divergent,
};

use crate::keygen_words::{question, which_file};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        case!(the_public_half_of_every_type),
        case!(the_public_half_comes_with_the_comment_inside_the_file),
        case!(an_older_format_has_no_comment),
        case!(an_encrypted_key_is_opened_with_p),
        case!(an_encrypted_key_is_asked_for_on_stdin),
        case!(an_encrypted_key_is_asked_for_on_the_terminal),
        case!(a_wrong_passphrase_is_fatal),
        case!(what_is_no_private_key_is_fatal),
        case!(a_missing_file_is_fatal),
        case!(export_as_rfc_4716),
        case!(export_as_pem_and_pkcs8),
        case!(export_of_types_without_such_a_form_is_fatal),
        case!(export_prefers_the_public_file),
        case!(export_of_an_encrypted_key_needs_no_passphrase),
        case!(export_of_an_encrypted_older_format_needs_its_passphrase),
        case!(export_of_a_certificate),
        case!(import_of_every_form),
        case!(import_of_rfc_4716_with_headers),
        case!(import_has_an_old_letter),
        case!(import_of_the_wrong_form_is_fatal),
        case!(import_of_an_ssh_com_private_key),
        case!(import_of_an_encrypted_ssh_com_private_key_is_fatal),
        case!(the_name_of_the_file_is_asked_for),
        divergent!(
            import_of_an_ed25519_key_that_is_no_point,
            original_hands_it_on,
            ours_takes_it_for_no_key
        ),
    ]
}

fn run(world: &World, flags: &[&str]) -> Output {
    world.ssh_keygen().args(flags).output()
}

#[track_caller]
fn is_fatal(world: &World, flags: &[&str], text: &str) {
    run(world, flags).exits(255).prints("").reports(&format!("{text}\n"));
}

fn the_public_half_of_every_type(world: &World) {
    for kind in KeyType::EACH {
        let key = world.key(kind, kind.wire_name());
        let expected = key.public_line() + "\n";
        std::fs::remove_file(key.public_path()).unwrap();
        run(world, &["-y", "-f", kind.wire_name()]).exits(0).prints(&expected).reports("");
    }
}

fn the_public_half_comes_with_the_comment_inside_the_file(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let other = world.key(KeyType::EcdsaP256, "other");
    let expected = key.public_line() + "\n";
    std::fs::copy(other.public_path(), key.public_path()).unwrap();
    run(world, &["-yf", "key"]).exits(0).prints(&expected);
    change(world, &key, &["-c", "-C", ""]);
    let bare = expected.replace(" key@keyfob", "");
    run(world, &["-yf", "key"]).exits(0).prints(&bare);
}

/// Changed by OpenSSH's own program.
fn change(world: &World, key: &KeyFile, flags: &[&str]) {
    let run = world.system_program("ssh-keygen").arg("-q").args(flags).arg("-f");
    run.arg(key.path()).output().exits(0);
}

fn in_format(world: &World, kind: KeyType, format: &str, passphrase: &str) -> KeyFile {
    let key = world.key(kind, "key");
    change(world, &key, &["-p", "-P", "", "-N", passphrase, "-m", format]);
    key
}

fn an_older_format_has_no_comment(world: &World) {
    for format in ["PEM", "PKCS8"] {
        for kind in [KeyType::Rsa2048, KeyType::EcdsaP384] {
            let key = in_format(world, kind, format, "");
            let expected = key.public_line().replace(" key@keyfob", "\n");
            run(world, &["-yf", "key"]).exits(0).prints(&expected).reports("");
        }
    }
}

fn an_encrypted_key_is_opened_with_p(world: &World) {
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    let expected = key.public_line() + "\n";
    run(world, &["-y", "-P", "secret", "-f", "key"]).exits(0).prints(&expected).reports("");
    // A passphrase that is not needed is not looked at.
    world.key(KeyType::Ed25519, "open");
    run(world, &["-y", "-P", "wrong", "-f", "open"]).exits(0);
}

fn an_encrypted_key_is_asked_for_on_stdin(world: &World) {
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    let output = world.ssh_keygen().args(["-y", "-f", "key"]).stdin("secret\n").output();
    output.exits(0).prints(&(key.public_line() + "\n")).reports(&question(world, "key"));
}

fn an_encrypted_key_is_asked_for_on_the_terminal(world: &World) {
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    let mut terminal = world.ssh_keygen().args(["-y", "-f", "key"]).on_terminal();
    terminal.expect(&question(world, "key")).answer_unseen("secret");
    let (output, shown, echoes) = terminal.wait();
    output.exits(0).prints(&(key.public_line() + "\n")).reports("");
    assert!(!shown.contains("secret") && echoes, "{shown:?}");
}

const WRONG: &str = "incorrect passphrase supplied to decrypt private key";

/// Asked once, not until it is right.
fn a_wrong_passphrase_is_fatal(world: &World) {
    world.encrypted_key(KeyType::Ed25519, "key", "secret");
    for passphrase in ["wrong", ""] {
        is_fatal(world, &["-yf", "key", "-P", passphrase], &format!("Load key \"key\": {WRONG}"));
    }
    let question = question(world, "key");
    for answers in ["wrong\nsecret\n", ""] {
        let output = world.ssh_keygen().args(["-yf", "key"]).stdin(answers).output();
        let text = format!("{question}Load key \"key\": {WRONG}\n");
        output.exits(255).prints("").reports(&text);
    }
    in_format(world, KeyType::Rsa2048, "PEM", "secret");
    is_fatal(world, &["-yf", "key", "-P", "wrong"], &format!("Load key \"key\": {WRONG}"));
}

fn what_is_no_private_key_is_fatal(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    for text in ["", "garbage\n", &key.public_line()] {
        world.write("file", text, 0o600);
        is_fatal(world, &["-yf", "file"], "Load key \"file\": error in libcrypto");
    }
}

fn a_missing_file_is_fatal(world: &World) {
    is_fatal(world, &["-yf", "missing"], "missing: No such file or directory");
    for flag in ["-e", "-i"] {
        is_fatal(world, &[flag, "-f", "missing"], "ssh-keygen: missing: No such file or directory");
    }
    // Only -l and -L read standard input by this name.
    is_fatal(world, &["-yf", "-"], "-: No such file or directory");
    is_fatal(world, &["-ef", "-"], "ssh-keygen: -: No such file or directory");
}

fn user_and_host(world: &World) -> String {
    let word = |run: keyfob_testkit::Run| run.output().exits(0).stdout().trim_end().to_owned();
    let user = word(world.system_program("id").args(["-u", "-n"]));
    format!("{user}@{}", word(world.system_program("uname").arg("-n")))
}

/// `ssh-keygen` cuts the comment so that the line has 72 bytes at most.
fn rfc4716(world: &World, blob: &[u8], what: &str) -> String {
    use base64ct::{Base64, Encoding};
    let mut comment = format!("{what}, converted by {} from OpenSSH", user_and_host(world));
    comment.truncate(60);
    let mut text = format!("---- BEGIN SSH2 PUBLIC KEY ----\nComment: \"{comment}\"\n");
    for line in Base64::encode_string(blob).as_bytes().chunks(70) {
        text.push_str(std::str::from_utf8(line).unwrap());
        text.push('\n');
    }
    text + "---- END SSH2 PUBLIC KEY ----\n"
}

fn export_as_rfc_4716(world: &World) {
    for kind in KeyType::EACH {
        let key = world.key(kind, "key");
        let what = format!("{}-bit {}", kind.bits(), kind.listed_name());
        let expected = rfc4716(world, &key.blob(), &what);
        for flags in [&["-ef", "key"][..], &["-ef", "key.pub"], &["-e", "-m", "rfc4716", "-fkey"]] {
            run(world, flags).exits(0).prints(&expected).reports("");
        }
        std::fs::remove_file(key.public_path()).unwrap();
        run(world, &["-ef", "key"]).exits(0).prints(&expected);
    }
}

fn export_as_pem_and_pkcs8(world: &World) {
    for (kind, format, label) in [
        (KeyType::Rsa2048, "PEM", "RSA PUBLIC KEY"),
        (KeyType::Rsa2048, "PKCS8", "PUBLIC KEY"),
        (KeyType::EcdsaP256, "PEM", "PUBLIC KEY"),
        (KeyType::EcdsaP521, "pkcs8", "PUBLIC KEY"),
    ] {
        let key = world.key(kind, "key");
        let output = run(world, &["-e", "-m", format, "-f", "key.pub"]);
        let text = output.exits(0).reports("").stdout();
        assert!(text.starts_with(&format!("-----BEGIN {label}-----\n")), "{text}");
        assert!(text.ends_with(&format!("-----END {label}-----\n")), "{text}");
        // OpenSSL and OpenSSH read it back.
        if label == "PUBLIC KEY" {
            let run = world.system_program("openssl").args(["pkey", "-pubin", "-noout"]);
            run.stdin(&text).output().exits(0);
        }
        let back = if label == "PUBLIC KEY" { "PKCS8" } else { "PEM" };
        let path = world.write("exported", &text, 0o644);
        let judge = world.system_program("ssh-keygen").args(["-i", "-m", back, "-f"]).arg(path);
        judge.output().exits(0).prints(&(key.public_line().replace(" key@keyfob", "\n")));
    }
}

fn export_of_types_without_such_a_form_is_fatal(world: &World) {
    world.key(KeyType::Ed25519, "key");
    let text = |format| format!("do_convert_to_{format}: unsupported key type ED25519");
    is_fatal(world, &["-e", "-m", "PKCS8", "-f", "key"], &text("pkcs8"));
    is_fatal(world, &["-e", "-m", "PEM", "-f", "key"], &text("pem"));
}

fn export_prefers_the_public_file(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let other = world.key(KeyType::EcdsaP256, "other");
    std::fs::copy(other.public_path(), key.public_path()).unwrap();
    let expected = rfc4716(world, &other.blob(), "256-bit ECDSA");
    run(world, &["-ef", "key"]).exits(0).prints(&expected);
}

fn export_of_an_encrypted_key_needs_no_passphrase(world: &World) {
    let key = world.encrypted_key(KeyType::Ed25519, "key", "secret");
    let expected = rfc4716(world, &key.blob(), "256-bit ED25519");
    std::fs::remove_file(key.public_path()).unwrap();
    run(world, &["-ef", "key"]).exits(0).prints(&expected).reports("");
}

fn export_of_an_encrypted_older_format_needs_its_passphrase(world: &World) {
    let key = in_format(world, KeyType::Rsa2048, "PEM", "secret");
    let expected = rfc4716(world, &key.blob(), "2048-bit RSA");
    std::fs::remove_file(key.public_path()).unwrap();
    run(world, &["-ef", "key", "-P", "secret"]).exits(0).prints(&expected).reports("");
    is_fatal(world, &["-ef", "key", "-P", "wrong"], &format!("Load key \"key\": {WRONG}"));
    let output = world.ssh_keygen().args(["-ef", "key"]).stdin("secret\n").output();
    output.exits(0).prints(&expected).reports(&question(world, "key"));
}

fn export_of_a_certificate(world: &World) {
    let key = world.key(KeyType::EcdsaP256, "key");
    Authority::new(world, "ca").certify(&key, &CertificateRequest::default());
    let expected = rfc4716(world, &key.certificate_blob(), "256-bit ECDSA-CERT");
    run(world, &["-ef", "key-cert.pub"]).exits(0).prints(&expected).reports("");
    // The PEM forms have room for the key only.
    let plain = run(world, &["-e", "-m", "PKCS8", "-f", "key"]).stdout();
    run(world, &["-e", "-m", "PKCS8", "-f", "key-cert.pub"]).exits(0).prints(&plain);
}

fn import_of_every_form(world: &World) {
    for (kind, formats) in [
        (KeyType::Rsa2048, &["RFC4716", "PEM", "PKCS8"][..]),
        (KeyType::EcdsaP384, &["RFC4716", "PKCS8"]),
        (KeyType::Ed25519, &["RFC4716"]),
    ] {
        let key = world.key(kind, "key");
        let expected = key.public_line().replace(" key@keyfob", "\n");
        for format in formats {
            let judge = world.system_program("ssh-keygen").args(["-e", "-m", format, "-f", "key"]);
            world.write("exported", judge.output().exits(0).stdout(), 0o644);
            let output = run(world, &["-i", "-m", format, "-f", "exported"]);
            output.exits(0).prints(&expected).reports("");
        }
    }
}

fn import_of_rfc_4716_with_headers(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let bare = key.public_line().replace(" key@keyfob", "");
    let (_, base64) = bare.split_once(' ').unwrap();
    for headers in [
        "",
        "Comment: \"a b\"\n",
        "Subject: me\nComment: x\n",
        "Comment: \"begun here \\\nand ended there\"\nx-private: 1\n",
    ] {
        let text = format!(
            "---- BEGIN SSH2 PUBLIC KEY ----\n{headers}{base64}\n---- END SSH2 PUBLIC KEY ----\n"
        );
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("Hello.: \n{text}")] {
            world.write("file", text, 0o644);
            run(world, &["-if", "file"]).exits(0).prints(&format!("{bare}\n")).reports("");
        }
    }
}

fn import_has_an_old_letter(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let text = rfc4716(world, &key.blob(), "x");
    world.write("file", text, 0o644);
    let expected = key.public_line().replace(" key@keyfob", "\n");
    run(world, &["-Xf", "file"]).exits(0).prints(&expected);
    run(world, &["-i", "-m", "ssh2", "-f", "file"]).exits(0).prints(&expected);
}

fn import_of_the_wrong_form_is_fatal(world: &World) {
    let rsa = world.key(KeyType::Rsa2048, "rsa");
    let judge = world.system_program("ssh-keygen").args(["-e", "-m", "PKCS8", "-f", "rsa"]);
    world.write("spki", judge.output().exits(0).stdout(), 0o644);
    world.write("garbage", "garbage\n", 0o644);
    let ssh2 = "do_convert_from_ssh2: parse key: invalid format";
    let pem = "do_convert_from_pem: unrecognised raw private key format";
    is_fatal(world, &["-if", "spki"], ssh2);
    is_fatal(world, &["-if", "rsa"], ssh2);
    is_fatal(world, &["-if", "rsa.pub"], "do_convert_from_ssh2: base64 decode: invalid format");
    is_fatal(world, &["-i", "-m", "PEM", "-f", "spki"], pem);
    for file in ["rsa", "rsa.pub", "garbage"] {
        let text = format!("do_convert_from_pkcs8: {file} is not a recognised public key format");
        is_fatal(world, &["-i", "-m", "PKCS8", "-f", file], &text);
        is_fatal(world, &["-i", "-m", "PEM", "-f", file], pem);
    }
    drop(rsa);
}

/// An RSA key of 2048 bits in ssh.com's form, from PuTTY.
fn ssh_com(world: &World, flags: &[&str]) {
    world.key(KeyType::Rsa2048, "key");
    world.write("word", "secret\n", 0o600);
    let run = world.system_program("puttygen").args(["key", "-O", "private-sshcom", "-o", "file"]);
    run.args(flags).output().exits(0);
}

fn import_of_an_ssh_com_private_key(world: &World) {
    ssh_com(world, &[]);
    let output = run(world, &["-if", "file"]);
    let text = output.exits(0).reports("").stdout();
    assert!(text.starts_with("-----BEGIN RSA PRIVATE KEY-----\n"), "{text}");
    let imported = world.write("imported", text, 0o600);
    let judge = world.system_program("ssh-keygen").args(["-l", "-f"]).arg(imported).output();
    let original = world.system_program("ssh-keygen").args(["-l", "-f", "key"]).output();
    let hash = |output: &Output| output.stdout().split(' ').nth(1).map(str::to_owned);
    assert_eq!(hash(&judge), hash(&original));
}

fn import_of_an_encrypted_ssh_com_private_key_is_fatal(world: &World) {
    ssh_com(world, &["--new-passphrase", "word"]);
    let text = "unsupported cipher 3des-cbc\ndo_convert_from_ssh2: private key conversion failed";
    is_fatal(world, &["-if", "file"], text);
}

fn the_name_of_the_file_is_asked_for(world: &World) {
    let key = world.key(KeyType::Ed25519, "key");
    let ask = |flag: &str, answer: &str| {
        world.with_home_in_passwd(world.ssh_keygen().arg(flag).stdin(answer)).output()
    };
    let question = which_file(world);
    ask("-y", "key\n").exits(0).prints(&format!("{question}{}\n", key.public_line()));
    for flag in ["-y", "-e", "-i", "-p", "-c", "-L"] {
        ask(flag, "").exits(1).prints(&question).reports("");
    }
}

/// No x belongs to this y: there is no private half.
const NO_POINT: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn import_of_no_point(world: &World) -> Output {
    let (begin, end) = ("---- BEGIN SSH2 PUBLIC KEY ----", "---- END SSH2 PUBLIC KEY ----");
    world.write("block", format!("{begin}\n{NO_POINT}\n{end}\n"), 0o644);
    run(world, &["-i", "-f", "block"])
}

fn original_hands_it_on(world: &World) {
    import_of_no_point(world).exits(0).prints(&format!("ssh-ed25519 {NO_POINT}\n"));
}

fn ours_takes_it_for_no_key(world: &World) {
    import_of_no_point(world).exits(255).prints("");
}
