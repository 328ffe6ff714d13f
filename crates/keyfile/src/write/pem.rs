//! Writes traditional PEM, as `ssh-keygen -m PEM` does: PKCS#1 (RFC 8017 appendix A.1.2), SEC1
//! (RFC 5915), OpenSSL's form of DSA.
//!
//! Its encryption derives the key by one round of MD5 and cannot tell damage from a wrong
//! passphrase. It is written for programs that read nothing else, with the cipher ssh-keygen
//! takes; a stronger one would not make the derivation slower.

use keyfob_keys::{PrivateKey, PrivateNumbers, PublicNumbers};
use secrecy::ExposeSecret;
use ssh_cipher::Cipher;
use zeroize::Zeroizing;

use super::armour::{PEM_COLUMNS, block};
use super::cbc;
use super::der::Der;
use super::{Protection, Randomness, no_room, openssl_passphrase};
use crate::error::Error;
use crate::{pem, sec1, traditional};

/// Bytes of a key of AES-128.
const KEY: usize = 16;

/// A document and what stands around it.
struct Document {
    label: &'static [u8],
    der: Zeroizing<Vec<u8>>,
}

/// Writes the file.
pub(super) fn write(
    key: &PrivateKey,
    protection: Option<&Protection<'_>>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let Document { label, der } = document(key)?;
    let Some(protection) = protection else {
        return Ok(block(label, b"", &der, PEM_COLUMNS));
    };
    openssl_passphrase(protection)?;
    let iv = &randomness.iv;
    let passphrase = protection.passphrase.expose_secret();
    let key = traditional::derive(passphrase, &iv[..traditional::SALT], KEY);
    let data = cbc::encrypt(Cipher::Aes128Cbc, &key, iv, &der)?;
    let iv: String = iv.iter().map(|byte| format!("{byte:02X}")).collect();
    let headers = format!("Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{iv}\n\n");
    Ok(block(label, headers.as_bytes(), &data, PEM_COLUMNS))
}

fn document(key: &PrivateKey) -> Result<Document, Error> {
    Ok(match (key.numbers(), key.public().numbers()) {
        (PrivateNumbers::Rsa { .. }, _) => Document { label: pem::PKCS1, der: rsa(key)? },
        (PrivateNumbers::Ecdsa { curve, scalar }, PublicNumbers::Ecdsa { point, .. }) => Document {
            label: pem::SEC1,
            der: Der::Sequence(&[
                Der::Small(1),
                Der::Octets(scalar),
                Der::Explicit(0, &Der::Oid(&sec1::oid(curve))),
                Der::Explicit(1, &Der::Bits(point)),
            ])
            .encode(),
        },
        (PrivateNumbers::Dss { x }, PublicNumbers::Dss { p, q, g, y }) => {
            let [p, q, g, y, x] = [p, q, g, y, x].map(Der::Integer);
            let der = Der::Sequence(&[Der::Small(0), p, q, g, y, x]).encode();
            Document { label: pem::DSA, der }
        }
        _ => return Err(no_room(key.public(), "PEM before PKCS#8 has no form for it")),
    })
}

/// PKCS#1, which also stands inside PKCS#8.
pub(super) fn rsa(key: &PrivateKey) -> Result<Zeroizing<Vec<u8>>, Error> {
    let PrivateNumbers::Rsa { parts, dp, dq } = key.numbers() else {
        return Err(no_room(key.public(), "PKCS#1 is a form of RSA keys only"));
    };
    let numbers = [parts.n, parts.e, parts.d, parts.p, parts.q, dp, dq, parts.iqmp];
    let [n, e, d, p, q, dp, dq, iqmp] = numbers.map(Der::Integer);
    Ok(Der::Sequence(&[Der::Small(0), n, e, d, p, q, dp, dq, iqmp]).encode())
}
