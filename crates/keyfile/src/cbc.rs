//! Decrypts a DER document that a passphrase protects in CBC mode, with PKCS#7 padding:
//! the inner part of traditional PEM encryption and of PBES2.
//!
//! Neither has a check value. Whether the passphrase was right shows in the padding and in
//! the first bytes, which must be one DER sequence that fills the document: a wrong
//! passphrase passes both about once in four million times, and is then reported as damage.

use pkcs8::der::{Decode, Tag, Tagged, asn1::AnyRef};
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::format::Format;

/// Decrypts.
pub(crate) fn decrypt(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    data: &[u8],
    format: Format,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if !is_whole(cipher, data) {
        return Err(Error::corrupt(format, NOT_WHOLE));
    }
    let mut plain = Zeroizing::new(data.to_vec());
    cipher
        .decrypt(key, iv, &mut plain, None)
        .map_err(|error| Error::corrupt(format, error.to_string()))?;
    let length = unpadded_len(&plain, cipher.block_size()).ok_or(Error::WrongPassphrase)?;
    plain.truncate(length);
    match AnyRef::from_der(&plain) {
        Ok(document) if document.tag() == Tag::Sequence => Ok(plain),
        _ => Err(Error::WrongPassphrase),
    }
}

/// Whether there is something to decrypt, and no part of a block. Worth knowing before a
/// passphrase is asked for.
pub(crate) fn is_whole(cipher: Cipher, data: &[u8]) -> bool {
    !data.is_empty() && data.len().is_multiple_of(cipher.block_size())
}

/// What is wrong when [`is_whole`] says no.
pub(crate) const NOT_WHOLE: &str = "the encrypted part is not a whole number of blocks";

/// The length without the padding: n bytes of value n, at most a block of them.
fn unpadded_len(plain: &[u8], block: usize) -> Option<usize> {
    let &last = plain.last()?;
    let padding = usize::from(last);
    if padding == 0 || padding > block {
        return None;
    }
    let (content, pad) = plain.split_at_checked(plain.len().checked_sub(padding)?)?;
    pad.iter().all(|&byte| byte == last).then_some(content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_one_to_a_whole_block_of_its_own_length() {
        assert_eq!(unpadded_len(b"abc\x01", 8), Some(3));
        assert_eq!(unpadded_len(&[8; 8], 8), Some(0));
        assert_eq!(unpadded_len(b"ab\x01\x02", 8), None);
        assert_eq!(unpadded_len(b"abc\x00", 8), None);
        assert_eq!(unpadded_len(&[9; 16], 8), None);
        assert_eq!(unpadded_len(b"\x03\x03", 8), None);
        assert_eq!(unpadded_len(b"", 8), None);
    }
}
