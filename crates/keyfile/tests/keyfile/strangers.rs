//! OpenSSH files no honest program writes, each wrong in one part.

use keyfob_keyfile::{Error, Feature, Format, MAX_FILE, PrivateFile, read_private};
use keyfob_keys::wire::{Put, Reader};
use keyfob_keys::{PrivateKey, PublicNumbers, Secret};

use crate::container::{Container, armoured, bcrypt, block};
use crate::fixture::{encoded, variant};

fn key() -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[7; 32])
}

fn read(container: &Container) -> Result<PrivateFile, Error> {
    read_private(&container.text(), None)
}

/// The error of a file changed in one part.
fn refusal(change: impl FnOnce(&mut Container)) -> Error {
    let mut container = Container::of(&key());
    assert!(read(&container).is_ok(), "the unchanged file is good");
    change(&mut container);
    read(&container).err().expect("the changed file is refused")
}

fn assert_corrupt(error: &Error) {
    assert_eq!(variant(error), "Corrupt", "{error}");
}

#[test]
fn a_file_made_by_hand_is_read() {
    let file = read(&Container::of(&key())).ok().unwrap();
    assert_eq!(file.key.public(), key().public());
    assert_eq!(file.comment, b"by hand");
}

/// OpenSSH 10.4 writes such keys; no installed ssh-keygen can make the fixture.
#[test]
fn a_post_quantum_key_comes_back_as_it_was() {
    let key = PrivateKey::ml_dsa44_ed25519_from_seeds(&[1; 32], &[2; 32]);
    let file = read(&Container::of(&key)).ok().unwrap();
    assert_eq!(file.key.public(), key.public());
    let container = Container::of(&key);
    assert_eq!(*encoded(&file), container.key);
}

/// An unequal check word without encryption is damage: there is no passphrase to be wrong.
#[test]
fn check_words_must_agree() {
    assert_corrupt(&refusal(|file| file.checks = (1, 2)));
}

#[test]
fn padding_must_count() {
    for padding in [&[1, 2, 3, 5][..], &[0], &[1, 1]] {
        assert_corrupt(&refusal(|file| file.padding = Some(padding.to_vec())));
    }
}

#[test]
fn the_private_part_must_be_whole_blocks() {
    assert_corrupt(&refusal(|file| {
        let whole = file.bytes();
        assert_eq!(whole.len() % 4, 2, "so that one byte more is no whole block");
        file.comment.push(b'x');
        file.padding = Some(Vec::new());
    }));
}

/// Whoever swaps the readable public half must not make a person trust a fingerprint that
/// is not the key's.
#[test]
fn the_outer_public_key_must_be_the_private_keys() {
    let other = PrivateKey::ed25519_from_seed(&[8; 32]);
    assert_corrupt(&refusal(|file| file.public = other.public().blob().to_vec()));
}

#[test]
fn nothing_may_follow() {
    assert_corrupt(&refusal(|file| file.trailing = vec![0]));
    assert_corrupt(&refusal(|file| file.trailing = vec![0; 16]));
}

#[test]
fn a_file_holds_one_key() {
    for count in [0, 2, u32::MAX] {
        let error = refusal(|file| file.count = count);
        assert_eq!(variant(&error), "Unsupported", "{error}");
    }
}

#[test]
fn cipher_and_derivation_come_together() {
    assert_corrupt(&refusal(|file| file.kdf = b"bcrypt".to_vec()));
    assert_corrupt(&refusal(|file| file.cipher = b"aes256-ctr".to_vec()));
    assert_corrupt(&refusal(|file| file.kdf_options = bcrypt(b"salt", 1)));
}

/// An announced length must cost nothing: the bytes are not there.
#[test]
fn a_length_beyond_the_end_is_refused() {
    let bytes = Container::of(&key()).bytes();
    for at in 0..bytes.len() - 4 {
        let mut bytes = bytes.clone();
        bytes[at..at + 4].fill(0xff);
        match read_private(&armoured(&bytes), None) {
            Err(_) => {}
            Ok(file) => assert_eq!(file.key.public(), key().public(), "at {at}"),
        }
    }
}

