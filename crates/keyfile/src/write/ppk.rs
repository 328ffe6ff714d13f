//! Writes PuTTY's private key files, versions 3 and 2: the same bytes as puttygen for the same
//! key, passphrase and parameters of the derivation.
//!
//! The cost of the derivation is fixed. puttygen measures how many passes a tenth of a second
//! has room for, and on a busy machine finds one.

use base64ct::{Base64, Encoding};
use keyfob_keys::PrivateKey;
use secrecy::ExposeSecret;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::armour::put_lines;
use super::{Protection, Randomness, refuse_breaks};
use crate::error::Error;
use crate::ppk::{
    Argon2, BLOCK, CIPHER, Derivation, FIRST, Keys, MacInput, NO_CIPHER, Variant, Version,
    private_blob,
};

/// Columns of base64.
const COLUMNS: usize = 64;

/// RFC 9106's second recommendation: 64 MiB and three passes. With one lane instead of four:
/// PuTTY computes them one after the other.
const MEMORY_KIB: u32 = 64 << 10;
const PASSES: u32 = 3;
const PARALLELISM: u32 = 1;

/// Bytes there are beside comment and base64, at most: some three hundred, and a salt.
const HEADERS: usize = 1024;

/// Writes the file, with the key's certificate if it has one.
pub(super) fn write(
    key: &PrivateKey,
    comment: &[u8],
    version: Version,
    protection: Option<&Protection<'_>>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let Some(protection) = protection else {
        return encode(key, comment, version, None);
    };
    let derivation = match version {
        Version::Two => Derivation::Sha1,
        Version::Three => Derivation::Argon2(Argon2 {
            variant: Variant::Id,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            parallelism: PARALLELISM,
            salt: randomness.salt.to_vec(),
        }),
    };
    encode(key, comment, version, Some((&derivation, protection.passphrase.expose_secret())))
}

/// Derivation and passphrase come together or not at all.
fn encode(
    key: &PrivateKey,
    comment: &[u8],
    version: Version,
    protection: Option<(&Derivation, &[u8])>,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    refuse_breaks(comment)?;
    let mut private = private_blob(key)?;
    let (derivation, passphrase) = protection.unzip();
    if derivation.is_some() {
        pad(&mut private);
    }
    let public = key.public();
    let algorithm = public.type_name();
    let encryption = if derivation.is_some() { CIPHER } else { NO_CIPHER };
    let keys = Keys::derive(version, derivation, passphrase.unwrap_or_default())?;
    let mac = keys.mac(&MacInput {
        algorithm: algorithm.as_bytes(),
        encryption: encryption.as_bytes(),
        comment,
        public: public.blob(),
        private: &private,
    });
    keys.encrypt(&mut private)?;

    let public = Base64::encode_string(public.blob());
    let private = Zeroizing::new(Base64::encode_string(&private));
    let room = HEADERS + comment.len() + in_lines(&public) + in_lines(&private);
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    let number = if version == Version::Two { '2' } else { '3' };
    put(&mut text, &format!("{FIRST}{number}: {algorithm}\nEncryption: {encryption}\nComment: "));
    text.extend_from_slice(comment);
    text.push(b'\n');
    put_base64(&mut text, "Public-Lines", &public);
    if let Some(Derivation::Argon2(argon2)) = derivation {
        put_argon2(&mut text, argon2);
    }
    put_base64(&mut text, "Private-Lines", &private);
    put(&mut text, &format!("Private-MAC: {}\n", hex(&mac)));
    debug_assert!(text.len() <= room);
    Ok(text)
}

/// Fills the last block with the first bytes of a hash of what stands before, as puttygen does.
fn pad(private: &mut Zeroizing<Vec<u8>>) {
    let hash = Zeroizing::new(<[u8; 20]>::from(Sha1::digest(private.as_slice())));
    let padding = private.len().next_multiple_of(BLOCK) - private.len();
    private.extend_from_slice(&hash[..padding]);
}

fn put(text: &mut Vec<u8>, part: &str) {
    text.extend_from_slice(part.as_bytes());
}

fn put_base64(text: &mut Vec<u8>, name: &str, base64: &str) {
    put(text, &format!("{name}: {}\n", base64.len().div_ceil(COLUMNS)));
    put_lines(text, base64.as_bytes(), COLUMNS);
}

fn put_argon2(text: &mut Vec<u8>, argon2: &Argon2) {
    let Argon2 { variant, memory_kib, passes, parallelism, salt } = argon2;
    put(text, &format!("Key-Derivation: {variant}\nArgon2-Memory: {memory_kib}\n"));
    put(text, &format!("Argon2-Passes: {passes}\nArgon2-Parallelism: {parallelism}\n"));
    put(text, &format!("Argon2-Salt: {}\n", hex(salt)));
}

/// Bytes of base64 in lines.
fn in_lines(base64: &str) -> usize {
    base64.len() + base64.len().div_ceil(COLUMNS)
}

/// Lower-case: PuTTY reads no other.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
