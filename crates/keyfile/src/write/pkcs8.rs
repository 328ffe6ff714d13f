//! Writes PKCS#8 (RFC 5958), encrypted by PBES2 (RFC 8018 §6.2).
//!
//! With PBKDF2 and not with scrypt, although scrypt is the better of the two: OpenSSL 3 reads
//! both, and so does an ssh-keygen that is built on it, but those built on LibreSSL (macOS,
//! Windows) have no scrypt, nor have Java and .NET. HMAC-SHA-256 and AES-256-CBC are what
//! OpenSSL writes itself; the iterations are three hundred times its 2048.

use ::pkcs8::ObjectIdentifier;
use keyfob_keys::{PrivateKey, PrivateNumbers, PublicNumbers};
use secrecy::ExposeSecret;
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use super::armour::{PEM_COLUMNS, block};
use super::cbc;
use super::der::Der;
use super::pem::rsa;
use super::{Protection, Randomness, no_room, openssl_passphrase};
use crate::error::Error;
use crate::{pem, pkcs8, sec1};

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const HMAC_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.9");
const AES256_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42");

/// OWASP's figure for PBKDF2 with HMAC-SHA-256; a tenth of a second.
const ITERATIONS: u32 = 600_000;

const KEY: usize = 32;

/// Writes the file.
pub(super) fn write(
    key: &PrivateKey,
    protection: Option<&Protection<'_>>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let info = private_key_info(key)?;
    match protection {
        None => Ok(block(pem::PKCS8, b"", &info, PEM_COLUMNS)),
        Some(protection) => {
            let encrypted = encrypt(&info, protection, randomness)?;
            Ok(block(pem::ENCRYPTED_PKCS8, b"", &encrypted, PEM_COLUMNS))
        }
    }
}

/// Version 1, without the public key: OpenSSL 3.0 reads no other.
fn private_key_info(key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    Ok(match (key.numbers(), key.public().numbers()) {
        (PrivateNumbers::Rsa { .. }, _) => Der::Sequence(&[
            Der::Small(0),
            Der::Sequence(&[Der::Oid(&pkcs8::RSA), Der::Null]),
            Der::Octets(&rsa(key)?),
        ])
        .encode(),
        (PrivateNumbers::Ecdsa { curve, scalar }, PublicNumbers::Ecdsa { point, .. }) => {
            Der::Sequence(&[
                Der::Small(0),
                Der::Sequence(&[Der::Oid(&pkcs8::EC), Der::Oid(&sec1::oid(curve))]),
                Der::InOctets(&Der::Sequence(&[
                    Der::Small(1),
                    Der::Octets(scalar),
                    Der::Explicit(1, &Der::Bits(point)),
                ])),
            ])
            .encode()
        }
        // RFC 8410 §7: the seed is an octet string inside the octet string.
        (PrivateNumbers::Ed25519(seed), _) => Der::Sequence(&[
            Der::Small(0),
            Der::Sequence(&[Der::Oid(&pkcs8::ED25519)]),
            Der::InOctets(&Der::Octets(seed)),
        ])
        .encode(),
        (PrivateNumbers::Dss { x }, PublicNumbers::Dss { p, q, g, .. }) => Der::Sequence(&[
            Der::Small(0),
            Der::Sequence(&[Der::Oid(&pkcs8::DSA), Der::Sequence(&[p, q, g].map(Der::Integer))]),
            Der::InOctets(&Der::Integer(x)),
        ])
        .encode(),
        _ => return Err(no_room(key.public(), "PKCS#8 has no form for it that others read")),
    })
}

/// `EncryptedPrivateKeyInfo`
fn encrypt(
    info: &[u8],
    protection: &Protection<'_>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    openssl_passphrase(protection)?;
    let Randomness { salt, iv, .. } = randomness;
    let mut key = Zeroizing::new([0; KEY]);
    let passphrase = protection.passphrase.expose_secret();
    pbkdf2::pbkdf2_hmac::<sha2::Sha256>(passphrase, salt, ITERATIONS, &mut *key);
    let data = cbc::encrypt(Cipher::Aes256Cbc, &*key, iv, info)?;
    let derivation = [
        Der::Octets(salt),
        Der::Integer(&ITERATIONS.to_be_bytes()),
        Der::Sequence(&[Der::Oid(&HMAC_SHA256), Der::Null]),
    ];
    let parameters = [
        Der::Sequence(&[Der::Oid(&PBKDF2), Der::Sequence(&derivation)]),
        Der::Sequence(&[Der::Oid(&AES256_CBC), Der::Octets(iv)]),
    ];
    let scheme = [Der::Oid(&PBES2), Der::Sequence(&parameters)];
    Ok(Der::Sequence(&[Der::Sequence(&scheme), Der::Octets(&data)]).encode())
}
