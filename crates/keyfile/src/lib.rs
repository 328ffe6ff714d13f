//! Reads and writes private and public key files.
//!
//! Bytes of a file come in, a [`PrivateKey`] or a [`PublicKey`](keyfob_keys::PublicKey) goes out. What
//! `ssh-add` reads is read here: the OpenSSH format with every cipher, PEM (PKCS#1, SEC1)
//! with and without its old encryption, PKCS#8 plain and encrypted, and PuTTY's files besides.
//! Formats of other programs are recognised and refused by name.
//!
//! This crate opens no file and asks no one for a passphrase: bytes come in, bytes go out. It
//! must run in a process that may die: it parses what strangers wrote (DESIGN §1), so the
//! agent never imports it.

mod armour;
mod cbc;
mod detect;
mod error;
mod format;
mod inspect;
mod limits;
mod openssh;
mod openssh_cipher;
mod pbes2;
mod pbes2_kdf;
mod pem;
mod pkcs1;
mod pkcs8;
mod ppk;
mod public;
mod sec1;
mod traditional;
mod write;

use keyfob_keys::{PrivateKey, Secret};

pub use error::{Error, Feature};
pub use format::Format;
pub use inspect::{Derivation, Encryption, Inspection, inspect};
pub use limits::{Limits, MAX_FILE, MAX_SALT};
pub use public::read_public;
pub use write::{PrivateForm, Protection, PublicForm, Randomness, write_private, write_public};

use detect::Found;

/// What a private key file holds.
pub struct PrivateFile {
    /// The key; its private and public half have been found to belong together.
    pub key: PrivateKey,
    /// The comment inside the file, any bytes. Only the OpenSSH and PuTTY formats have one.
    pub comment: Vec<u8>,
}

/// Reads a private key file. A passphrase is used only if the file is encrypted.
///
/// # Errors
/// Whatever is wrong is found before [`Error::PassphraseNeeded`] asks for a passphrase, as
/// far as the format lets it be seen without one. [`Error::WrongPassphrase`] can also mean
/// damage to the encrypted part: no format tells the two apart with certainty.
pub fn read_private(bytes: &[u8], passphrase: Option<&Secret>) -> Result<PrivateFile, Error> {
    read_private_within(bytes, passphrase, &Limits::default())
}

/// As [`read_private`], with other bounds on the work a file may ask for.
///
/// # Errors
/// As [`read_private`].
pub fn read_private_within(
    bytes: &[u8],
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<PrivateFile, Error> {
    match detect::find(bytes)? {
        Found::Private(armour) => read_armoured(&armour, passphrase, limits),
        Found::Ppk(text) => ppk::read(text, passphrase, limits),
        Found::Foreign(format) => Err(format.unsupported()),
        Found::Public(_) => Err(Error::PublicKeyFile),
    }
}

fn read_armoured(
    armour: &armour::Armour<'_>,
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<PrivateFile, Error> {
    let format = detect::format_of(armour)?;
    if format == Format::OpenSsh {
        return openssh::read(armour.body(), passphrase, limits);
    }
    let key = if let Some(encryption) = pem::encryption(armour)? {
        let der = traditional::decrypt(&encryption, armour.body(), format, passphrase)?;
        read_der(format, &der)?
    } else if armour.label() == pem::ENCRYPTED_PKCS8 {
        pkcs8::read(&pbes2::decrypt(armour.body(), passphrase, limits)?)?
    } else {
        read_der(format, armour.body())?
    };
    Ok(PrivateFile { key, comment: Vec::new() })
}

fn read_der(format: Format, der: &[u8]) -> Result<PrivateKey, Error> {
    match format {
        Format::Pkcs1 => pkcs1::read(der),
        Format::Sec1 => sec1::read(der, None),
        Format::Pkcs8 => pkcs8::read(der),
        other => Err(other.unsupported()),
    }
}
