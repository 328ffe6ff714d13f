//! Encrypted PKCS#8: PBES2 of PKCS#5 (RFC 8018 §6.2).
//!
//! Read with our own eyes and not with the `pkcs5` crate: its version 0.8.1 panics on a
//! triple DES vector shorter than eight bytes, refuses salts above 32 bytes, and cannot
//! say which algorithm it did not know. PBES1 and PKCS#12's ciphers are named and refused.

use keyfob_keys::Secret;
use pkcs8::ObjectIdentifier;
use pkcs8::der::{self, Decode, Reader, SliceReader, asn1::OctetStringRef};
use pkcs8::spki::AlgorithmIdentifierRef;
use secrecy::ExposeSecret;
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use crate::cbc;
use crate::error::{Error, Feature};
use crate::format::Format;
use crate::limits::Limits;
use crate::pbes2_kdf::Derivation;

/// An encrypted document and how to decrypt it.
pub(crate) struct Encrypted<'a> {
    pub(crate) cipher: Cipher,
    iv: &'a [u8],
    pub(crate) derivation: Derivation<'a>,
    data: &'a [u8],
}

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

const CIPHERS: [(ObjectIdentifier, Cipher); 4] = [
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"), Cipher::Aes128Cbc),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"), Cipher::Aes192Cbc),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"), Cipher::Aes256Cbc),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"), Cipher::TdesCbc),
];

/// What came before PBES2, by the names OpenSSL gives them.
const OLD_SCHEMES: [(ObjectIdentifier, &str); 6] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.3"), "PBE-MD5-DES"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.10"), "PBE-SHA1-DES"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.1"), "PBE-SHA1-RC4-128"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3"), "PBE-SHA1-3DES"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4"), "PBE-SHA1-2DES"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6"), "PBE-SHA1-RC2-40"),
];

/// The decrypted document.
pub(crate) fn decrypt(
    der: &[u8],
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let encrypted = Encrypted::read(der)?;
    encrypted.derivation.check(limits)?;
    let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?.expose_secret();
    let (key_length, _) = encrypted.cipher.key_and_iv_size().unwrap_or_default();
    let mut key = Zeroizing::new(vec![0; key_length]);
    encrypted.derivation.derive(passphrase, &mut key)?;
    cbc::decrypt(encrypted.cipher, &key, encrypted.iv, encrypted.data, Format::Pkcs8)
}

impl<'a> Encrypted<'a> {
    /// Reads `EncryptedPrivateKeyInfo`.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Error> {
        let (scheme, data) = outer(der).map_err(damaged_der)?;
        let data = data.as_bytes();
        if scheme.oid != PBES2 {
            let known = OLD_SCHEMES.iter().find(|old| old.0 == scheme.oid);
            return Err(Error::Unsupported {
                what: Feature::Cipher(match known {
                    Some((_, name)) => (*name).to_owned(),
                    None => scheme.oid.to_string(),
                }),
                because: "keyfob reads PKCS#8 files encrypted by PBES2 only",
            });
        }
        let parameters = scheme.parameters.ok_or_else(|| damaged("PBES2 has no parameters"))?;
        let (derivation, encryption) =
            parameters.sequence(pair::<AlgorithmIdentifierRef<'_>>).map_err(damaged_der)?;
        let (cipher, iv) = cipher(&encryption)?;
        if !cbc::is_whole(cipher, data) {
            return Err(damaged(cbc::NOT_WHOLE));
        }
        Ok(Self { cipher, iv, derivation: Derivation::read(&derivation, cipher)?, data })
    }
}

/// Scheme and encrypted bytes.
fn outer<'a>(der: &'a [u8]) -> der::Result<(AlgorithmIdentifierRef<'a>, &'a OctetStringRef)> {
    let mut reader = SliceReader::new(der)?;
    let both = reader.sequence(pair)?;
    reader.finish()?;
    Ok(both)
}

/// An algorithm and something else.
fn pair<'a, T: Decode<'a, Error = der::Error>>(
    reader: &mut SliceReader<'a>,
) -> der::Result<(AlgorithmIdentifierRef<'a>, T)> {
    Ok((AlgorithmIdentifierRef::decode(reader)?, T::decode(reader)?))
}

fn cipher<'a>(algorithm: &AlgorithmIdentifierRef<'a>) -> Result<(Cipher, &'a [u8]), Error> {
    let Some((_, cipher)) = CIPHERS.iter().find(|cipher| cipher.0 == algorithm.oid) else {
        return Err(Error::Unsupported {
            what: Feature::Cipher(algorithm.oid.to_string()),
            because: "keyfob reads AES and triple DES in CBC mode",
        });
    };
    let iv = algorithm
        .parameters
        .and_then(|parameters| parameters.decode_as::<&OctetStringRef>().ok())
        .map(OctetStringRef::as_bytes);
    match iv {
        Some(iv) if iv.len() == cipher.block_size() => Ok((*cipher, iv)),
        _ => Err(damaged("the cipher has no initialisation vector of its length")),
    }
}

pub(crate) fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::Pkcs8, problem)
}

pub(crate) fn damaged_der(error: der::Error) -> Error {
    damaged(&error.to_string())
}
