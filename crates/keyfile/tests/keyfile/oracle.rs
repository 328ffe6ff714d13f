//! The `ssh-key` crate as an independent reader and writer of the OpenSSH format.

use keyfob_keyfile::{Format, inspect, read_private};
use keyfob_keys::Secret;
use keyfob_keys::wire::Reader;
use ssh_key::encoding::Encode;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{Cipher, Kdf, LineEnding, PrivateKey};

use crate::fixture::{self, Fixture, encoded};

/// Our encoding of the private key and the oracle's; `None` where it cannot read the file:
/// it refuses P-256 scalars below 2^248, comments that are not UTF-8 and lenient text.
fn both(fixture: &Fixture) -> Option<(Vec<u8>, Vec<u8>)> {
    let ours = fixture.read().ok().unwrap();
    let theirs = PrivateKey::from_openssh(&fixture.bytes).ok()?;
    let theirs = match &fixture.passphrase {
        Some(passphrase) => theirs.decrypt(passphrase).ok()?,
        None => theirs,
    };
    assert_eq!(ours.comment, theirs.comment().as_bytes(), "{}", fixture.path);
    Some((encoded(&ours).to_vec(), theirs.key_data().encode_vec().unwrap()))
}

/// The fields without zeros in front: the oracle writes ECDSA scalars as long as the curve,
/// which is no `mpint`.
fn without_zeros(private: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = Reader::new(private);
    let mut fields = Vec::new();
    while let Ok(field) = reader.string() {
        let zeros = field.iter().take_while(|&&byte| byte == 0).count();
        fields.push(field[zeros..].to_vec());
    }
    assert!(reader.is_empty());
    fields
}

/// The private numbers themselves agree, not only the public key that follows from them.
#[test]
fn both_readers_see_the_same_private_key() {
    let mut seen = 0;
    for fixture in fixture::all() {
        let is_openssh = inspect(&fixture.bytes).is_ok_and(|told| told.format == Format::OpenSsh);
        if fixture.outcome == "key"
            && is_openssh
            && let Some((ours, theirs)) = both(&fixture)
        {
            assert_eq!(without_zeros(&ours), without_zeros(&theirs), "{}", fixture.path);
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} files were compared");
}

/// Files of another writer: other salts, other rounds, other padding.
#[test]
fn what_the_other_writer_writes_is_read() {
    let ciphers = [
        Cipher::Aes128Cbc,
        Cipher::Aes192Cbc,
        Cipher::Aes256Cbc,
        Cipher::Aes128Ctr,
        Cipher::Aes192Ctr,
        Cipher::Aes256Ctr,
        Cipher::Aes128Gcm,
        Cipher::Aes256Gcm,
        Cipher::ChaCha20Poly1305,
        Cipher::TdesCbc,
    ];
    for (cipher, length) in ciphers.into_iter().zip(0_u8..) {
        let pair = Ed25519Keypair::from_seed(&[length; 32]);
        // Comments of growing length, so that every length of padding occurs.
        let comment = "x".repeat(length.into());
        let key = PrivateKey::new(KeypairData::from(pair), comment.clone()).unwrap();
        let kdf = Kdf::Bcrypt { salt: vec![length; usize::from(length) + 1], rounds: 1 };
        let encrypted = key.encrypt_with(cipher, kdf, 0x0102_0304, b"pass\xff").unwrap();
        let text = encrypted.to_openssh(LineEnding::CRLF).unwrap();
        let passphrase = Secret::from(b"pass\xff".to_vec());
        let ours = read_private(text.as_bytes(), Some(&passphrase)).ok().unwrap();
        assert_eq!(*encoded(&ours), key.key_data().encode_vec().unwrap(), "{cipher}");
        assert_eq!(ours.comment, comment.as_bytes());
    }
}
