//! Block ciphers in CBC mode, as PEM, PKCS#8 and ssh.com use them: all that `openssl` writes
//! and a maintained crate has.
//!
//! None of these formats has a check value. Whether a passphrase was right shows in the
//! padding and in the first bytes, which must be one DER sequence that fills the document: a
//! wrong passphrase passes both about once in four million times, and is then reported as
//! damage.

use std::fmt;

use ::cbc::cipher::{Block, BlockCipherDecrypt, BlockModeDecrypt, KeyInit, KeyIvInit};
use pkcs8::der::{Decode, Tag, Tagged, asn1::AnyRef};
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::format::Format;

/// A cipher, for decryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CbcCipher {
    Aes128,
    Aes192,
    Aes256,
    Camellia128,
    Camellia192,
    Camellia256,
    TripleDes,
    /// Triple DES with the first key again as the third.
    TwoKeyTripleDes,
    Des,
    /// With a key of so many bytes, all its bits effective.
    Rc2(usize),
}

impl CbcCipher {
    /// The name in OpenSSH's manner.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Aes128 => "aes128-cbc",
            Self::Aes192 => "aes192-cbc",
            Self::Aes256 => "aes256-cbc",
            Self::Camellia128 => "camellia128-cbc",
            Self::Camellia192 => "camellia192-cbc",
            Self::Camellia256 => "camellia256-cbc",
            Self::TripleDes => "3des-cbc",
            Self::TwoKeyTripleDes => "2-key 3des-cbc",
            Self::Des => "des-cbc",
            Self::Rc2(5) => "40-bit rc2-cbc",
            Self::Rc2(8) => "64-bit rc2-cbc",
            Self::Rc2(_) => "rc2-cbc",
        }
    }

    /// Bytes of its key.
    pub(crate) fn key_length(self) -> usize {
        match self {
            Self::Des => 8,
            Self::Aes128 | Self::Camellia128 | Self::TwoKeyTripleDes => 16,
            Self::Aes192 | Self::Camellia192 | Self::TripleDes => 24,
            Self::Aes256 | Self::Camellia256 => 32,
            Self::Rc2(length) => length,
        }
    }

    /// Bytes of a block and of the initialisation vector.
    pub(crate) fn block_size(self) -> usize {
        match self {
            Self::TripleDes | Self::TwoKeyTripleDes | Self::Des | Self::Rc2(_) => 8,
            _ => 16,
        }
    }

    /// Whether there is something to decrypt, and no part of a block. Worth knowing before a
    /// passphrase is asked for.
    pub(crate) fn divides(self, data: &[u8]) -> bool {
        !data.is_empty() && data.len().is_multiple_of(self.block_size())
    }

    /// Decrypts whole blocks in place; `None` when a length is wrong.
    pub(crate) fn decrypt_blocks(self, key: &[u8], iv: &[u8], data: &mut [u8]) -> Option<()> {
        let ssh = |cipher: Cipher, key: &[u8], data| cipher.decrypt(key, iv, data, None).ok();
        match self {
            Self::Aes128 => ssh(Cipher::Aes128Cbc, key, data),
            Self::Aes192 => ssh(Cipher::Aes192Cbc, key, data),
            Self::Aes256 => ssh(Cipher::Aes256Cbc, key, data),
            Self::TripleDes => ssh(Cipher::TdesCbc, key, data),
            Self::TwoKeyTripleDes => {
                let mut three = Zeroizing::new([0; 24]);
                three[..16].copy_from_slice(key.get(..16)?);
                three[16..].copy_from_slice(&key[..8]);
                ssh(Cipher::TdesCbc, &*three, data)
            }
            Self::Camellia128 => decrypt_with::<camellia::Camellia128>(key, iv, data),
            Self::Camellia192 => decrypt_with::<camellia::Camellia192>(key, iv, data),
            Self::Camellia256 => decrypt_with::<camellia::Camellia256>(key, iv, data),
            Self::Des => decrypt_with::<des::Des>(key, iv, data),
            Self::Rc2(_) => decrypt_with::<rc2::Rc2>(key, iv, data),
        }
    }

    /// Decrypts a DER document with PKCS#7 padding.
    pub(crate) fn decrypt_document(
        self,
        key: &[u8],
        iv: &[u8],
        data: &[u8],
        format: Format,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        if !self.divides(data) {
            return Err(Error::corrupt(format, NOT_WHOLE));
        }
        let mut plain = Zeroizing::new(data.to_vec());
        self.decrypt_blocks(key, iv, &mut plain)
            .ok_or_else(|| Error::corrupt(format, "key or vector is not of its cipher"))?;
        let length = unpadded_len(&plain, self.block_size()).ok_or(Error::WrongPassphrase)?;
        plain.truncate(length);
        match AnyRef::from_der(&plain) {
            Ok(document) if document.tag() == Tag::Sequence => Ok(plain),
            _ => Err(Error::WrongPassphrase),
        }
    }
}

impl fmt::Display for CbcCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is wrong when [`CbcCipher::divides`] says no.
pub(crate) const NOT_WHOLE: &str = "the encrypted part is not a whole number of blocks";

fn decrypt_with<C: BlockCipherDecrypt + KeyInit>(
    key: &[u8],
    iv: &[u8],
    data: &mut [u8],
) -> Option<()> {
    let mut decryptor = ::cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?;
    let (blocks, rest) = Block::<C>::slice_as_chunks_mut(data);
    if !rest.is_empty() {
        return None;
    }
    decryptor.decrypt_blocks(blocks);
    Some(())
}

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

    #[test]
    fn every_cipher_takes_its_own_lengths_and_no_other() {
        use CbcCipher as C;
        for cipher in [
            C::Aes128,
            C::Aes192,
            C::Aes256,
            C::Camellia128,
            C::Camellia192,
            C::Camellia256,
            C::TripleDes,
            C::TwoKeyTripleDes,
            C::Des,
            C::Rc2(5),
            C::Rc2(8),
            C::Rc2(16),
        ] {
            let (key, block) = (vec![1; cipher.key_length()], cipher.block_size());
            let decrypt = |key: &[u8], iv: usize, data: usize| {
                cipher.decrypt_blocks(key, &vec![2; iv], &mut vec![3; data])
            };
            assert_eq!(decrypt(&key, block, 2 * block), Some(()), "{cipher}");
            assert_eq!(decrypt(&key, block - 1, block), None, "{cipher}");
            assert_eq!(decrypt(&key, block, block + 1), None, "{cipher}");
            assert_eq!(decrypt(&[], block, block), None, "{cipher}");
        }
    }
}
