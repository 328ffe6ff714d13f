//! PuTTY's private key files, PPK, of versions 2 and 3 (PuTTY manual, appendix C): read, and
//! what reading and writing share.
//!
//! Read here and not with the `ssh-key` crate: its version 0.7.0-rc.11 takes an Ed25519 seed
//! for an `mpint` (and refuses one key in 512), runs Argon2 twice and without bounds, accepts
//! a public half of another key, and wants UTF-8 in comments and passphrases.
//!
//! Version 1 was written by PuTTY before its release only; Ed448 keys, which PuTTY has and SSH
//! elsewhere does not, are named and refused.

mod argon2;
mod file;
mod private;
mod seal;

use keyfob_keys::{PublicKey, Secret};
use secrecy::ExposeSecret;

use crate::PrivateFile;
use crate::error::Error;
use crate::format::Format;
use crate::limits::Limits;
use crate::public;

pub(crate) use argon2::{Argon2, Variant};
pub(crate) use file::{CIPHER, FIRST, File, NO_CIPHER, Version};
pub(crate) use private::private_blob;
pub(crate) use seal::{BLOCK, Derivation, Keys, MacInput};

/// Reads a file, from the line that names its version.
pub(crate) fn read(
    text: &[u8],
    passphrase: Option<&Secret>,
    limits: &Limits,
) -> Result<PrivateFile, Error> {
    let file = File::read(text)?;
    // A key that could not be used anyway is refused before its passphrase is asked for.
    let public = file.public()?;
    let passphrase = match (&file.derivation, passphrase) {
        (Some(derivation), passphrase) => {
            derivation.check(limits)?;
            passphrase.ok_or(Error::PassphraseNeeded)?.expose_secret()
        }
        (None, _) => &[],
    };
    let keys = Keys::derive(file.version, file.derivation.as_ref(), passphrase)?;
    let plain = keys.decrypt(&file.private)?;
    let comment = checked_comment(&file, &keys, &plain)?;
    let key = private::key(&public, &plain)?;
    Ok(PrivateFile { key, comment: comment.to_vec() })
}

/// Checks the file's MAC and tells the comment it was made of: editors drop the blanks at the
/// end of a line, which may have been added before or been there from the beginning.
fn checked_comment<'a>(file: &File<'a>, keys: &Keys, plain: &[u8]) -> Result<&'a [u8], Error> {
    let trimmed = file.comment.trim_ascii_end();
    for comment in [file.comment, trimmed] {
        let input = MacInput {
            algorithm: file.algorithm,
            encryption: file.encryption(),
            comment,
            public: &file.public,
            private: plain,
        };
        if keys.verify(&input, &file.mac) {
            return Ok(comment);
        }
    }
    Err(if file.derivation.is_some() {
        Error::WrongPassphrase
    } else {
        damaged("its MAC is not that of its content")
    })
}

impl File<'_> {
    /// The public key, which is not encrypted. In an encrypted file only the MAC proves it to
    /// be the private key's.
    pub(crate) fn public(&self) -> Result<PublicKey, Error> {
        private::refuse_unsupported_type(self.algorithm)?;
        let public = public::of_blob(Format::Ppk, &self.public)?;
        if public.type_name().as_bytes() != self.algorithm {
            return Err(damaged("its first line names another type than its public key"));
        }
        Ok(public)
    }
}

fn damaged(problem: &str) -> Error {
    Error::corrupt(Format::Ppk, problem)
}

fn of_key(error: keyfob_keys::Error) -> Error {
    Error::of_key(Format::Ppk, error)
}
