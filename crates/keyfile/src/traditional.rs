//! The encryption of PEM files before PKCS#8: `Proc-Type: 4,ENCRYPTED`.
//!
//! The key is one round of MD5 over passphrase and salt (OpenSSL's `EVP_BytesToKey`), which
//! a graphics card tries billions of times a second. It is read because old keys are
//! kept in it, and written because some programs read nothing else.

use keyfob_keys::Secret;
use md5::{Digest, Md5};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::cbc::NOT_WHOLE;
use crate::error::Error;
use crate::format::Format;
use crate::pem::DekInfo;

/// Bytes of the vector that serve as salt (`PKCS5_SALT_LEN`).
pub(crate) const SALT: usize = 8;

/// The decrypted DER document of a block.
pub(crate) fn decrypt(
    encryption: &DekInfo,
    data: &[u8],
    format: Format,
    passphrase: Option<&Secret>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let cipher = encryption.cipher;
    if !cipher.divides(data) {
        return Err(Error::corrupt(format, NOT_WHOLE));
    }
    let passphrase = passphrase.ok_or(Error::PassphraseNeeded)?.expose_secret();
    let salt = encryption.iv.get(..SALT).unwrap_or_default();
    let key = derive(passphrase, salt, cipher.key_length());
    cipher.decrypt_document(&key, &encryption.iv, data, format)
}

/// MD5 chained until there are enough bytes: D(i) = MD5(D(i-1) ‖ passphrase ‖ salt).
pub(crate) fn derive(passphrase: &[u8], salt: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    const BLOCK: usize = 16;
    let mut key = Zeroizing::new(Vec::with_capacity(length + BLOCK));
    while key.len() < length {
        let mut hash = Md5::new();
        hash.update(&key[key.len().saturating_sub(BLOCK)..]);
        hash.update(passphrase);
        hash.update(salt);
        let block = Zeroizing::new(<[u8; BLOCK]>::from(hash.finalize()));
        key.extend_from_slice(&*block);
    }
    key.truncate(length);
    key
}
