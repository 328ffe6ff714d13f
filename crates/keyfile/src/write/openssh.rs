//! Writes OpenSSH's private key format, `openssh-key-v1` (PROTOCOL.key), as ssh-keygen does:
//! the same bytes for the same check word, salt and rounds.
//!
//! A certificate has no place in it; ssh-keygen keeps it in a file of its own.

use keyfob_keys::PrivateKey;
use keyfob_keys::wire::{Put, reserve_wiping, string_len};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::armour::block;
use super::{Protection, Randomness, refuse_nul};
use crate::error::Error;
use crate::openssh::MAGIC;
use crate::openssh_cipher::Protection as Cipher;
use crate::pem;

/// Columns of base64.
const COLUMNS: usize = 70;

/// OpenSSH's defaults (`DEFAULT_CIPHERNAME`, and `DEFAULT_ROUNDS` since 9.4).
const DEFAULT_CIPHER: &str = "aes256-ctr";
const DEFAULT_ROUNDS: u32 = 24;

/// What the padding fills up to when nothing is encrypted.
const PLAIN_BLOCK: usize = 8;

/// Writes the file.
pub(super) fn write(
    key: &PrivateKey,
    comment: &[u8],
    protection: Option<&Protection<'_>>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    refuse_nul(comment)?;
    let Some(protection) = protection else {
        let private = private_part(key, comment, randomness.check, PLAIN_BLOCK);
        return Ok(container(key, [b"none", b"none", b""], &private, &[]));
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
    Ok(container(key, [name.as_bytes(), b"bcrypt", &options], &private, tag))
}

/// Two equal check words, the key, the comment, and padding that counts 1, 2, 3 …
fn private_part(key: &PrivateKey, comment: &[u8], check: u32, block: usize) -> Zeroizing<Vec<u8>> {
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

/// The parts together. The tag of an authenticated cipher lies behind the private part.
fn container(
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
    block(pem::OPENSSH, b"", &body, COLUMNS)
}
