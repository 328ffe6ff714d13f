//! Encrypts a document in CBC mode, with PKCS#7 padding: the inner part of traditional PEM
//! encryption and of PBES2.

use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use crate::error::{Error, Feature};

/// Encrypts.
pub(super) fn encrypt(
    cipher: Cipher,
    key: &[u8],
    iv: &[u8],
    document: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let block = cipher.block_size();
    let padding = block - document.len() % block;
    let mut data = Zeroizing::new(Vec::with_capacity(document.len() + padding));
    data.extend_from_slice(document);
    // At most a block of it, which is 16 bytes.
    data.resize(document.len() + padding, padding as u8);
    // Not reached: key and vector have the lengths of the cipher.
    cipher.encrypt(key, iv, &mut data).map_err(|_| Error::Unsupported {
        what: Feature::Cipher(cipher.as_str().to_owned()),
        because: "it cannot encrypt this document",
    })?;
    Ok(data)
}
