//! Public keys and certificates out of files: `type base64 comment` lines, and the public
//! half of an OpenSSH private key.
//!
//! Not the `authorized_keys` form: options in front of the type are not read here.

use keyfob_keys::{Algorithm, PublicKey};

use crate::armour::Lines;
use crate::detect::{self, Found};
use crate::error::{Error, escaped};
use crate::format::Format;
use crate::openssh::Container;
use crate::{pem, ppk, read_der};

/// Reads the first public key of a file, and its comment (any bytes, maybe none).
///
/// The public half of a private key file is taken if it can be had without a passphrase.
///
/// # Errors
/// [`Error::PassphraseNeeded`] when the public half is encrypted too.
pub fn read_public(bytes: &[u8]) -> Result<(PublicKey, Vec<u8>), Error> {
    match detect::find(bytes)? {
        Found::Public(Format::PublicLine) => first_line(detect::text(bytes)?),
        Found::Public(format) | Found::Foreign(format) => Err(format.unsupported()),
        Found::Ppk(text) => {
            let file = ppk::File::read(text)?;
            Ok((file.public()?, file.comment.to_vec()))
        }
        Found::Private(armour) => {
            let format = detect::format_of(&armour)?;
            let key = if format == Format::OpenSsh {
                Container::read(armour.body())?.public()?
            } else if pem::encryption(&armour)?.is_some() || armour.label() == pem::ENCRYPTED_PKCS8
            {
                return Err(Error::PassphraseNeeded);
            } else {
                read_der(format, armour.body())?.public().clone()
            };
            Ok((key, Vec::new()))
        }
    }
}

fn first_line(text: &[u8]) -> Result<(PublicKey, Vec<u8>), Error> {
    let line = Lines::new(text).find(|line| detect::is_public_line(line)).ok_or(Error::NotAKey)?;
    let (key, comment) = PublicKey::from_line(line).map_err(|error| match error {
        keyfob_keys::Error::UnknownAlgorithm(_) if !has_known_name(line) => {
            Error::key_type(&escaped(first_word(line)))
        }
        keyfob_keys::Error::UnknownAlgorithm(_) => {
            Error::corrupt(Format::PublicLine, "type and key differ")
        }
        error => Error::of_key(Format::PublicLine, error),
    })?;
    if key.algorithm() == Algorithm::Dss {
        return Err(Error::key_type(&escaped(first_word(line))));
    }
    Ok((key, comment))
}

fn first_word(line: &[u8]) -> &[u8] {
    let mut words = line.split(u8::is_ascii_whitespace);
    words.next().unwrap_or_default()
}

fn has_known_name(line: &[u8]) -> bool {
    std::str::from_utf8(first_word(line)).is_ok_and(|name| Algorithm::from_name(name).is_some())
}
