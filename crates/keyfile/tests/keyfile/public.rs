//! Public key files.

use keyfob_keyfile::{Error, Feature, Format, inspect, read_private, read_public};
use keyfob_keys::PublicKey;

use crate::fixture;

fn file(name: &str) -> Vec<u8> {
    std::fs::read(fixture::folder().join("public").join(name)).unwrap()
}

fn key_of(private: &str) -> PublicKey {
    fixture::named(&format!("accepted/{private}")).public()
}

#[test]
fn every_type_is_read_with_its_comment() {
    for name in ["ed25519", "rsa-2048", "ecdsa-256", "ecdsa-384", "ecdsa-521"] {
        let (key, comment) = read_public(&file(&format!("{name}.pub"))).unwrap();
        assert_eq!(key, key_of(&format!("openssh-{name}")));
        assert_eq!(comment, b"somebody at home");
    }
}

#[test]
fn a_certificate_is_read_whole() {
    for name in ["ed25519", "rsa-2048", "ecdsa-256"] {
        let (key, _) = read_public(&file(&format!("{name}-cert.pub"))).unwrap();
        let certificate = key.certificate().expect(name);
        assert_eq!(certificate.key_id, format!("{name} of keyfob").into_bytes());
        assert_eq!(key.plain(), key_of(&format!("openssh-{name}")));
    }
}

#[test]
fn the_first_key_of_several_lines_is_taken() {
    let (key, _) = read_public(&file("several.pub")).unwrap();
    assert_eq!(key, key_of("openssh-ecdsa-256"));
}

#[test]
fn windows_line_ends_and_byte_order_marks_are_no_part_of_the_key() {
    for name in ["crlf.pub", "bom-no-newline.pub"] {
        let (key, comment) = read_public(&file(name)).unwrap();
        assert_eq!(key, key_of("openssh-ed25519"), "{name}");
        assert_eq!(comment, b"somebody at home", "{name}");
    }
}

#[test]
fn a_type_that_is_not_supported_is_named() {
    let error = read_public(&file("dsa.pub")).unwrap_err();
    let Error::Unsupported { what, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(what, Feature::KeyType("ssh-dss".to_owned()));
    assert!(inspect(&file("dsa.pub")).unwrap().public.is_none());
}

#[test]
fn other_public_formats_are_named() {
    for (path, format) in
        [("refused/public-rfc4716", Format::Rfc4716), ("refused/public-spki", Format::PublicPem)]
    {
        let error = read_public(&fixture::named(path).bytes).unwrap_err();
        let Error::Unsupported { what, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(what, Feature::Format(format));
    }
}

/// The commonest slip of all has its own answer, so that a hint can name the file beside it.
#[test]
fn a_public_file_in_place_of_a_private_one_says_so() {
    for name in ["ed25519.pub", "ed25519-cert.pub", "dsa.pub", "several.pub", "crlf.pub"] {
        assert_eq!(read_private(&file(name), None).err(), Some(Error::PublicKeyFile), "{name}");
    }
}

#[test]
fn a_damaged_line_is_damage_and_other_text_is_no_key() {
    let line = file("ed25519.pub");
    let text = String::from_utf8(line).unwrap();
    let damaged = text.replacen("AAAAC3", "AAAAC4", 1);
    assert!(matches!(read_public(damaged.as_bytes()), Err(Error::Corrupt { .. })));
    for text in ["", "ssh-ed25519", "ssh-ed25519 AAA", "host ssh-ed25519 AAAAC3Nz", "# only\n\n"] {
        assert_eq!(read_public(text.as_bytes()).unwrap_err(), Error::NotAKey, "{text}");
    }
}
