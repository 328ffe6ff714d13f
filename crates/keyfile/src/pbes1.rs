//! What encrypted PKCS#8 before PBES2: PBES1 (RFC 8018 §6.1) and the schemes of PKCS#12
//! (RFC 7292 appendices B and C), which also make the initialisation vector of the passphrase.
//!
//! Read because old keys are kept so; nothing here writes it.

use md5::Md5;
use pkcs8::ObjectIdentifier;
use pkcs8::der::{Decode, Reader, SliceReader, Tag, Tagged, asn1::OctetStringRef};
use pkcs8::spki::AlgorithmIdentifierRef;
use sha1::{Digest, Sha1};
use zeroize::{Zeroize, Zeroizing};

use crate::cbc::CbcCipher;
use crate::encrypted_pkcs8::{KeyAndIv, damaged, damaged_der, refuse_above, salt};
use crate::error::Error;
use crate::limits::Limits;

/// A scheme and its parameters.
#[derive(Clone, Copy)]
pub(crate) struct Pbes1<'a> {
    pub(crate) cipher: CbcCipher,
    pub(crate) derivation: OldDerivation,
    salt: &'a [u8],
    pub(crate) iterations: u32,
}

/// How the passphrase becomes key and vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OldDerivation {
    /// PBKDF1: the hash of the hash of … passphrase and salt.
    Pbkdf1Md5,
    Pbkdf1Sha1,
    /// Of RFC 7292 appendix B.2, with SHA-1.
    Pkcs12,
}

use CbcCipher as C;
use OldDerivation as D;
const SCHEMES: [(ObjectIdentifier, CbcCipher, OldDerivation); 8] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.3"), C::Des, D::Pbkdf1Md5),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.6"), C::Rc2(8), D::Pbkdf1Md5),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.10"), C::Des, D::Pbkdf1Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.11"), C::Rc2(8), D::Pbkdf1Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3"), C::TripleDes, D::Pkcs12),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4"), C::TwoKeyTripleDes, D::Pkcs12),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5"), C::Rc2(16), D::Pkcs12),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6"), C::Rc2(5), D::Pkcs12),
];

impl<'a> Pbes1<'a> {
    /// Reads the parameters, if this is such a scheme.
    pub(crate) fn read(scheme: &AlgorithmIdentifierRef<'a>) -> Result<Option<Self>, Error> {
        let Some(&(_, cipher, derivation)) = SCHEMES.iter().find(|known| known.0 == scheme.oid)
        else {
            return Ok(None);
        };
        let parameters = scheme.parameters.filter(|any| any.tag() == Tag::Sequence);
        let parameters = parameters.ok_or_else(|| damaged("the cipher has no parameters"))?;
        let mut reader = SliceReader::new(parameters.value()).map_err(damaged_der)?;
        let salt = salt(<&OctetStringRef>::decode(&mut reader).map_err(damaged_der)?)?;
        let iterations = u32::decode(&mut reader).map_err(damaged_der)?;
        reader.finish().map_err(damaged_der)?;
        if iterations == 0 {
            return Err(damaged("the key derivation has no iterations"));
        }
        Ok(Some(Self { cipher, derivation, salt, iterations }))
    }

    /// Refuses more work than allowed. An iteration costs no more than one of PBKDF2.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), Error> {
        let limit = limits.pbkdf2_iterations;
        refuse_above("iterations of the key derivation", self.iterations.into(), limit.into())
    }

    /// Key and vector; takes its time.
    pub(crate) fn derive(&self, passphrase: &[u8]) -> KeyAndIv {
        let (key, iv) = (self.cipher.key_length(), self.cipher.block_size());
        match self.derivation {
            D::Pbkdf1Md5 => halves(&self.pbkdf1::<Md5>(passphrase)),
            D::Pbkdf1Sha1 => halves(&self.pbkdf1::<Sha1>(passphrase)),
            D::Pkcs12 => {
                let text = bmp_string(passphrase);
                KeyAndIv { key: self.pkcs12(KEY, &text, key), iv: self.pkcs12(VECTOR, &text, iv) }
            }
        }
    }

    /// RFC 8018 §5.1; the salt has eight bytes there, and as many as it has here.
    fn pbkdf1<H: Digest>(&self, passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
        hashed(H::new().chain_update(passphrase).chain_update(self.salt), self.iterations)
    }

    /// RFC 7292 appendix B.2, steps as numbered there.
    fn pkcs12(&self, purpose: u8, text: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
        // 1 to 4: the salt and the passphrase, each repeated to whole blocks.
        let mut mixed = filled(self.salt);
        let passphrase = filled(text);
        let mut joined = Zeroizing::new(Vec::with_capacity(mixed.len() + passphrase.len()));
        joined.extend_from_slice(&mixed);
        joined.extend_from_slice(&passphrase);
        mixed.zeroize();
        let mut out = Zeroizing::new(Vec::with_capacity(length + HASH));
        // 5 and 6
        while out.len() < length {
            let first = Sha1::new().chain_update([purpose; BLOCK]).chain_update(&*joined);
            let hash = hashed(first, self.iterations);
            out.extend_from_slice(&hash);
            joined.chunks_exact_mut(BLOCK).for_each(|block| add_one_and(&hash, block));
        }
        out.truncate(length);
        out
    }
}

