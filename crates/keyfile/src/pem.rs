//! The labels of PEM blocks, and the headers that say how a block is encrypted
//! (RFC 1421 §4.6, as OpenSSL writes them).

use crate::armour::Headers;
use crate::cbc::CbcCipher;
use crate::error::{Error, Feature, escaped};
use crate::format::Format;

pub(crate) const OPENSSH: &[u8] = b"OPENSSH PRIVATE KEY";
pub(crate) const PKCS1: &[u8] = b"RSA PRIVATE KEY";
pub(crate) const SEC1: &[u8] = b"EC PRIVATE KEY";
pub(crate) const DSA: &[u8] = b"DSA PRIVATE KEY";
pub(crate) const PKCS8: &[u8] = b"PRIVATE KEY";
pub(crate) const ENCRYPTED_PKCS8: &[u8] = b"ENCRYPTED PRIVATE KEY";
pub(crate) const PUBLIC: &[u8] = b"PUBLIC KEY";
pub(crate) const PKCS1_PUBLIC: &[u8] = b"RSA PUBLIC KEY";
/// Between four dashes.
pub(crate) const SSHCOM: &[u8] = b"SSH2 ENCRYPTED PRIVATE KEY";
/// Between four dashes.
pub(crate) const RFC4716: &[u8] = b"SSH2 PUBLIC KEY";

/// `DEK-Info: cipher,iv`
pub(crate) struct DekInfo {
    pub(crate) cipher: CbcCipher,
    /// Its first eight bytes are the salt as well.
    pub(crate) iv: Vec<u8>,
}

/// The ciphers by the names OpenSSL gives them.
const CIPHERS: [(&[u8], CbcCipher); 8] = [
    (b"AES-128-CBC", CbcCipher::Aes128),
    (b"AES-192-CBC", CbcCipher::Aes192),
    (b"AES-256-CBC", CbcCipher::Aes256),
    (b"CAMELLIA-128-CBC", CbcCipher::Camellia128),
    (b"CAMELLIA-192-CBC", CbcCipher::Camellia192),
    (b"CAMELLIA-256-CBC", CbcCipher::Camellia256),
    (b"DES-EDE3-CBC", CbcCipher::TripleDes),
    (b"DES-CBC", CbcCipher::Des),
];

/// How the headers of a block say it is encrypted, if they do.
pub(crate) fn encryption(headers: &Headers, format: Format) -> Result<Option<DekInfo>, Error> {
    let damaged = |problem: &str| Error::corrupt(format, problem);
    let Some(info) = headers.value("DEK-Info") else {
        return match headers.value("Proc-Type") {
            Some(value) if value.ends_with(b"ENCRYPTED") => {
                Err(damaged("Proc-Type says encrypted, DEK-Info is missing"))
            }
            _ => Ok(None),
        };
    };
    let comma = info.iter().position(|&byte| byte == b',');
    let (name, iv) = info.split_at(comma.unwrap_or(info.len()));
    let Some(cipher) = CIPHERS.iter().find(|cipher| cipher.0 == name.trim_ascii()) else {
        return Err(Error::Unsupported {
            what: Feature::Cipher(escaped(name)),
            because: "keyfob reads AES, Camellia and DES in CBC mode",
        });
    };
    let cipher = cipher.1;
    let iv = iv.strip_prefix(b",").and_then(hex);
    match iv {
        Some(iv) if iv.len() == cipher.block_size() => Ok(Some(DekInfo { cipher, iv })),
        _ => Err(damaged("DEK-Info has no initialisation vector of its cipher")),
    }
}

/// Bytes of their hex digits. The vector is public, so this need not hide it.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digits = std::str::from_utf8(digits.trim_ascii()).ok()?;
    if !digits.is_ascii() || digits.len() % 2 != 0 || digits.contains('+') {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).ok())
        .collect()
}
