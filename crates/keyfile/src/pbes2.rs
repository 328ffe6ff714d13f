//! PBES2 of PKCS#5 (RFC 8018 §6.2): a key derivation and a cipher, each named for itself.

use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use crate::cbc::CbcCipher;
use crate::encrypted_pkcs8::{KeyAndIv, damaged, damaged_der, pair};
use crate::error::{Error, Feature};
use crate::pbes2_kdf::Derivation;

/// A scheme and its parameters.
pub(crate) struct Pbes2<'a> {
    pub(crate) cipher: CbcCipher,
    iv: &'a [u8],
    pub(crate) derivation: Derivation<'a>,
}

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

use CbcCipher as C;
const CIPHERS: [(ObjectIdentifier, CbcCipher); 8] = [
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"), C::Aes128),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"), C::Aes192),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"), C::Aes256),
    (ObjectIdentifier::new_unwrap("1.2.392.200011.61.1.1.1.2"), C::Camellia128),
    (ObjectIdentifier::new_unwrap("1.2.392.200011.61.1.1.1.3"), C::Camellia192),
    (ObjectIdentifier::new_unwrap("1.2.392.200011.61.1.1.1.4"), C::Camellia256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"), C::TripleDes),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.7"), C::Des),
];

/// What else OpenSSL writes, by the names it gives them.
const OTHERS: [(ObjectIdentifier, &str); 8] = [
    (ObjectIdentifier::new_unwrap("1.2.410.200046.1.1.2"), "ARIA-128-CBC"),
    (ObjectIdentifier::new_unwrap("1.2.410.200046.1.1.7"), "ARIA-192-CBC"),
    (ObjectIdentifier::new_unwrap("1.2.410.200046.1.1.12"), "ARIA-256-CBC"),
    (ObjectIdentifier::new_unwrap("1.2.156.10197.1.104.2"), "SM4-CBC"),
    (ObjectIdentifier::new_unwrap("1.2.410.200004.1.4"), "SEED-CBC"),
    (ObjectIdentifier::new_unwrap("1.3.6.1.4.1.3029.1.2"), "BF-CBC"),
    (ObjectIdentifier::new_unwrap("1.2.840.113533.7.66.10"), "CAST5-CBC"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.3.2"), "RC2-CBC"),
];

impl<'a> Pbes2<'a> {
    /// Reads the parameters, if this is that scheme.
    pub(crate) fn read(scheme: &AlgorithmIdentifierRef<'a>) -> Result<Option<Self>, Error> {
        if scheme.oid != PBES2 {
            return Ok(None);
        }
        let parameters = scheme.parameters.ok_or_else(|| damaged("PBES2 has no parameters"))?;
        let (derivation, encryption) =
            parameters.sequence(pair::<AlgorithmIdentifierRef<'_>>).map_err(damaged_der)?;
        let (cipher, iv) = cipher(&encryption)?;
        let derivation = Derivation::read(&derivation, cipher.key_length())?;
        Ok(Some(Self { cipher, iv, derivation }))
    }

    /// Key and vector; takes its time.
    pub(crate) fn derive(&self, passphrase: &[u8]) -> Result<KeyAndIv, Error> {
        let mut key = Zeroizing::new(vec![0; self.cipher.key_length()]);
        self.derivation.derive(passphrase, &mut key)?;
        Ok(KeyAndIv { key, iv: Zeroizing::new(self.iv.to_vec()) })
    }
}

fn cipher<'a>(algorithm: &AlgorithmIdentifierRef<'a>) -> Result<(CbcCipher, &'a [u8]), Error> {
    let Some((_, cipher)) = CIPHERS.iter().find(|cipher| cipher.0 == algorithm.oid) else {
        let known = OTHERS.iter().find(|other| other.0 == algorithm.oid);
        return Err(Error::Unsupported {
            what: Feature::Cipher(
                known.map_or_else(|| algorithm.oid.to_string(), |known| known.1.to_owned()),
            ),
            because: "keyfob reads AES, Camellia and triple DES in CBC mode",
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
