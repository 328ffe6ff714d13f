//! Private keys: each type in each form, plain and encrypted, read by each program that reads
//! the form at all, and by us.

use keyfob_keyfile::{
    Error, PrivateForm, Protection, PublicForm, Randomness, read_private, write_private,
    write_public,
};
use keyfob_keys::{PrivateKey, Secret};

use crate::keys::{self, EACH, encoded};
use crate::programs::{Folder, openssl, puttygen, ssh_keygen};

const PASSPHRASE: &[u8] = b"correct horse";

const FORMS: [PrivateForm; 5] = [
    PrivateForm::OpenSsh,
    PrivateForm::Pem,
    PrivateForm::Pkcs8,
    PrivateForm::Ppk3,
    PrivateForm::Ppk2,
];

/// A program to read with.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Program {
    SshKeygen,
    Puttygen,
    Openssl,
}

const PROGRAMS: [Program; 3] = [Program::SshKeygen, Program::Puttygen, Program::Openssl];

/// Whether a program reads a form at all (reference: which program reads what).
fn reads(program: Program, form: PrivateForm, name: &str) -> bool {
    match (program, form) {
        // OpenSSH 9.2 reads Ed25519 in its own form only.
        (Program::SshKeygen, PrivateForm::Pkcs8) => name != "ed25519",
        (Program::SshKeygen, form) => matches!(form, PrivateForm::OpenSsh | PrivateForm::Pem),
        (Program::Puttygen, form) => form != PrivateForm::Pkcs8,
        (Program::Openssl, form) => matches!(form, PrivateForm::Pem | PrivateForm::Pkcs8),
    }
}

/// The program must find this public key in the file.
fn assert_reads(
    program: Program,
    folder: &Folder,
    path: &str,
    passphrase: &[u8],
    key: &PrivateKey,
) {
    let secret = folder.put("passphrase", passphrase);
    let public = key.public();
    match program {
        Program::SshKeygen => {
            let passphrase = std::str::from_utf8(passphrase).unwrap();
            assert_eq!(ssh_keygen(&["-y", "-P", passphrase, "-f", path]).line().0, *public);
        }
        Program::Puttygen => {
            let said = puttygen(&[path, "-O", "public-openssh", "--old-passphrase", &secret]);
            assert_eq!(said.line().0, *public);
        }
        Program::Openssl => {
            // An empty file is no passphrase, and an error.
            let none = passphrase.is_empty();
            let pass = if none { "pass:".to_owned() } else { format!("file:{secret}") };
            let said = openssl(&["pkey", "-in", path, "-passin", &pass, "-pubout"]).succeeded();
            assert_eq!(said, write_public(public, b"", PublicForm::Spki).unwrap());
        }
    }
}

fn write(
    key: &PrivateKey,
    comment: &[u8],
    form: PrivateForm,
    passphrase: Option<&[u8]>,
) -> Result<Vec<u8>, Error> {
    let secret = Secret::from(passphrase.unwrap_or_default().to_vec());
    let protection = Protection { passphrase: &secret, cipher: None, rounds: Some(2) };
    let protection = passphrase.map(|_| &protection);
    let randomness = Randomness::fresh().unwrap();
    write_private(key, comment, form, protection, &randomness).map(|text| text.to_vec())
}

/// What of the key a form keeps.
fn kept(form: PrivateForm, key: &PrivateKey, comment: &[u8]) -> (Vec<u8>, Vec<u8>) {
    match form {
        PrivateForm::Pem | PrivateForm::Pkcs8 => (encoded(key), Vec::new()),
        _ => (encoded(key), comment.to_vec()),
    }
}

fn ours(text: &[u8], passphrase: Option<&[u8]>) -> (Vec<u8>, Vec<u8>) {
    let secret = passphrase.map(|passphrase| Secret::from(passphrase.to_vec()));
    let file = read_private(text, secret.as_ref()).unwrap_or_else(|error| panic!("{error}"));
    (encoded(&file.key), file.comment)
}

/// Types and forms that do not go together, in the program's words or ours.
fn has_form(name: &str, form: PrivateForm) -> bool {
    form != PrivateForm::Pem || name != "ed25519"
}

#[test]
fn every_program_reads_every_type_in_every_form_it_knows() {
    let folder = Folder::new();
    for name in EACH {
        let key = keys::key(name);
        for form in FORMS.into_iter().filter(|&form| has_form(name, form)) {
            for passphrase in [None, Some(PASSPHRASE)] {
                let text = write(&key, b"a comment", form, passphrase).unwrap();
                let path = folder.put("key", &text);
                for program in PROGRAMS.into_iter().filter(|&program| reads(program, form, name)) {
                    let passphrase = passphrase.unwrap_or_default();
                    assert_reads(program, &folder, &path, passphrase, &key);
                }
                assert_eq!(ours(&text, passphrase), kept(form, &key, b"a comment"), "{name}");
            }
        }
    }
}