fn unsupported(container: &Container) -> (Feature, String) {
    match read(container).err() {
        Some(error @ Error::Unsupported { .. }) => {
            let text = error.to_string();
            let Error::Unsupported { what, .. } = error else { unreachable!("matched above") };
            (what, text)
        }
        other => panic!("{other:?}"),
    }
}

/// The name in the message comes from a stranger; it must not reach a terminal raw.
#[test]
fn unknown_names_are_named_and_escaped() {
    let mut file = Container::of(&key());
    file.cipher = b"aes256-\x1b[31m".to_vec();
    file.kdf = b"bcrypt".to_vec();
    let (what, text) = unsupported(&file);
    assert_eq!(what, Feature::Cipher("aes256-\\x1b[31m".to_owned()));
    assert!(!text.contains('\x1b'), "{text}");

    let mut file = Container::of(&key());
    file.public.clear();
    file.public.put_string(&[b'k'; 300]);
    let (what, _) = unsupported(&file);
    assert_eq!(what, Feature::KeyType("k".repeat(64)));
}

/// Nobody types a passphrase for a key that cannot be used anyway.
#[test]
fn an_unknown_type_is_refused_before_the_passphrase_is_asked_for() {
    let mut public = Vec::new();
    public.put_string(b"ssh-ed448");
    public.put_string(&[3; 57]);
    let mut file = Container::of(&key());
    file.public = public;
    file.cipher = b"aes256-ctr".to_vec();
    file.kdf = b"bcrypt".to_vec();
    file.kdf_options = bcrypt(&[1; 16], 16);
    // Whole blocks of sixteen, or the length would be the first thing wrong.
    let unpadded = 4 + 4 + file.key.len() + 4 + file.comment.len();
    let padding = unpadded.next_multiple_of(16) - unpadded;
    file.padding = Some(vec![0; padding]);
    let error = read(&file).err().unwrap();
    assert_eq!(variant(&error), "Unsupported", "{error}");
    assert!(error.to_string().contains("ssh-ed448"), "{error}");
}

/// What its file says is kept: it is shown, encrypted anew and given another comment here,
/// and used elsewhere. No program here can make the fixture, it takes a token.
#[test]
fn a_key_on_a_token_comes_back_as_it_was() {
    let key = key();
    let PublicNumbers::Ed25519(point) = key.public().numbers() else { unreachable!() };
    let mut fields = Vec::new();
    fields.put_string(b"sk-ssh-ed25519@openssh.com");
    fields.put_string(point);
    fields.put_string(b"ssh:own");
    fields.put_u8(0x21);
    fields.put_string(&[7; 64]);
    fields.put_string(b"");
    let on_token = PrivateKey::decode(&mut Reader::new(&fields)).unwrap();
    let file = read(&Container::of(&on_token)).ok().unwrap();
    assert_eq!(file.key.public(), on_token.public());
    assert_eq!(*encoded(&file), fields);
    assert!(file.key.ensure_signs().is_err());
}

/// A key file is small. Whatever is larger is not looked through.
#[test]
fn a_huge_file_is_not_read() {
    let mut text = Container::of(&key()).text();
    text.resize(MAX_FILE, b'\n');
    assert!(read_private(&text, None).is_ok());
    text.push(b'\n');
    assert_eq!(read_private(&text, None).err(), Some(Error::TooLarge));
}

#[test]
fn other_private_blocks_are_named() {
    let error = read_private(&block("TPM2 PRIVATE KEY", &[0; 8]), None).err();
    let Some(Error::Unsupported { what, .. }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(what, Feature::Block("TPM2 PRIVATE KEY".to_owned()));
    let ssh1 = b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0\0\0".as_slice();
    let Some(Error::Unsupported { what, .. }) = read_private(ssh1, None).err() else {
        panic!("SSH-1 is recognised");
    };
    assert_eq!(what, Feature::Format(Format::Ssh1));
}

/// Not UTF-8, as a keyboard of another time typed it.
#[test]
fn a_passphrase_is_bytes() {
    let latin1 = Secret::from(b"caf\xe9".to_vec());
    let fixture = crate::fixture::named("accepted/openssh-ed25519-encrypted");
    let error = read_private(&fixture.bytes, Some(&latin1)).err();
    assert_eq!(error, Some(Error::WrongPassphrase));
}