/// Bytes SHA-1 works on at a time, and its result.
const BLOCK: usize = 64;
const HASH: usize = 20;

/// What is derived (appendix B.3).
const KEY: u8 = 1;
const VECTOR: u8 = 2;

/// The first sixteen bytes: key and vector of eight.
fn halves(hash: &[u8]) -> KeyAndIv {
    let half = |range: std::ops::Range<usize>| {
        Zeroizing::new(hash.get(range).unwrap_or_default().to_vec())
    };
    KeyAndIv { key: half(0..8), iv: half(8..16) }
}

/// The hash of the hash of … so often.
fn hashed<H: Digest>(first: H, times: u32) -> Zeroizing<Vec<u8>> {
    let mut hash = first.finalize();
    for _ in 1..times {
        hash = H::digest(&hash);
    }
    let result = Zeroizing::new(hash.to_vec());
    hash.as_mut_slice().zeroize();
    result
}

/// Repeated until the blocks are full; nothing of nothing.
fn filled(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let length = bytes.len().next_multiple_of(BLOCK);
    let mut full = Zeroizing::new(Vec::with_capacity(length));
    full.extend(bytes.iter().copied().cycle().take(length));
    full
}

/// block + hash (repeated to its length) + 1, without what goes over.
fn add_one_and(hash: &[u8], block: &mut [u8]) {
    let mut carry = 1;
    for (at, byte) in block.iter_mut().enumerate().rev() {
        let sum = u16::from(*byte) + u16::from(hash[at % HASH]) + carry;
        // The low eight bits.
        *byte = sum as u8;
        carry = sum >> 8;
    }
}

/// The passphrase in big-endian UTF-16 with a zero behind it (appendix B.1). Bytes that are
/// no UTF-8 are taken as Latin-1, as OpenSSL does.
fn bmp_string(passphrase: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    match std::str::from_utf8(passphrase) {
        Ok(words) => words.encode_utf16().for_each(|unit| text.extend(unit.to_be_bytes())),
        Err(_) => passphrase.iter().for_each(|&byte| text.extend([0, byte])),
    }
    text.extend([0, 0]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_utf16_or_else_latin1() {
        assert_eq!(*bmp_string(b"aB"), [0, b'a', 0, b'B', 0, 0]);
        assert_eq!(*bmp_string("é€🔑".as_bytes()), *b"\0\xe9\x20\xac\xd8\x3d\xdd\x11\0\0");
        assert_eq!(*bmp_string(b"caf\xe9"), *b"\0c\0a\0f\0\xe9\0\0");
    }

    #[test]
    fn a_sum_carries_from_the_last_byte_to_the_first() {
        let mut block = [0xff; BLOCK];
        add_one_and(&[0; HASH], &mut block);
        assert_eq!(block, [0; BLOCK]);
        let mut block = [0; BLOCK];
        add_one_and(&[0xff; HASH], &mut block);
        assert_eq!(block, [0; BLOCK]);
        let mut hash = [0; HASH];
        hash[3] = 2;
        add_one_and(&hash, &mut block);
        let mut expected = [0; BLOCK];
        (expected[3], expected[23], expected[43], expected[63]) = (2, 2, 2, 3);
        assert_eq!(block, expected);
    }
}
