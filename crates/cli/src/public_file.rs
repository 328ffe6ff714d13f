//! The public key a path means: the file itself, the one with `.pub` behind
//! its name, or the readable half of a private key file.
//!
//! Needs no passphrase and looks at no permissions: public keys are public.

use std::path::Path;

use keyfob_keyfile::{inspect, read_public};
use keyfob_keys::PublicKey;

use crate::files;

/// Why there is no public key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] files::Error),
    /// It holds none.
    #[error(transparent)]
    Key(#[from] keyfob_keyfile::Error),
    /// It is not one key alone.
    #[error("holds more than one key, or a key with options")]
    Several,
}

impl Error {
    /// Nothing is there at all.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::File(error) if error.is_missing())
    }
}

/// A public key and its comment, where the file has one.
pub(crate) type Loaded = (PublicKey, Option<Vec<u8>>);

/// Loads it.
///
/// # Errors
/// What is wrong with the file itself: the others are only looked for.
pub(crate) fn load(path: &Path) -> Result<Loaded, Error> {
    let here = read(path);
    // A private key file knows its public half but rarely the comment: the
    // file beside it is asked first.
    match here {
        Ok((loaded, false)) => Ok(loaded),
        other => match (read(&files::beside(path, ".pub")), other) {
            (Ok((loaded, _)), _) | (Err(_), Ok((loaded, _))) => Ok(loaded),
            (Err(_), Err(error)) => Err(error),
        },
    }
}

/// One file, and whether it is a private one.
fn read(path: &Path) -> Result<(Loaded, bool), Error> {
    let bytes = files::open(path).map_err(files::Error::Io)?.read()?;
    let private = inspect(&bytes).is_ok_and(|inspection| inspection.format.is_private());
    let (key, comment) = read_public(&bytes)?;
    let comment = (!private).then_some(comment);
    Ok(((key, comment), private))
}
