//! The envelope: XChaCha20-Poly1305 under a key that HKDF-SHA-256 makes for each file.
//!
//! The header line is both the `info` of the derivation and the associated data of the cipher:
//! nothing that was sealed behind one line opens behind another. Knows nothing of what is sealed.

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use keyfob_sys::locked::LockedBytes;
use keyfob_sys::traces::{Stack, leaving_none};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::id::random;
use crate::limits::PADDING;
use crate::{Error, Problem, Result};

/// Bytes of a key.
pub(crate) const KEY_LEN: usize = 32;
/// Bytes of a nonce of XChaCha20: long enough to be random.
const NONCE_LEN: usize = 24;
/// Bytes the tag adds.
const TAG_LEN: usize = 16;

/// A key in locked memory. Wiped on drop.
pub(crate) struct Key(LockedBytes);

impl Key {
    /// Room for one, zero at first.
    pub(crate) fn blank() -> Result<Self> {
        let bytes = LockedBytes::new(KEY_LEN).map_err(|_| Error::OutOfMemory(1024))?;
        Ok(Self(bytes))
    }

    /// A random one.
    pub(crate) fn fresh() -> Result<Self> {
        let mut key = Self::blank()?;
        getrandom::fill(&mut key.0).map_err(|_| Error::Randomness)?;
        Ok(key)
    }

    /// HKDF-SHA-256 of a secret (RFC 5869).
    pub(crate) fn derived(secret: &[u8], salt: &[u8], info: &[u8]) -> Result<Self> {
        let mut key = Self::blank()?;
        leaving_none(Stack::Shallow, || {
            Hkdf::<Sha256>::new(Some(salt), secret).expand(info, &mut key.0)
        })
        // Only for more than 8160 bytes.
        .map_err(|_| Error::Randomness)?;
        Ok(key)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

/// Seals: nonce, ciphertext, tag. The content is padded with zeros to a multiple of [`PADDING`].
pub(crate) fn seal(key: &Key, salt: &[u8], header: &str, content: &[u8]) -> Result<Vec<u8>> {
    let key = Key::derived(key.bytes(), salt, header.as_bytes())?;
    let nonce: [u8; NONCE_LEN] = random()?;
    let padded = content.len().next_multiple_of(PADDING);
    leaving_none(Stack::Shallow, || {
        let mut plain = Zeroizing::new(Vec::with_capacity(padded + TAG_LEN));
        plain.extend_from_slice(content);
        plain.resize(padded, 0);
        let cipher =
            XChaCha20Poly1305::new_from_slice(key.bytes()).map_err(|_| Error::Randomness)?;
        // In place: the plain bytes are overwritten, and no copy of them is left behind.
        cipher
            .encrypt_in_place(&XNonce::from(nonce), header.as_bytes(), &mut *plain)
            .map_err(|_| Error::TooLong { what: "the content", limit: usize::MAX })?;
        Ok([&nonce[..], &plain].concat())
    })
}

/// Opens what [`seal`] sealed, padding and all.
pub(crate) fn open(
    key: &Key,
    salt: &[u8],
    header: &str,
    body: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let (nonce, sealed) = body.split_first_chunk::<NONCE_LEN>().ok_or(Problem::Seal)?;
    if sealed.len() < TAG_LEN || !(sealed.len() - TAG_LEN).is_multiple_of(PADDING) {
        return Err(Problem::Seal);
    }
    let key = Key::derived(key.bytes(), salt, header.as_bytes()).map_err(|_| Problem::Seal)?;
    leaving_none(Stack::Shallow, || {
        let mut content = Zeroizing::new(sealed.to_vec());
        let cipher = XChaCha20Poly1305::new_from_slice(key.bytes()).map_err(|_| Problem::Seal)?;
        cipher
            .decrypt_in_place(&XNonce::from(*nonce), header.as_bytes(), &mut *content)
            .map_err(|_| Problem::Seal)?;
        Ok(content)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_behind_the_same_line_only() {
        let key = Key::fresh().unwrap();
        let sealed = seal(&key, b"salt", "line", b"content").unwrap();
        assert_eq!(sealed.len(), NONCE_LEN + PADDING + TAG_LEN);
        let opened = open(&key, b"salt", "line", &sealed).unwrap();
        assert_eq!(&opened[..7], b"content");
        assert_eq!(opened.len(), PADDING);
        assert!(opened[7..].iter().all(|byte| *byte == 0));
        assert_eq!(open(&key, b"salt", "Line", &sealed).unwrap_err(), Problem::Seal);
        assert_eq!(open(&key, b"Salt", "line", &sealed).unwrap_err(), Problem::Seal);
        let other = Key::fresh().unwrap();
        assert_eq!(open(&other, b"salt", "line", &sealed).unwrap_err(), Problem::Seal);
    }

    #[test]
    fn a_changed_cut_or_longer_seal_does_not_open() {
        let key = Key::fresh().unwrap();
        let sealed = seal(&key, b"salt", "line", b"content").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key, b"salt", "line", &changed).is_err(), "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert!(open(&key, b"salt", "line", &sealed[..end]).is_err(), "cut at {end}");
        }
        assert!(open(&key, b"salt", "line", &[&sealed[..], &[0; PADDING]].concat()).is_err());
    }

    #[test]
    fn the_same_content_is_never_sealed_the_same_way() {
        let key = Key::fresh().unwrap();
        let seal = || seal(&key, b"salt", "line", b"content").unwrap();
        assert_ne!(seal(), seal());
    }

    /// Made by libsodium and Python's `hmac`, which know nothing of this code.
    #[test]
    fn what_another_implementation_sealed_opens() {
        let mut key = Key::blank().unwrap();
        (0..).zip(key.bytes_mut()).for_each(|(number, place)| *place = number);
        let sealed: String = [
            "4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e4e387a09c83cf596009d0b56a2c8316240",
            "0d38a7f35bd4b07ea43fd7b6555eadf3df077e8abe4defb89ce2e4601ec16200abf1064f533a6a5b",
            "eb7511a5c3aeef3b2ba359fff78a26a1252c8cc2fcfe5ed1117ce31d8f58d5ab789832c6069540ce",
            "a0dff7995f42b3327baa98c7e53c27fe3ad0c9d1bdb685264ce9c667d3af9ff44d7f3c162f42543a",
            "f21d1bf7808c8a8c3b89b7fd4995068e2dd5e928d943d7b739677e50f2f851a1116619544503a9e5",
            "10ec8547c4902f67ec5ddd9b7a9d36f26a02bcd72fd7436c4e8e5c51cda3274d09164305d21cbee1",
            "112668c118379b7fe916a396a59866224fc9f8b82169eb26d99e50421b22ad94c945e977e5c1b0f8",
            "6de5218354922cb8361ed23cf805529a",
        ]
        .concat();
        let sealed = base16ct::lower::decode_vec(sealed).unwrap();
        let opened = open(&key, &[0x53; 32], "keyfob-test 1 golden", &sealed).unwrap();
        assert_eq!(opened.as_slice(), [&b"golden"[..], &[0; PADDING - 6]].concat());
    }
}
