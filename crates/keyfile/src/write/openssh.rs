//! Writes OpenSSH's private key format, `openssh-key-v1` (PROTOCOL.key), as ssh-keygen does:
//! the same bytes for the same check word, salt and rounds.
//!
//! A certificate has no place in it; ssh-keygen keeps it in a file of its own.

use keyfob_keys::PrivateKey;
use keyfob_keys::openssh::{container, plain_container, private_part};
use keyfob_keys::wire::Put;
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::armour::block;
use super::{Protection, Randomness, refuse_nul};
use crate::error::Error;
use crate::openssh_cipher::Protection as Cipher;
use crate::pem;

/// Columns of base64.
const COLUMNS: usize = 70;

/// OpenSSH's defaults (`DEFAULT_CIPHERNAME`, and `DEFAULT_ROUNDS` since 9.4).
const DEFAULT_CIPHER: &str = "aes256-ctr";
const DEFAULT_ROUNDS: u32 = 24;

/// Writes the file.
pub(super) fn write(
    key: &PrivateKey,
    comment: &[u8],
    protection: Option<&Protection<'_>>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    refuse_nul(comment)?;
    let Some(protection) = protection else {
        return Ok(armoured(&plain_container(key, comment, randomness.check)));
    };
    let name = protection.cipher.unwrap_or(DEFAULT_CIPHER);
    let rounds = protection.rounds.unwrap_or(DEFAULT_ROUNDS);
    let cipher = Cipher::new(name, &randomness.salt, rounds)?;
    let mut options = Vec::new();
    options.put_string(&randomness.salt);
    options.put_u32(rounds);
    let block = cipher.cipher.block_size();
    let mut private = private_part(key, comment, randomness.check, block);
    let tag = cipher.encrypt(&mut private, protection.passphrase.expose_secret())?;
    let tag = tag.as_ref().map_or(&[][..], |tag| tag);
    Ok(armoured(&container(key, [name.as_bytes(), b"bcrypt", &options], &private, tag)))
}

fn armoured(body: &[u8]) -> Zeroizing<Vec<u8>> {
    block(pem::OPENSSH, b"", body, COLUMNS)
}
