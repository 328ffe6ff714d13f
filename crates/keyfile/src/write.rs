//! Writes keys in the forms other programs read.
//!
//! What is written depends on the arguments alone, randomness included: the same key, salt and
//! passphrase give the same bytes. Nothing here touches a file; whoever does must take care
//! that an old one is never lost (DESIGN §3, rule 11).

mod armour;
mod cbc;
mod der;
mod openssh;
mod pem;
mod pkcs8;
mod ppk;
mod public;
mod rfc4716;

use keyfob_keys::{PrivateKey, PublicKey, Secret};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::error::{Error, Feature};
use crate::ppk::Version;

/// A form of private key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrivateForm {
    /// OpenSSH's own (PROTOCOL.key), encrypted with bcrypt and any cipher OpenSSH has.
    OpenSsh,
    /// Traditional PEM: PKCS#1 for RSA, SEC1 for ECDSA, OpenSSL's form of DSA. Encrypted with
    /// AES-128 and **one round of MD5**: for programs that read nothing else.
    Pem,
    /// PKCS#8 (RFC 5958), encrypted by PBES2 with PBKDF2 and AES-256.
    Pkcs8,
    /// PuTTY's, version 3, encrypted with Argon2id and AES-256.
    Ppk3,
    /// PuTTY's, version 2, for PuTTY before 0.75. Encrypted with AES-256 and **one round of
    /// SHA-1**.
    Ppk2,
}

/// A form of public key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicForm {
    /// `type base64 comment`
    Line,
    /// RFC 4716
    Rfc4716,
    /// `BEGIN PUBLIC KEY`: SubjectPublicKeyInfo
    Spki,
    /// `BEGIN RSA PUBLIC KEY`: PKCS#1
    Pkcs1,
}

/// How a private key is to be encrypted.
pub struct Protection<'a> {
    /// The passphrase, any bytes: not empty, for PEM and PKCS#8 at least five.
    pub passphrase: &'a Secret,
    /// The cipher of the OpenSSH form by its name (`ssh -Q cipher`); `None` for aes256-ctr.
    pub cipher: Option<&'a str>,
    /// Rounds of bcrypt in the OpenSSH form; `None` for 24. The other forms have fixed costs.
    pub rounds: Option<u32>,
}

/// The randomness of one file. Never use it for a second one.
pub struct Randomness {
    /// Salt of the key derivation.
    pub salt: [u8; 16],
    /// Initialisation vector, where the form has one of its own.
    pub iv: [u8; 16],
    /// The check word of the OpenSSH form.
    pub check: u32,
}

impl Randomness {
    /// Of the system's generator.
    ///
    /// # Errors
    /// [`Error::Randomness`] when that fails.
    pub fn fresh() -> Result<Self, Error> {
        let mut bytes = [0; 36];
        getrandom::fill(&mut bytes).map_err(|_| Error::Randomness)?;
        let (mut salt, mut iv, mut check) = ([0; 16], [0; 16], [0; 4]);
        salt.copy_from_slice(&bytes[..16]);
        iv.copy_from_slice(&bytes[16..32]);
        check.copy_from_slice(&bytes[32..]);
        Ok(Self { salt, iv, check: u32::from_be_bytes(check) })
    }
}

/// Writes a private key, with its certificate where the form can hold one (PPK), and with its
/// comment where the form has one (OpenSSH, PPK).
///
/// # Errors
/// [`Error::Unsupported`] when the form has no room for the key's type or knows no such cipher,
/// [`Error::Comment`] when it has none for the comment, [`Error::PassphraseTooShort`] when it
/// takes no such passphrase.
pub fn write_private(
    key: &PrivateKey,
    comment: &[u8],
    form: PrivateForm,
    protection: Option<&Protection<'_>>,
    randomness: &Randomness,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    protection.map_or(Ok(()), |protection| at_least(protection, 1))?;
    match form {
        PrivateForm::OpenSsh => openssh::write(key, comment, protection, randomness),
        PrivateForm::Pem => pem::write(key, protection, randomness),
        PrivateForm::Pkcs8 => pkcs8::write(key, protection, randomness),
        PrivateForm::Ppk3 => ppk::write(key, comment, Version::Three, protection, randomness),
        PrivateForm::Ppk2 => ppk::write(key, comment, Version::Two, protection, randomness),
    }
}

/// Writes a public key or certificate; the text ends with a line end. The PEM forms have no
/// room for a comment, and of a certificate they carry only the key it certifies.
///
/// # Errors
/// [`Error::Unsupported`] when the form has no room for the key's type, [`Error::Comment`]
/// when it has none for the comment.
pub fn write_public(key: &PublicKey, comment: &[u8], form: PublicForm) -> Result<Vec<u8>, Error> {
    match form {
        PublicForm::Line => {
            refuse_breaks(comment)?;
            let mut line = key.to_line(comment);
            line.push(b'\n');
            Ok(line)
        }
        PublicForm::Rfc4716 => {
            refuse_breaks(comment)?;
            rfc4716::write(key, comment)
        }
        PublicForm::Spki => public::spki(key),
        PublicForm::Pkcs1 => public::pkcs1(key),
    }
}

/// A comment that ends its line could begin another key behind it, or a header.
fn refuse_breaks(comment: &[u8]) -> Result<(), Error> {
    if comment.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
        return Err(Error::Comment("it has a line break, and this form has one line for it"));
    }
    refuse_nul(comment)
}

/// The other programs keep comments as C does, and refuse whole keys for a NUL or cut at it.
fn refuse_nul(comment: &[u8]) -> Result<(), Error> {
    if comment.contains(&0) {
        return Err(Error::Comment("it has a NUL, which other programs refuse"));
    }
    Ok(())
}

/// The refusal of a key for whose type the form has no room.
fn no_room(key: &PublicKey, because: &'static str) -> Error {
    let name = key.algorithm().name().to_owned();
    Error::Unsupported { what: Feature::KeyType(name), because }
}

/// OpenSSL asks for a longer passphrase than one to four bytes, and ssh-keygen refuses to
/// write files with such a one.
fn openssl_passphrase(protection: &Protection<'_>) -> Result<(), Error> {
    at_least(protection, 5)
}

fn at_least(protection: &Protection<'_>, least: usize) -> Result<(), Error> {
    if protection.passphrase.expose_secret().len() < least {
        return Err(Error::PassphraseTooShort { least });
    }
    Ok(())
}
