//! Damaged files never crash, never hang, and never give another key than they held.

use keyfob_keyfile::{inspect, read_private, read_public, read_public_all};
use proptest::prelude::*;

use crate::fixture::{self, Fixture};

/// Small files, one of each way to be read, whose public key is stored beside the private
/// one. (PKCS#8 Ed25519 files of openssl hold nothing but the seed: every seed is a key,
/// so nobody could tell a changed one.)
const CHECKED: [&str; 9] = [
    "accepted/openssh-ed25519",
    "accepted/openssh-ecdsa-256",
    "accepted/openssh-rsa-1024",
    "accepted/pem-ecdsa-256",
    "accepted/pkcs8-ed25519-with-public",
    "accepted/pem-dsa",
    "accepted/sshcom-rsa-1024",
    "accepted/sshcom-dsa-1024",
    "accepted/der-sec1-256",
];
const ENCRYPTED: [&str; 11] = [
    "accepted/openssh-ed25519-encrypted",
    "accepted/openssh-cipher-3des-cbc",
    "accepted/openssh-cipher-aes256-gcm",
    "accepted/openssh-cipher-chacha20-poly1305",
    "accepted/traditional-ec-des3",
    "accepted/pkcs8-ecdsa-256-encrypted",
    "accepted/passphrase-utf16",
    "accepted/pkcs8-PBE-MD5-DES",
    "accepted/traditional-ec-camellia128",
    "accepted/sshcom-rsa-1024-encrypted",
    "accepted/der-pkcs8-pbes1",
];

/// Everything that takes bytes takes these bytes; what comes out as a key is the key.
fn assert_harmless(fixture: &Fixture, bytes: &[u8], what: impl Fn() -> String) {
    if let Ok(file) = fixture.read_instead(bytes) {
        assert_eq!(*file.key.public(), fixture.public(), "{}: {}", fixture.path, what());
    }
    let _ = inspect(bytes);
    let _ = read_public(bytes);
    let _ = read_public_all(bytes);
}

#[test]
fn every_flipped_bit_of_a_plain_file_is_noticed_or_harmless() {
    for path in CHECKED {
        let fixture = fixture::named(path);
        let mut body = fixture.body();
        for at in 0..body.len() {
            for bit in 0..8 {
                body[at] ^= 1 << bit;
                let bytes = fixture.with_body(&body);
                assert_harmless(&fixture, &bytes, || format!("byte {at}, bit {bit}"));
                body[at] ^= 1 << bit;
            }
        }
    }
}

/// One bit of each byte: the derivation of the key takes its time at every try.
#[test]
fn every_damaged_byte_of_an_encrypted_file_is_noticed_or_harmless() {
    for path in ENCRYPTED {
        let fixture = fixture::named(path);
        let mut body = fixture.body();
        for at in 0..body.len() {
            let bit = 1 << (at % 8);
            body[at] ^= bit;
            let bytes = fixture.with_body(&body);
            assert_harmless(&fixture, &bytes, || format!("byte {at}"));
            body[at] ^= bit;
        }
    }
}

#[test]
fn every_truncated_file_is_refused() {
    for path in CHECKED.iter().chain(&ENCRYPTED) {
        let fixture = fixture::named(path);
        let last = match fixture.is_der() {
            true => fixture.bytes.len() - 1,
            false => fixture.bytes.iter().rposition(|&byte| byte == b'-').unwrap(),
        };
        for length in 0..=last {
            let cut = &fixture.bytes[..length];
            assert!(fixture.read_instead(cut).is_err(), "{path} cut to {length} bytes");
            let _ = inspect(cut);
        }
    }
}

#[test]
fn every_truncated_body_is_refused() {
    for path in CHECKED {
        let fixture = fixture::named(path);
        let body = fixture.body();
        for length in 0..body.len() {
            let bytes = fixture.with_body(&body[..length]);
            assert!(fixture.read_instead(&bytes).is_err(), "{path} cut to {length} bytes");
        }
    }
}

fn any_fixture() -> impl Strategy<Value = Fixture> {
    let paths: Vec<String> = fixture::all().into_iter().map(|fixture| fixture.path).collect();
    proptest::sample::select(paths).prop_map(|path| fixture::named(&path))
}

proptest! {
    #[test]
    fn any_bytes_are_harmless(bytes in proptest::collection::vec(any::<u8>(), 0..2048)) {
        prop_assert!(read_private(&bytes, None).is_err());
        let _ = inspect(&bytes);
        let _ = read_public(&bytes);
        let _ = read_public_all(&bytes);
    }

    #[test]
    fn any_bytes_in_any_armour_are_harmless(
        label in proptest::sample::select(vec![
            "OPENSSH PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY", "DSA PRIVATE KEY", "PUBLIC KEY", "RSA PUBLIC KEY",
        ]),
        mut bytes in proptest::collection::vec(any::<u8>(), 0..512),
        magic in any::<bool>(),
    ) {
        if magic {
            bytes.splice(0..0, b"openssh-key-v1\0".iter().copied());
        }
        let text = crate::container::block(label, &bytes);
        prop_assert!(read_private(&text, None).is_err());
        let _ = inspect(&text);
        let _ = read_public(&text);
        let _ = read_public_all(&text);
    }

    #[test]
    fn any_bytes_of_an_ssh_com_key_are_harmless(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..512),
        kind in proptest::sample::select(vec!["if-modn{sign{rsa-pkcs1-sha1}}", "dl-modp{sign{dsa-nist-sha1}}"]),
        cipher in proptest::sample::select(vec!["none", "3des-cbc"]),
    ) {
        use keyfob_keys::wire::Put;
        let mut whole = vec![0x3f, 0x6f, 0xf9, 0xeb];
        let length = 4 + 4 + 4 + kind.len() + 4 + cipher.len() + 4 + bytes.len();
        whole.put_u32(u32::try_from(length).unwrap());
        [kind.as_bytes(), cipher.as_bytes(), &bytes].into_iter().for_each(|part| whole.put_string(part));
        let passphrase = keyfob_keys::Secret::from(b"passphrase".to_vec());
        let text = crate::container::ssh2_block("SSH2 ENCRYPTED PRIVATE KEY", &whole);
        prop_assert!(read_private(&text, Some(&passphrase)).is_err());
        bytes.truncate(100);
        let text = crate::container::ssh2_block("SSH2 PUBLIC KEY", &bytes);
        let _ = inspect(&text);
        let _ = read_public_all(&text);
    }

    /// Pieces moved, doubled, dropped and overwritten in the text of real files.
    #[test]
    fn any_mangled_fixture_is_harmless(
        fixture in any_fixture(),
        from in any::<proptest::sample::Index>(),
        to in any::<proptest::sample::Index>(),
        insert in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        prop_assume!(!fixture.bytes.is_empty());
        let length = fixture.bytes.len();
        let (from, to) = (from.index(length), to.index(length));
        let mut bytes = fixture.bytes.clone();
        bytes.splice(from.min(to)..from.max(to).min(from.min(to) + 40), insert);
        let _ = fixture.read_instead(&bytes);
        let _ = inspect(&bytes);
        let _ = read_public(&bytes);
        let _ = read_public_all(&bytes);
    }
}
