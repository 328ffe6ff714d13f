//! Opens key files with the passphrases a person gives, and asks for each
//! passphrase once, not for each file.

use std::path::Path;

use keyfob_keyfile::{Error, PrivateFile, read_private};
use keyfob_keys::Secret;

use crate::asking::Asker;
use crate::voice::shown_path;

/// The person, and the passphrase that was right last.
pub(super) struct Passphrases {
    asker: Asker,
    /// Whether the question says that each use will be confirmed.
    confirm: bool,
    last: Option<Secret>,
}

/// Why a file did not open.
pub(super) enum Failure {
    /// No passphrase would help.
    Unusable(Error),
    /// Nobody gave one, or after a wrong one no other.
    GivenUp { wrong: bool },
}

impl Passphrases {
    /// Nothing known yet.
    pub(super) fn new(asker: Asker, confirm: bool) -> Self {
        Self { asker, confirm, last: None }
    }

    /// Opens a file: without a passphrase, with the last good one, and then
    /// asks until the answer is right or empty.
    pub(super) fn open(&mut self, name: &Path, bytes: &[u8]) -> Result<PrivateFile, Failure> {
        if let Some(file) = attempt(bytes, None)? {
            return Ok(file);
        }
        if let Some(last) = self.last.take()
            && let Some(file) = attempt(bytes, Some(&last))?
        {
            self.last = Some(last);
            return Ok(file);
        }
        // The words of `ssh-add`: askpass programs with a memory go by them.
        let mut opening = "Enter passphrase for";
        let mut wrong = false;
        loop {
            let each_use = if self.confirm { " (will confirm each use)" } else { "" };
            let question = format!("{opening} {}{each_use}: ", shown_path(name));
            let passphrase = self.asker.passphrase(&question).ok_or(Failure::GivenUp { wrong })?;
            if let Some(file) = attempt(bytes, Some(&passphrase))? {
                self.last = Some(passphrase);
                return Ok(file);
            }
            opening = "Bad passphrase, try again for";
            wrong = true;
        }
    }
}

/// `None` when another passphrase might do.
fn attempt(bytes: &[u8], passphrase: Option<&Secret>) -> Result<Option<PrivateFile>, Failure> {
    match read_private(bytes, passphrase) {
        Ok(file) => Ok(Some(file)),
        Err(Error::PassphraseNeeded | Error::WrongPassphrase) => Ok(None),
        Err(error) => Err(Failure::Unusable(error)),
    }
}
