//! Public key files.

use keyfob_keyfile::{
    Error, Feature, Format, PublicForm, inspect, read_private, read_public, write_public,
};
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

const KEYS: [&str; 6] = ["ed25519", "rsa-2048", "ecdsa-256", "ecdsa-384", "ecdsa-521", "dsa"];

/// Whatever form a key is in, it is that key.
#[test]
fn every_form_of_a_key_is_the_same_key() {
    for name in KEYS {
        let wanted = key_of(&format!("openssh-{name}"));
        let mut forms = vec![format!("rfc4716-{name}"), format!("spki-{name}")];
        forms.push(format!("spki-der-{name}"));
        if name.starts_with("ecdsa") {
            forms.push(format!("spki-compressed-{name}"));
        }
        if name.starts_with("rsa") {
            forms.extend([format!("pkcs1-{name}"), format!("pkcs1-der-{name}")]);
        }
        for form in forms {
            let (key, comment) = read_public(&file(&form)).unwrap();
            assert_eq!(key, wanted, "{form}");
            let is_rfc4716 = form.starts_with("rfc4716");
            assert_eq!(comment, if is_rfc4716 { "somebody at home" } else { "" }.as_bytes());
            let told = inspect(&file(&form)).unwrap();
            let format = if is_rfc4716 { Format::Rfc4716 } else { Format::PublicPem };
            assert_eq!((told.format, told.is_der), (format, form.contains("-der-")));
            assert_eq!(told.public, Some(wanted.clone()));
            assert_eq!(told.comment.is_some(), is_rfc4716, "{form}");
        }
    }
}

/// RFC 4716 §3.3, and what other programs make of it.
#[test]
fn the_comment_of_rfc_4716_is_read_as_it_was_meant() {
    let long = "x".repeat(1500);
    for (name, wanted) in [
        ("case", &b"other case"[..]),
        ("continued", b"a comment on three  lines"),
        ("unquoted", b"not quoted"),
        ("empty", b""),
        ("bare", b""),
        ("latin1", b"caf\xe9"),
        ("long", long.as_bytes()),
    ] {
        let (key, comment) = read_public(&file(&format!("rfc4716-{name}"))).unwrap();
        assert_eq!(comment, wanted, "{name}");
        assert_eq!(key, key_of("openssh-ed25519"), "{name}");
    }
    let (key, comment) = read_public(&file("rfc4716-putty")).unwrap();
    let private = fixture::named("accepted/sshcom-comment");
    assert_eq!((key, comment), (private.public(), private.comment));
}

#[test]
fn a_type_that_is_not_supported_is_named() {
    for (name, wanted) in [
        ("unsupported-ed448", Feature::KeyType("ssh-ed448".to_owned())),
        ("unsupported-spki-ed448", Feature::KeyType("Ed448".to_owned())),
        ("unsupported-spki-x25519", Feature::KeyType("X25519".to_owned())),
        ("unsupported-spki-secp256k1", Feature::Curve("1.3.132.0.10".to_owned())),
        ("unsupported-spki-explicit", Feature::Curve("given as numbers".to_owned())),
    ] {
        let error = read_public(&file(name)).unwrap_err();
        let Error::Unsupported { what, .. } = error else {
            panic!("{error}");
        };
        assert_eq!(what, wanted);
        assert!(inspect(&file(name)).unwrap().public.is_none());
    }
}

/// A point somebody made up must not become a key.
#[test]
fn a_point_beside_its_curve_is_refused() {
    for name in ["spki-der-ecdsa-256", "spki-der-ecdsa-521"] {
        let mut bytes = file(name);
        *bytes.last_mut().unwrap() ^= 1;
        let error = read_public(&bytes).unwrap_err();
        assert_eq!(fixture::variant(&error), "Corrupt", "{error}");
    }
}

/// Nobody can sign with the first, everybody with the others: on a server those are an open door.
#[test]
fn an_ed25519_key_that_is_no_point_or_one_of_small_order_is_refused_in_every_form() {
    let (good, _) = read_public(&file("ed25519.pub")).unwrap();
    for y in [2, 0, 1] {
        let mut blob = good.blob().to_vec();
        let point = blob.len() - 32;
        blob[point..].fill(0);
        blob[point] = y;
        let key = PublicKey::from_blob(&blob).unwrap();
        for form in [PublicForm::Line, PublicForm::Rfc4716, PublicForm::Spki] {
            let bytes = write_public(&key, b"", form).unwrap();
            for error in
                [read_public(&bytes).unwrap_err(), inspect(&bytes).map(|_| ()).unwrap_err()]
            {
                assert_eq!(fixture::variant(&error), "Corrupt", "{form:?}: {error}");
            }
        }
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
    let cut = read_public(b"host ssh-ed25519 AAAAC3Nz");
    assert!(matches!(cut, Err(Error::Corrupt { .. })), "a key, but not a whole one");
    for text in ["", "ssh-ed25519", "ssh-ed25519 AAA", "host ssh-ed25519", "# only\n\n"] {
        assert_eq!(read_public(text.as_bytes()).unwrap_err(), Error::NotAKey, "{text}");
    }
}
