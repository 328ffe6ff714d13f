//! The binary form inside OpenSSH's private key files, `openssh-key-v1` (PROTOCOL.key).
//!
//! Its parts, for whoever encrypts them (`keyfile`), and the whole of it with nothing encrypted,
//! which is what a key store seals. Text armour and ciphers are not known here.

use keyfob_sys::traces::{Stack, leaving_none};
use zeroize::Zeroizing;

use crate::wire::{Put, Reader, reserve_wiping, string_len};
use crate::{Error, PrivateKey, Result};

/// What the form begins with.
pub const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What the padding of the private part fills up to when nothing is encrypted.
pub const PLAIN_BLOCK: usize = 8;

/// The private part, decrypted.
pub struct PrivatePart {
    /// The key.
    pub key: PrivateKey,
    /// Its comment: any bytes.
    pub comment: Vec<u8>,
}

/// What the private part is not, if it is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartError {
    /// The check words differ: decrypted with a wrong passphrase, or damaged.
    CheckWords,
    /// The padding does not count 1, 2, 3 …
    Padding,
    /// The key itself.
    Key(Error),
}

impl From<Error> for PartError {
    fn from(error: Error) -> Self {
        Self::Key(error)
    }
}

/// Two equal check words, the key without its certificate, the comment, and padding that counts
/// 1, 2, 3 … up to a multiple of `block`.
#[must_use]
pub fn private_part(
    key: &PrivateKey,
    comment: &[u8],
    check: u32,
    block: usize,
) -> Zeroizing<Vec<u8>> {
    let mut part = Zeroizing::new(Vec::new());
    part.put_u32(check);
    part.put_u32(check);
    key.plain().encode(&mut part);
    reserve_wiping(&mut part, string_len(comment.len()) + block);
    part.put_string(comment);
    let padding = part.len().next_multiple_of(block) - part.len();
    part.extend((1..=u8::MAX).take(padding));
    part
}

/// Reads what [`private_part`] writes.
///
/// # Errors
/// [`PartError`].
pub fn read_private_part(plain: &[u8]) -> Result<PrivatePart, PartError> {
    let mut reader = Reader::new(plain);
    if reader.u32()? != reader.u32()? {
        return Err(PartError::CheckWords);
    }
    let key = PrivateKey::decode(&mut reader)?;
    let comment = reader.string()?.to_vec();
    if is_padding(reader.rest()) {
        Ok(PrivatePart { key, comment })
    } else {
        Err(PartError::Padding)
    }
}

/// The parts together: cipher, derivation and its options, then the public key, the private part
/// and the tag of an authenticated cipher, which lies behind the private part.
#[must_use]
pub fn container(
    key: &PrivateKey,
    [cipher, kdf, options]: [&[u8]; 3],
    private: &[u8],
    tag: &[u8],
) -> Zeroizing<Vec<u8>> {
    let public = key.public().plain();
    let strings = [cipher, kdf, options, public.blob(), private];
    let length = strings.iter().map(|string| string_len(string.len())).sum::<usize>();
    let mut body = Zeroizing::new(Vec::with_capacity(MAGIC.len() + 4 + length + tag.len()));
    body.extend_from_slice(MAGIC);
    strings[..3].iter().for_each(|string| body.put_string(string));
    body.put_u32(1);
    strings[3..].iter().for_each(|string| body.put_string(string));
    body.extend_from_slice(tag);
    body
}

/// The whole form with nothing encrypted. `check` is a random word.
#[must_use]
pub fn plain_container(key: &PrivateKey, comment: &[u8], check: u32) -> Zeroizing<Vec<u8>> {
    leaving_none(Stack::Shallow, || {
        let private = private_part(key, comment, check, PLAIN_BLOCK);
        container(key, [b"none", b"none", b""], &private, &[])
    })
}

/// Reads what [`plain_container`] writes, to its last byte.
///
/// # Errors
/// [`Error::Malformed`] for anything else, and what is wrong with the key.
pub fn read_plain_container(body: &[u8]) -> Result<PrivatePart> {
    const FORM: Error = Error::Malformed("openssh-key-v1");
    let mut reader = Reader::new(body.strip_prefix(MAGIC).ok_or(FORM)?);
    let head = (reader.string()?, reader.string()?, reader.string()?, reader.u32()?);
    if head != (b"none", b"none", b"", 1) {
        return Err(FORM);
    }
    let public = reader.string()?;
    let private = reader.string()?;
    reader.finish()?;
    let part = read_private_part(private).map_err(|error| match error {
        PartError::Key(error) => error,
        PartError::CheckWords | PartError::Padding => FORM,
    })?;
    if part.key.public().blob() == public {
        Ok(part)
    } else {
        Err(Error::Mismatch("the public and the private half"))
    }
}

/// The padding is never longer than it can count.
fn is_padding(padding: &[u8]) -> bool {
    padding.iter().copied().eq((1..=u8::MAX).take(padding.len()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::Curve;

    #[test]
    fn padding_counts_from_one() {
        assert!(is_padding(&[]) && is_padding(&[1, 2, 3]));
        for wrong in [&[0][..], &[1, 1], &[1, 2, 4], &[2]] {
            assert!(!is_padding(wrong), "{wrong:?}");
        }
        let all: Vec<u8> = (1..=255).collect();
        assert!(is_padding(&all));
        assert!(!is_padding(&[&all[..], &[0]].concat()));
    }

    #[test]
    fn a_key_comes_back_with_its_comment() {
        for key in [
            PrivateKey::ed25519_from_seed(&[1; 32]),
            PrivateKey::ecdsa_from_scalar(Curve::P521, &[1; 66]).unwrap(),
        ] {
            let body = plain_container(&key, b"me\xff", 7);
            let read = read_plain_container(&body).unwrap();
            assert_eq!(read.key.public(), key.public());
            assert_eq!(read.comment, b"me\xff");
        }
    }

    #[test]
    fn a_form_cut_or_changed_anywhere_is_refused() {
        let body = plain_container(&PrivateKey::ed25519_from_seed(&[1; 32]), b"me", 7);
        for end in 0..body.len() {
            assert!(read_plain_container(&body[..end]).is_err(), "{end}");
        }
        // Not one of the comment's own bytes, which may be any.
        for at in (0..body.len()).filter(|at| !body[*at..].starts_with(b"me") && body[*at] != b'e')
        {
            let mut changed = body.to_vec();
            changed[at] ^= 1;
            assert!(read_plain_container(&changed).is_err(), "{at}");
        }
    }
}
