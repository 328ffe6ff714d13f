//! Prints the public half of a key, or puts it on the clipboard. Of a file of public keys it is all
//! of them.
//!
//! The private file is asked first, not the `.pub` beside it: that one may be another key's.

mod clipboard;

use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::{Error, Limits, PublicForm, read_public_all};
use keyfob_keys::{Algorithm, PublicKey};
use keyfob_sys::hardening;

use clipboard::Clipboards;
pub(crate) use clipboard::{Nowhere, Way};

use crate::exit::Exit;
use crate::key_file::KeyFile;
use crate::passphrases::{Passphrases, Source};
use crate::voice::{
    Voice, converting, key_files, publishing as words, raw_data, rewriting as rewriting_words,
    shown,
};
use crate::{files, output, public_file, rewriting};

/// Which key, in which form.
pub(crate) struct Public {
    /// The file, private or public, `-` for standard input.
    pub(crate) path: PathBuf,
    /// The form.
    pub(crate) form: Form,
    /// Whether it goes to the clipboard instead of standard output.
    pub(crate) copy: bool,
    /// Where the passphrase comes from, if the public half cannot be had without it.
    pub(crate) passphrase: Source,
    /// How much work the file may make.
    pub(crate) limits: Limits,
}

/// A key and its comment.
type Commented = (PublicKey, Vec<u8>);

/// A form of public keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One line.
    Line,
    /// RFC 4716.
    Rfc4716,
    /// PKCS#1 where there is one, else SPKI.
    Pem,
    /// SPKI.
    Pkcs8,
}

impl Public {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        self.publish(environment).err().unwrap_or(Exit::Success)
    }

    fn publish(&self, environment: &Environment) -> Result<(), Exit> {
        let clipboards = self.copy.then(|| Clipboards::prepare(environment));
        let file = KeyFile::load(&self.place())?;
        let keys = if file.inspection.format.is_private() {
            vec![self.half(&file, environment)?]
        } else {
            all_in(&file)?
        };
        let mut bytes = Vec::new();
        for (key, comment) in &keys {
            bytes.extend(self.written(&file, key, comment)?);
        }
        let Some(clipboards) = clipboards else {
            output::data(&bytes);
            return Ok(());
        };
        match clipboards.copy(&bytes) {
            Ok(way) => {
                words::copied(&keys, &way);
                Ok(())
            }
            Err(why) => {
                words::not_copied(&why);
                Err(Exit::Failure)
            }
        }
    }

    fn written(&self, file: &KeyFile, key: &PublicKey, comment: &[u8]) -> Result<Vec<u8>, Exit> {
        // On a terminal a comment must not move the cursor, nor where a copy of it is pasted.
        let comment =
            if self.copy { shown(comment).into_bytes().into() } else { raw_data(comment) };
        rewriting::written_public(key, &comment, self.form_for(key)).map_err(|error| {
            words::unmade(&file.name, &error);
            Exit::Failure
        })
    }

    /// The path, or the public file beside it when only that is there.
    fn place(&self) -> PathBuf {
        let beside = files::beside(&self.path, ".pub");
        if !self.path.exists() && beside.is_file() { beside } else { self.path.clone() }
    }

    /// The public half of a private file: without a passphrase, as far as that goes.
    fn half(&self, file: &KeyFile, environment: &Environment) -> Result<Commented, Exit> {
        let beside = public_file::load(&files::beside(&file.name, ".pub")).ok();
        let seen = file.inspection.public.clone().filter(|_| file.inspection.is_encrypted());
        let (key, comment) = match seen {
            Some(key) => (key, file.inspection.comment.clone().unwrap_or_default()),
            None => {
                let _ = hardening::protect_process();
                let passphrases = Passphrases::new(environment, Voice::Keyfob).within(self.limits);
                let mut passphrases = passphrases.from(&self.passphrase).map_err(|error| {
                    rewriting_words::no_passphrase_in(&self.passphrase, &error);
                    Exit::Failure
                })?;
                let opened = file.open(&mut passphrases)?;
                (opened.key.public().clone(), opened.comment)
            }
        };
        let comment =
            match beside {
                Some((public, Some(said))) if public.plain() == key.plain() => {
                    if comment.is_empty() { said } else { comment }
                }
                Some((_, Some(_))) => {
                    words::stranger_beside(&file.name);
                    comment
                }
                _ => comment,
            };
        Ok((key, comment))
    }

    fn form_for(&self, key: &PublicKey) -> PublicForm {
        match self.form {
            Form::Line => PublicForm::Line,
            Form::Rfc4716 => PublicForm::Rfc4716,
            Form::Pem if key.algorithm() == Algorithm::Rsa => PublicForm::Pkcs1,
            Form::Pem | Form::Pkcs8 => PublicForm::Spki,
        }
    }
}

/// Every key of a public file: all, or none. One that was left out without a word would lock
/// somebody out.
fn all_in(file: &KeyFile) -> Result<Vec<Commented>, Exit> {
    let entries = read_public_all(&file.bytes).map_err(|error| {
        key_files::unusable(&file.name, &error);
        Exit::Failure
    })?;
    // Around a single key there may be any text, among several what is none was meant as one.
    let several = entries.iter().filter(|entry| entry.key != Err(Error::NotAKey)).count() > 1;
    let mut keys = Vec::new();
    for entry in entries {
        match entry.key {
            Ok(key) => {
                if !entry.options.is_empty() {
                    converting::options_lost(&entry.options);
                }
                keys.push((key, entry.comment));
            }
            Err(Error::NotAKey) if !several => {}
            Err(error) if several => {
                key_files::unusable_line(&file.name, entry.line, &error);
                return Err(Exit::Failure);
            }
            Err(error) => {
                key_files::unusable(&file.name, &error);
                return Err(Exit::Failure);
            }
        }
    }
    Ok(keys)
}
