//! Public keys, in every form.

use keyfob_keyfile::{Error, PublicForm, read_public, write_public};
use keyfob_keys::PublicKey;

use crate::keys::{self, EACH};
use crate::programs::{Folder, openssl, puttygen, ssh_keygen};

/// Comments a file must bring through, as far as its form has room.
const COMMENTS: [&[u8]; 6] =
    [b"", b"user@host", b"two words: one END two", b"M\xfcller", b"DOMAIN\\user", b"a \"quote\""];

fn write(key: &PublicKey, comment: &[u8], form: PublicForm) -> Vec<u8> {
    write_public(key, comment, form).unwrap()
}

/// Each key, and its certificate.
fn each() -> Vec<PublicKey> {
    let folder = Folder::new();
    let plain = EACH.map(|name| keys::key(name).public().clone());
    let certificates = plain.each_ref().map(|key| keys::certificate(key, &folder));
    plain.into_iter().chain(certificates).collect()
}

#[test]
fn a_line_is_read_by_ssh_keygen_and_puttygen() {
    let folder = Folder::new();
    for key in each() {
        for comment in COMMENTS {
            let text = write(&key, comment, PublicForm::Line);
            assert!(text.ends_with(b"\n"));
            let path = folder.put("key.pub", &text);
            let listed = ssh_keygen(&["-l", "-f", &path]).succeeded();
            let fingerprint = key.fingerprint(keyfob_keys::HashKind::Sha256).to_string();
            assert!(String::from_utf8_lossy(&listed).contains(&fingerprint));
            let (read, said) = puttygen(&[&path, "-O", "public-openssh"]).line();
            assert_eq!((read, &said[..]), (key.clone(), comment));
        }
    }
}

#[test]
fn rfc_4716_is_read_by_ssh_keygen_and_puttygen() {
    let folder = Folder::new();
    for key in each() {
        for comment in COMMENTS {
            let path = folder.put("key", &write(&key, comment, PublicForm::Rfc4716));
            assert_eq!(ssh_keygen(&["-i", "-f", &path]).line().0, key);
            if comment == COMMENTS[2] {
                // puttygen joins no lines; ssh-keygen would read no key, had it been one.
                continue;
            }
            let (read, said) = puttygen(&[&path, "-O", "public-openssh"]).line();
            assert_eq!((read, &said[..]), (key.clone(), comment));
        }
    }
}

#[test]
fn rfc_4716_is_as_ssh_keygen_writes_it_but_for_the_comment() {
    let folder = Folder::new();
    for key in each() {
        let path = folder.put("key.pub", &write(&key, b"comment", PublicForm::Line));
        let theirs = ssh_keygen(&["-e", "-f", &path]).succeeded();
        let without_comment = |text: &[u8]| {
            let text = String::from_utf8(text.to_vec()).unwrap();
            text.lines()
                .filter(|line| !line.starts_with("Comment: "))
                .collect::<Vec<_>>()
                .join("\n")
        };
        let ours = write(&key, b"comment", PublicForm::Rfc4716);
        assert_eq!(without_comment(&ours), without_comment(&theirs));
    }
}

/// Too long for a line of 72 bytes: joined again by ssh-keygen.
#[test]
fn long_comments_do_not_keep_ssh_keygen_from_the_key() {
    let folder = Folder::new();
    let key = keys::key("ed25519").public().clone();
    for length in [61, 62, 71, 72, 73, 142, 143, 500] {
        for part in ["x", "a: ", " END ", "\\", "-", "ü"] {
            let comment = part.repeat(length / part.len());
            let path = folder.put("key", &write(&key, comment.as_bytes(), PublicForm::Rfc4716));
            let (read, _) = ssh_keygen(&["-i", "-f", &path]).line();
            assert_eq!(read, key, "{comment}");
            let ours = read_public(&folder.get("key")).unwrap();
            assert_eq!(ours, (key.clone(), comment.into_bytes()));
        }
    }
}

#[test]
fn spki_and_pkcs1_are_as_ssh_keygen_and_openssl_write_them() {
    let folder = Folder::new();
    for name in EACH {
        let key = keys::key(name);
        let ours = write(key.public(), b"", PublicForm::Spki);
        let path = folder.put("key.pem", &ours);
        let theirs = openssl(&["pkey", "-pubin", "-in", &path]).succeeded();
        assert_eq!(ours, theirs, "{name}");
        let line = folder.put("key.pub", &write(key.public(), b"", PublicForm::Line));
        if name == "ed25519" {
            continue; // ssh-keygen 9.2 has no such form for it
        }
        let theirs = ssh_keygen(&["-e", "-m", "PKCS8", "-f", &line]).succeeded();
        assert_eq!(ours, theirs, "{name}");
        assert_eq!(ssh_keygen(&["-i", "-m", "PKCS8", "-f", &path]).line().0, *key.public());
    }
    let key = keys::key("rsa-2048");
    let ours = write(key.public(), b"", PublicForm::Pkcs1);
    let line = folder.put("key.pub", &write(key.public(), b"", PublicForm::Line));
    assert_eq!(ours, ssh_keygen(&["-e", "-m", "PEM", "-f", &line]).succeeded());
    let path = folder.put("key.pem", &ours);
    assert_eq!(ssh_keygen(&["-i", "-m", "PEM", "-f", &path]).line().0, *key.public());
    assert_eq!(
        ours,
        openssl(&["rsa", "-RSAPublicKey_in", "-RSAPublicKey_out", "-in", &path]).succeeded()
    );
}

/// As ssh-keygen does: the forms have no room for a certificate, and need none for the key.
#[test]
fn pem_forms_of_a_certificate_are_those_of_its_key() {
    let folder = Folder::new();
    for name in EACH {
        let key = keys::key(name).public().clone();
        let certificate = keys::certificate(&key, &folder);
        let of = |key: &PublicKey| write(key, b"", PublicForm::Spki);
        assert_eq!(of(&certificate), of(&key));
    }
}

#[test]
fn ed25519_in_spki_is_the_key_openssl_says() {
    let folder = Folder::new();
    let path = folder.path("private");
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &path]).succeeded();
    let theirs = openssl(&["pkey", "-in", &path, "-pubout"]).succeeded();
    let key = keys::read(&folder.get("private")).key;
    assert_eq!(write(key.public(), b"", PublicForm::Spki), theirs);
}

/// What stands in an authorized_keys file must not bring a second line with it.
#[test]
fn a_comment_that_breaks_its_line_is_refused() {
    let key = keys::key("ed25519").public().clone();
    for comment in [&b"a\nssh-rsa AAAA"[..], b"\r", b"a\0b"] {
        for form in [PublicForm::Line, PublicForm::Rfc4716] {
            assert!(matches!(write_public(&key, comment, form), Err(Error::Comment(_))));
        }
        assert!(write_public(&key, comment, PublicForm::Spki).is_ok());
    }
}

#[test]
fn a_form_without_room_for_the_type_says_so() {
    let refused = |key: &PublicKey, form| write_public(key, b"", form).unwrap_err().to_string();
    let ed25519 = keys::key("ed25519").public().clone();
    assert_eq!(
        refused(&ed25519, PublicForm::Pkcs1),
        "recognised but unsupported: key type ssh-ed25519, because PKCS#1 is a form of RSA keys only"
    );
    let composite = keyfob_keys::PrivateKey::ml_dsa44_ed25519_from_seeds(&[1; 32], &[2; 32]);
    assert_eq!(
        refused(composite.public(), PublicForm::Spki),
        "recognised but unsupported: key type ssh-mldsa44-ed25519@openssh.com, because PEM has no \
         form for it that other programs read"
    );
}
