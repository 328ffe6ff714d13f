//! Encrypted PKCS#8 (RFC 5958 §3): which scheme, and what it protects.
//!
//! Read with our own eyes and not with the `pkcs5` crate: its version 0.8.1 panics on a
//! triple DES vector shorter than eight bytes, refuses salts above 32 bytes, and cannot
//! say which algorithm it did not know.

use keyfob_keys::Secret;
use pkcs8::ObjectIdentifier;
use pkcs8::der::{self, Decode, Reader, SliceReader, asn1::OctetStringRef};
use pkcs8::spki::AlgorithmIdentifierRef;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::cbc::{CbcCipher, NOT_WHOLE};
use crate::error::{Error, Feature};
use crate::format::Format;
use crate::limits::{Limits, MAX_SALT};
use crate::pbes1::Pbes1;
use crate::pbes2::Pbes2;

/// An encrypted document and how to decrypt it.
pub(crate) struct Encrypted<'a> {
    pub(crate) scheme: Scheme<'a>,
    data: &'a [u8],
}

/// What a passphrase becomes.
pub(crate) struct KeyAndIv {
    pub(crate) key: Zeroizing<Vec<u8>>,
    pub(crate) iv: Zeroizing<Vec<u8>>,
}

/// How it is encrypted.
pub(crate) enum Scheme<'a> {
    Pbes1(Pbes1<'a>),
    Pbes2(Pbes2<'a>),
}

/// What is not read, by the names OpenSSL gives them.
const OTHERS: [(ObjectIdentifier, &str); 4] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.1"), "PBE-MD2-DES"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.4"), "PBE-MD2-RC2-64"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.1"), "PBE-SHA1-RC4-128"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.2"), "PBE-SHA1-RC4-40"),
];

/// The decrypted document.
pub(crate) fn decrypt(
    der: &[u8],
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let encrypted = Encrypted::read(der)?;
    encrypted.scheme.check(limits)?;
    let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?.expose_secret();
    let KeyAndIv { key, iv } = match &encrypted.scheme {
        Scheme::Pbes1(scheme) => scheme.derive(passphrase),
        Scheme::Pbes2(scheme) => scheme.derive(passphrase)?,
    };
    encrypted.scheme.cipher().decrypt_document(&key, &iv, encrypted.data, Format::Pkcs8)
}

impl<'a> Encrypted<'a> {
    /// Reads `EncryptedPrivateKeyInfo`.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Error> {
        let (algorithm, data) = outer(der).map_err(damaged_der)?;
        let data = data.as_bytes();
        let scheme = if let Some(scheme) = Pbes1::read(&algorithm)? {
            Scheme::Pbes1(scheme)
        } else if let Some(scheme) = Pbes2::read(&algorithm)? {
            Scheme::Pbes2(scheme)
        } else {
            return Err(unknown(algorithm.oid));
        };
        if !scheme.cipher().divides(data) {
            return Err(damaged(NOT_WHOLE));
        }
        Ok(Self { scheme, data })
    }
}

impl Scheme<'_> {
    pub(crate) fn cipher(&self) -> CbcCipher {
        match self {
            Self::Pbes1(scheme) => scheme.cipher,
            Self::Pbes2(scheme) => scheme.cipher,
        }
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        match self {
            Self::Pbes1(scheme) => scheme.check(limits),
            Self::Pbes2(scheme) => scheme.derivation.check(limits),
        }
    }
}

fn unknown(oid: ObjectIdentifier) -> Error {
    let known = OTHERS.iter().find(|other| other.0 == oid);
    let (name, because) = match known {
        Some((_, name)) => ((*name).to_owned(), "MD2 and RC4 are long broken and no longer made"),
        None => (oid.to_string(), "keyfob does not know it"),
    };
    Error::Unsupported { what: Feature::Cipher(name), because }
}

/// Scheme and encrypted bytes.
fn outer<'a>(der: &'a [u8]) -> der::Result<(AlgorithmIdentifierRef<'a>, &'a OctetStringRef)> {
    let mut reader = SliceReader::new(der)?;
    let both = reader.sequence(pair)?;
    reader.finish()?;
    Ok(both)
}

/// An algorithm and something else.
pub(crate) fn pair<'a, T: Decode<'a, Error = der::Error>>(
    reader: &mut SliceReader<'a>,
) -> der::Result<(AlgorithmIdentifierRef<'a>, T)> {
    Ok((AlgorithmIdentifierRef::decode(reader)?, T::decode(reader)?))
}

/// A salt of bearable length.
pub(crate) fn salt(salt: &OctetStringRef) -> Result<&[u8], Error> {
    let salt = salt.as_bytes();
    if salt.len() > MAX_SALT {
        return Err(damaged("the salt is longer than any program writes"));
    }
    Ok(salt)
}

/// Refuses more than allowed.
pub(crate) fn refuse_above(unit: &'static str, rounds: u64, limit: u64) -> Result<(), Error> {
    if rounds <= limit {
        return Ok(());
    }
    Err(Error::KdfTooExpensive { unit, rounds, limit })
}

pub(crate) fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::Pkcs8, problem)
}

pub(crate) fn damaged_der(error: der::Error) -> Error {
    damaged(&error.to_string())
}
