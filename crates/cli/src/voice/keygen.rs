//! Words of `ssh-keygen` about key files: its texts to the letter, and our
//! hints below them.

use std::io;
use std::path::Path;

use keyfob_keyfile as keyfile;

use super::{adding, bytes, generating, key_error, raw_note};
use crate::exposure::Exposure;
use crate::output::{hint, log_line};
use crate::{files, rewriting, saving, text};

/// Why a private key file was not opened.
#[derive(Debug)]
pub(crate) enum Unopened {
    /// It cannot be read.
    File(files::Error),
    /// Others may read it.
    TooOpen(Exposure),
    /// It holds no private key that can be used.
    Key(keyfile::Error),
}

/// A path that leads nowhere. `program`: whether the program's name stands in front.
pub(crate) fn no_such_file(path: &Path, error: &io::Error, program: bool) {
    let name = if program { "ssh-keygen: " } else { "" };
    log_line(text![name, raw_note(bytes(path)), ": ", files::reason(error)]);
}

/// Nothing in a file is what was looked for.
pub(crate) fn is_not(path: &Path, what: &str) {
    log_line(text![raw_note(bytes(path)), " is not ", what, "."]);
}

/// A private key was not opened; the words in front are the mode's own.
pub(crate) fn unopened(front: &[u8], path: &Path, why: &Unopened) {
    too_open(path, why);
    let reason = match why {
        Unopened::File(error) => key_error::of_file(error),
        Unopened::TooOpen(_) => "bad permissions".to_owned(),
        Unopened::Key(error) => key_error::of_key(error),
    };
    log_line(text![raw_note(front), ": ", reason]);
    match why {
        Unopened::TooOpen(exposure) => hint(exposure.remedy(path)),
        Unopened::Key(error) => key_error::hint(error, path, None),
        Unopened::File(_) => {}
    }
}

/// The block of text alone, where the key is not needed after all.
pub(crate) fn too_open(path: &Path, why: &Unopened) {
    if let Unopened::TooOpen(exposure) = why {
        adding::unprotected(&raw_note(bytes(path)), exposure);
    }
}

/// The form does not take the key or its passphrase.
pub(crate) fn unwritten(path: &Path, error: &rewriting::Error) {
    let why = match error {
        rewriting::Error::KeyFile(error) => generating::openssh_form(error),
        rewriting::Error::Differs => error.to_string(),
    };
    log_line(text!["Saving key \"", raw_note(bytes(path)), "\" failed: ", why]);
}

/// A file was not saved.
pub(crate) fn unsaved(error: &saving::Error, public: bool) {
    generating::openssh_unsaved(error, public);
}