/// puttygen reads AES-256 only of the ten.
#[test]
fn ssh_keygen_reads_every_cipher_of_its_own() {
    let folder = Folder::new();
    let secret = Secret::from(PASSPHRASE.to_vec());
    let ciphers = run_ssh_q();
    assert_eq!(ciphers.len(), 10);
    for cipher in ciphers.iter().map(String::as_str) {
        for name in ["ed25519", "ecdsa-521", "rsa-2048"] {
            let key = keys::key(name);
            let protection =
                Protection { passphrase: &secret, cipher: Some(cipher), rounds: Some(1) };
            let (form, random) = (PrivateForm::OpenSsh, Randomness::fresh().unwrap());
            let text = write_private(&key, b"comment", form, Some(&protection), &random).unwrap();
            let path = folder.put("key", &text);
            assert_reads(Program::SshKeygen, &folder, &path, PASSPHRASE, &key);
            if cipher.starts_with("aes256-c") {
                assert_reads(Program::Puttygen, &folder, &path, PASSPHRASE, &key);
            }
            assert_eq!(ours(&text, Some(PASSPHRASE)), kept(form, &key, b"comment"), "{cipher}");
        }
    }
}

fn run_ssh_q() -> Vec<String> {
    let said = std::process::Command::new("ssh").args(["-Q", "cipher"]).output().unwrap();
    String::from_utf8(said.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Whether a form has room for a certificate: for OpenSSH a file of its own holds it.
fn has_room(form: PrivateForm) -> bool {
    matches!(form, PrivateForm::Ppk3 | PrivateForm::Ppk2)
}

#[test]
fn a_certificate_stays_out_of_forms_without_room_for_it() {
    let folder = Folder::new();
    for name in EACH {
        let key = keys::key(name);
        let certified = key.with_certificate(&keys::certificate(key.public(), &folder)).unwrap();
        for form in FORMS.into_iter().filter(|&form| has_form(name, form)) {
            let text = write(&certified, b"comment", form, None).unwrap();
            let key = if has_room(form) { &certified } else { &key };
            assert_eq!(ours(&text, None), kept(form, key, b"comment"));
        }
    }
}

#[test]
fn the_composite_key_has_only_its_own_form() {
    let key = PrivateKey::ml_dsa44_ed25519_from_seeds(&[1; 32], &[2; 32]);
    for passphrase in [None, Some(PASSPHRASE)] {
        let text = write(&key, b"comment", PrivateForm::OpenSsh, passphrase).unwrap();
        assert_eq!(ours(&text, passphrase), kept(PrivateForm::OpenSsh, &key, b"comment"));
    }
    for form in FORMS.into_iter().filter(|&form| form != PrivateForm::OpenSsh) {
        assert!(matches!(write(&key, b"", form, None), Err(Error::Unsupported { .. })));
    }
}

/// Its file says where on which token the key is; ssh-keygen reads that much without one.
#[test]
fn keys_on_tokens_are_written_as_ssh_keygen_reads_them() {
    let folder = Folder::new();
    for name in ["ed25519", "ecdsa-256"] {
        let key = keys::on_a_token(&keys::key(name));
        for passphrase in [None, Some(PASSPHRASE)] {
            let text = write(&key, b"token", PrivateForm::OpenSsh, passphrase).unwrap();
            let path = folder.put("key", &text);
            let passphrase = passphrase.unwrap_or_default();
            assert_reads(Program::SshKeygen, &folder, &path, passphrase, &key);
        }
        for form in FORMS.into_iter().filter(|&form| form != PrivateForm::OpenSsh) {
            assert!(matches!(write(&key, b"", form, None), Err(Error::Unsupported { .. })));
        }
    }
}

#[test]
fn traditional_pem_has_no_form_for_ed25519() {
    let refused = write(&keys::key("ed25519"), b"", PrivateForm::Pem, None).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "recognised but unsupported: key type ssh-ed25519, because PEM before PKCS#8 has no form \
         for it"
    );
}

/// ssh-keygen refuses to write them: `passphrase is too short (minimum five characters)`.
#[test]
fn passphrases_openssl_asks_to_be_longer_are_refused_where_it_is_the_reader() {
    let folder = Folder::new();
    let key = keys::key("ecdsa-256");
    for form in [PrivateForm::Pem, PrivateForm::Pkcs8] {
        let least = |least| Err(Error::PassphraseTooShort { least });
        assert_eq!(write(&key, b"", form, Some(b"four")).map(|_| ()), least(5));
        assert_eq!(write(&key, b"", form, Some(b"")).map(|_| ()), least(1));
        let path = folder.put("key", &write(&key, b"", form, Some(b"five5")).unwrap());
        assert_reads(Program::SshKeygen, &folder, &path, b"five5", &key);
    }
    let path = folder.put("key", &write(&key, b"", PrivateForm::OpenSsh, Some(b"4")).unwrap());
    assert_reads(Program::SshKeygen, &folder, &path, b"4", &key);
    assert!(write(&key, b"", PrivateForm::OpenSsh, Some(b"")).is_err());
}

/// OpenSSH keeps any bytes but a NUL: with one it would refuse the whole key.
#[test]
fn comments_of_openssh_files_are_any_bytes_but_nul() {
    let folder = Folder::new();
    let key = keys::key("ed25519");
    for comment in [&b""[..], b"M\xfcller", b"two\nlines", "ключ".as_bytes(), &[b'x'; 4096]] {
        let text = write(&key, comment, PrivateForm::OpenSsh, None).unwrap();
        assert_eq!(ours(&text, None), kept(PrivateForm::OpenSsh, &key, comment));
        let path = folder.put("key", &text);
        let said = ssh_keygen(&["-y", "-P", "", "-f", &path]).succeeded();
        let expected = key.public().to_line(comment);
        assert_eq!(said.strip_suffix(b"\n").unwrap(), expected);
    }
    let refused = write(&key, b"a\0b", PrivateForm::OpenSsh, None);
    assert!(matches!(refused, Err(Error::Comment(_))));
}

/// A line break would begin a header, and a NUL ends a comment for PuTTY, but not for its MAC.
#[test]
fn comments_of_ppk_files_are_one_line() {
    let folder = Folder::new();
    let key = keys::key("ed25519");
    for form in [PrivateForm::Ppk3, PrivateForm::Ppk2] {
        for comment in [&b""[..], b"M\xfcller", b" blanks ", b"a: b", &[b'x'; 4096]] {
            let text = write(&key, comment, form, None).unwrap();
            assert_eq!(ours(&text, None), kept(form, &key, comment));
            let path = folder.put("key", &text);
            let (public, said) = puttygen(&[&path, "-O", "public-openssh"]).line();
            assert_eq!(public, *key.public());
            if !comment.starts_with(b" ") {
                assert_eq!(said, comment);
            }
        }
        for comment in [&b"a\nPublic-Lines: 0"[..], b"a\rb", b"a\0b"] {
            assert!(matches!(write(&key, comment, form, None), Err(Error::Comment(_))));
        }
    }
}

/// One inverse in two begins with a bit that would make it negative; PuTTY refuses the key
/// without a zero in front of it.
#[test]
fn puttygen_reads_every_rsa_key() {
    let folder = Folder::new();
    let (mut high, mut low) = (0, 0);
    for round in 0..60 {
        if high >= 4 && low >= 4 {
            break;
        }
        let path = folder.path(&format!("rsa-{round}"));
        ssh_keygen(&["-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", &path]).succeeded();
        let key = keys::read(&folder.get(&format!("rsa-{round}"))).key;
        let keyfob_keys::PrivateNumbers::Rsa { parts, .. } = key.numbers() else { panic!() };
        *(if parts.iqmp[0] >= 0x80 { &mut high } else { &mut low }) += 1;
        for form in [PrivateForm::Ppk3, PrivateForm::Ppk2] {
            let path = folder.put("ppk", &write(&key, b"", form, None).unwrap());
            assert_reads(Program::Puttygen, &folder, &path, b"", &key);
        }
    }
    assert!(high >= 4 && low >= 4, "{high} with the bit, {low} without");
}

/// As a terminal of another encoding sends them.
#[test]
fn passphrases_are_bytes() {
    let folder = Folder::new();
    let key = keys::key("ecdsa-384");
    for form in FORMS {
        let passphrase = b"stra\xdfe";
        let text = write(&key, b"", form, Some(passphrase)).unwrap();
        assert_eq!(ours(&text, Some(passphrase)), kept(form, &key, b""));
        let path = folder.put("key", &text);
        if reads(Program::Puttygen, form, "ecdsa-384") {
            assert_reads(Program::Puttygen, &folder, &path, passphrase, &key);
        }
        if reads(Program::Openssl, form, "ecdsa-384") {
            assert_reads(Program::Openssl, &folder, &path, passphrase, &key);
        }
    }
}

/// No two files share what must be used once.
#[test]
fn randomness_is_fresh() {
    let (one, two) = (Randomness::fresh().unwrap(), Randomness::fresh().unwrap());
    assert_ne!(one.salt, two.salt);
    assert_ne!(one.iv, two.iv);
    assert_ne!(one.salt, one.iv);
    assert!(one.check != two.check || one.check != 0);
}

#[test]
fn ciphers_and_rounds_openssh_has_not_are_refused_by_name() {
    let key = keys::key("ed25519");
    let secret = Secret::from(PASSPHRASE.to_vec());
    let refused = |cipher, rounds| {
        let protection = Protection { passphrase: &secret, cipher, rounds };
        let random = Randomness::fresh().unwrap();
        let written = write_private(&key, b"", PrivateForm::OpenSsh, Some(&protection), &random);
        written.unwrap_err().to_string()
    };
    assert_eq!(
        refused(Some("rot13"), None),
        "recognised but unsupported: cipher rot13, because OpenSSH key files know 3des-cbc, \
         aes128-cbc, aes192-cbc, aes256-cbc, aes128-ctr, aes192-ctr, aes256-ctr, \
         aes128-gcm@openssh.com, aes256-gcm@openssh.com and chacha20-poly1305@openssh.com"
    );
    assert!(refused(None, Some(0)).contains("bcrypt without rounds"));
}
