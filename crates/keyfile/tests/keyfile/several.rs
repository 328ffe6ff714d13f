//! Files of many public keys, and each of them by its line.

use keyfob_keyfile::{Error, MAX_FILE, PublicEntry, read_private, read_public, read_public_all};
use keyfob_keys::PublicKey;

use crate::fixture::{self, variant};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(fixture::folder().join("public").join(name)).unwrap()
}

fn key_of(private: &str) -> PublicKey {
    fixture::named(&format!("accepted/openssh-{private}")).public()
}

fn entries(name: &str) -> Vec<PublicEntry> {
    read_public_all(&file(name)).unwrap()
}

#[test]
fn every_line_of_authorized_keys_is_told_with_its_options() {
    let entries = entries("authorized_keys");
    let lines: Vec<usize> = entries.iter().map(|entry| entry.line).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7]);

    let [first, broken, second, none, third] = &entries[..] else { panic!("{entries:?}") };
    let options = r##"from="10.0.0.0/8, 192.0.2.1",command="echo \"# no remark\"""##;
    assert_eq!(first.options, options.as_bytes());
    for (entry, key) in [(first, "ed25519"), (second, "rsa-2048"), (third, "ecdsa-384")] {
        assert_eq!(entry.key, Ok(key_of(key)));
        assert_eq!(entry.comment, b"somebody at home");
    }
    assert_eq!(second.options, b"restrict");
    assert_eq!(third.options, br#"cert-authority,principals="anna""#);
    assert_eq!(variant(broken.key.as_ref().unwrap_err()), "Corrupt");
    assert_eq!(none.key, Err(Error::NotAKey));
}

/// The first key is taken, as ssh-keygen takes it where it wants one.
#[test]
fn a_key_behind_options_is_a_key() {
    assert_eq!(read_public(&file("authorized_keys")).unwrap().0, key_of("ed25519"));
    assert_eq!(read_private(&file("authorized_keys"), None).err(), Some(Error::PublicKeyFile));
}

#[test]
fn every_line_of_known_hosts_is_told_with_its_host() {
    let entries = entries("known_hosts");
    let wanted = [
        ("example.com,192.0.2.1", "ed25519"),
        ("@cert-authority *.example.com", "ecdsa-256"),
        ("[example.com]:2222", "rsa-2048"),
    ];
    assert_eq!(entries.len(), wanted.len());
    for (entry, (host, key)) in entries.iter().zip(wanted) {
        assert_eq!(entry.options, host.as_bytes());
        assert_eq!(entry.key, Ok(key_of(key)));
    }
    for entry in self::entries("known_hosts-hashed") {
        assert!(entry.options.starts_with(b"|1|") || entry.options.starts_with(b"@cert"));
        assert!(entry.key.is_ok());
    }
}

#[test]
fn blocks_and_lines_may_stand_in_one_file() {
    let entries = entries("blocks");
    let keys: Vec<PublicKey> = entries.iter().map(|entry| entry.key.clone().unwrap()).collect();
    assert_eq!(keys, ["ecdsa-256", "ed25519", "ecdsa-521", "ecdsa-384"].map(key_of));
    let lines: Vec<usize> = entries.iter().map(|entry| entry.line).collect();
    assert_eq!(lines, [1, 6, 10, 11]);
    assert_eq!(entries[3].comment, b"ecdsa of keyfob");
}

#[test]
fn a_file_of_one_key_has_one_entry() {
    for (path, comment) in [
        ("accepted/openssh-ed25519", "ed25519 of keyfob"),
        ("accepted/openssh-ed25519-encrypted", ""),
        ("accepted/sshcom-dsa-1024", "putty dsa"),
        ("accepted/der-pkcs8-rsa", ""),
    ] {
        let fixture = fixture::named(path);
        let entries = read_public_all(&fixture.bytes).unwrap();
        assert_eq!(entries.len(), 1, "{path}");
        assert_eq!(entries[0].key, Ok(fixture.public()), "{path}");
        assert_eq!(entries[0].comment, comment.as_bytes(), "{path}");
    }
    let encrypted = fixture::named("accepted/pkcs8-rsa-2048-encrypted");
    let entries = read_public_all(&encrypted.bytes).unwrap();
    assert_eq!(entries[0].key, Err(Error::PassphraseNeeded));
}

#[test]
fn a_file_without_keys_says_so() {
    for text in ["", "\n\n", "# only remarks\n"] {
        assert_eq!(read_public_all(text.as_bytes()).unwrap_err(), Error::NotAKey);
    }
    let x509 = fixture::named("refused/x509").bytes;
    assert_eq!(read_public_all(&x509).unwrap_err(), Error::NotAKey);
    assert_eq!(read_public_all(&vec![b'\n'; MAX_FILE + 1]).unwrap_err(), Error::TooLarge);
}

/// Each block makes a copy of its text; a file that is all beginnings must not make a
/// thousand copies of itself.
#[test]
fn a_file_full_of_beginnings_ends_at_once() {
    let start = std::time::Instant::now();
    for line in ["-----BEGIN PRIVATE KEY-----\n", "---- BEGIN SSH2 PUBLIC KEY ----\n"] {
        let text = line.repeat(MAX_FILE / line.len());
        let entries = read_public_all(text.as_bytes()).unwrap();
        assert_eq!(entries.len(), MAX_FILE / line.len());
        assert!(entries.iter().all(|entry| entry.key.is_err()));
        assert!(read_private(text.as_bytes(), None).is_err());
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(10));
}
