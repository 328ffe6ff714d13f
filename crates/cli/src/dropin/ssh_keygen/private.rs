//! Private key files as `ssh-keygen` opens them: who else may read them is looked at first,
//! an empty passphrase is tried first, another is asked for once.

use std::io;
use std::path::Path;

use keyfob_keyfile::{Error, Limits, PrivateFile, PrivateForm, inspect, read_private_within};
use keyfob_keys::Secret;
use keyfob_sys::hardening;
use zeroize::Zeroizing;

use super::questions;
use crate::exit::Exit;
use crate::files;
use crate::rewriting;
use crate::voice::keygen::{self, Unopened};

/// An opened file.
pub(super) struct Private {
    /// Its bytes, as they were read.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) file: PrivateFile,
    /// The form it has, if it is one that is written here.
    pub(super) form: Option<PrivateForm>,
    /// What it is encrypted with; empty if it is not.
    pub(super) passphrase: Secret,
}

impl Private {
    /// Opens a file; the passphrase is asked for when it is needed.
    pub(super) fn open(
        path: &Path,
        limits: &Limits,
        passphrase: impl FnOnce() -> Secret,
    ) -> Result<Self, Unopened> {
        // A passphrase and a private key are about to pass through this process.
        let _ = hardening::protect_process();
        let bytes = read(path)?;
        let opened = match read_private_within(&bytes, None, limits) {
            Err(Error::PassphraseNeeded) => {
                let passphrase = passphrase();
                let read = read_private_within(&bytes, Some(&passphrase), limits);
                read.map(|file| (file, passphrase))
            }
            other => other.map(|file| (file, questions::none())),
        };
        let (file, passphrase) = opened.map_err(Unopened::Key)?;
        Ok(Self { form: form(&bytes), file, passphrase, bytes })
    }

    /// The comment, where the file's form has one.
    pub(super) fn comment(&self) -> Option<&[u8]> {
        let comment = self.file.comment.as_slice();
        let has_room = self.form.is_some_and(rewriting::keeps_comment);
        (has_room || !comment.is_empty()).then_some(comment)
    }
}

/// Says so when the path leads nowhere. `program`: whether the program's name stands in front.
pub(super) fn must_exist(path: &Path, program: bool) -> Result<(), Exit> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(missing(path, &error, program)),
    }
}

/// The same where it is known already.
pub(super) fn missing(path: &Path, error: &io::Error, program: bool) -> Exit {
    keygen::no_such_file(path, error, program);
    Exit::Fatal
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut opened = files::open(path).map_err(|error| Unopened::File(error.into()))?;
    match opened.too_open() {
        Some(exposure) => Err(Unopened::TooOpen(exposure)),
        None => opened.read().map_err(Unopened::File),
    }
}

fn form(bytes: &[u8]) -> Option<PrivateForm> {
    rewriting::form_of(&inspect(bytes).ok()?, bytes)
}
