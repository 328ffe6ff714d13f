//! Changes the comment of a key: in a private file that has room for one and in the public file
//! beside it, or in a public file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{
    Derivation, Format, Limits, PrivateFile, Protection, PublicForm, read_public_all,
};
use keyfob_keys::{PublicKey, Secret};
use keyfob_protocol::limits::MAX_COMMENT;
use keyfob_sys::hardening;
use keyfob_sys::os_text::OsStringExt as _;

use crate::exit::Exit;
use crate::files;
use crate::key_file::KeyFile;
use crate::passphrases::{Passphrases, Source};
use crate::rewriting;
use crate::saving::{self, Mode, New, Overwrite};
use crate::voice::{Voice, key_files, rewriting as words};

/// Which comment for which key.
pub(crate) struct Comment {
    /// The file.
    pub(crate) path: PathBuf,
    /// The comment; empty for none.
    pub(crate) text: OsString,
    /// Where the passphrase comes from.
    pub(crate) passphrase: Source,
    /// How much work the file may make.
    pub(crate) limits: Limits,
}

/// A public file that can be written anew.
struct PublicFile {
    path: PathBuf,
    key: PublicKey,
    comment: Vec<u8>,
    form: PublicForm,
}

impl Comment {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let Some(new) = line_of(self.text.clone()) else {
            words::bad_comment();
            return Exit::Failure;
        };
        if new.len() > MAX_COMMENT {
            words::long_comment(MAX_COMMENT);
            return Exit::Failure;
        }
        if self.path.as_os_str() == "-" {
            words::not_in_place();
            return Exit::Failure;
        }
        let done = KeyFile::load(&self.path).and_then(|file| {
            if file.inspection.format.is_private() {
                self.change_private(&file, new, environment)
            } else {
                change_public(&file, &new)
            }
        });
        done.err().unwrap_or(Exit::Success)
    }

    fn change_private(
        &self,
        file: &KeyFile,
        new: Vec<u8>,
        environment: &Environment,
    ) -> Result<(), Exit> {
        let _ = hardening::protect_process();
        let format = file.inspection.format;
        let Some(form) = rewriting::form_of(&file.inspection, &file.bytes) else {
            words::not_written(&file.name, format);
            return Err(Exit::Failure);
        };
        let beside = beside(&file.name);
        if !rewriting::keeps_comment(form) {
            words::no_comment(file, beside.as_ref().map(|beside| &*beside.path));
            return Err(Exit::Failure);
        }
        let passphrases = Passphrases::new(environment, Voice::Keyfob).within(self.limits);
        let mut passphrases = passphrases.from(&self.passphrase).map_err(|error| {
            words::no_passphrase_in(&self.passphrase, &error);
            Exit::Failure
        })?;
        let PrivateFile { key, comment: old } = file.open(&mut passphrases)?;
        let key = PrivateFile { key, comment: new };
        let protection = passphrases.last().map(|passphrase| as_before(file, passphrase));
        let written = rewriting::written(&key, form, protection.as_ref(), &self.limits);
        let bytes = written.map_err(|error| {
            key_files::unmade(&file.name, &error);
            Exit::Failure
        })?;
        let beside = beside.filter(|beside| {
            let ours = beside.key.plain() == key.key.public().plain();
            if !ours {
                words::stranger_beside(&beside.path);
            }
            ours
        });
        let public = beside.as_ref().map(|beside| beside.with(&key.comment)).transpose()?;
        let others = beside.iter().zip(&public).map(|(beside, bytes)| New {
            path: &beside.path,
            bytes,
            mode: Mode::Public,
        });
        file.replace_with(&bytes, &others.collect::<Vec<_>>())?;
        let also = beside.as_ref().map(|beside| &*beside.path);
        words::commented(&file.name, also, &old, &key.comment);
        Ok(())
    }
}

/// A comment changes nothing of how the file is protected.
fn as_before<'a>(file: &'a KeyFile, passphrase: &'a Secret) -> Protection<'a> {
    let old = file.inspection.encryption.as_ref();
    let bcrypt = old.and_then(|old| match old.derivation {
        Derivation::Bcrypt { rounds } => Some((old.cipher, rounds)),
        _ => None,
    });
    Protection {
        passphrase,
        cipher: bcrypt.map(|(cipher, _)| cipher),
        rounds: bcrypt.map(|(_, rounds)| rounds),
    }
}

fn change_public(file: &KeyFile, new: &[u8]) -> Result<(), Exit> {
    let format = file.inspection.format;
    if format == Format::PublicPem {
        words::no_comment(file, None);
        return Err(Exit::Failure);
    }
    let Some(public) = PublicFile::read(&file.name, format, &file.bytes) else {
        words::several_keys(&file.name);
        return Err(Exit::Failure);
    };
    let bytes = public.with(new)?;
    saving::save(&public.path, &bytes, Mode::Public, Overwrite::Replace).map_err(|error| {
        key_files::unsaved(&error);
        Exit::Failure
    })?;
    words::commented(&public.path, None, &public.comment, new);
    Ok(())
}

/// The public file beside a private one.
fn beside(private: &Path) -> Option<PublicFile> {
    let path = files::beside(private, ".pub");
    let bytes = files::open(&path).ok()?.read().ok()?;
    let format = keyfob_keyfile::inspect(&bytes).ok()?.format;
    PublicFile::read(&path, format, &bytes)
}

impl PublicFile {
    /// A file of one key and nothing else that would be lost.
    fn read(path: &Path, format: Format, bytes: &[u8]) -> Option<Self> {
        let form = match format {
            Format::PublicLine => PublicForm::Line,
            Format::Rfc4716 => PublicForm::Rfc4716,
            _ => return None,
        };
        if form == PublicForm::Line && !is_one_line(bytes) {
            return None;
        }
        let mut entries = read_public_all(bytes).ok()?;
        let entry = entries.pop().filter(|entry| entries.is_empty() && entry.options.is_empty())?;
        Some(Self { path: path.to_owned(), key: entry.key.ok()?, comment: entry.comment, form })
    }

    fn with(&self, comment: &[u8]) -> Result<Vec<u8>, Exit> {
        rewriting::written_public(&self.key, comment, self.form).map_err(|error| {
            key_files::unmade(&self.path, &error);
            Exit::Failure
        })
    }
}

fn is_one_line(bytes: &[u8]) -> bool {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.filter(|line| !line.trim_ascii().is_empty()).count() == 1
}

/// The comment, if it stays on its line and moves no cursor. Blanks around it would be lost in
/// a public line, so they go at once.
fn line_of(text: OsString) -> Option<Vec<u8>> {
    let bytes = text.into_vec().trim_ascii().to_vec();
    let steers = |chunk: &str| chunk.chars().any(char::is_control);
    (!bytes.utf8_chunks().any(|chunk| steers(chunk.valid()))).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &[u8]) -> Option<Vec<u8>> {
        line_of(OsString::from_vec(text.to_vec()))
    }

    #[test]
    fn text_of_any_language_is_a_comment_and_blanks_around_it_go() {
        for (text, kept) in [
            (&b"me@host"[..], &b"me@host"[..]),
            (b" two words ", b"two words"),
            (b"", b""),
            ("schl\u{fc}ssel \u{9375}".as_bytes(), "schl\u{fc}ssel \u{9375}".as_bytes()),
        ] {
            assert_eq!(line(text).as_deref(), Some(kept));
        }
        // Windows has no such words.
        if cfg!(unix) {
            assert_eq!(line(b"latin1 \xfc").as_deref(), Some(&b"latin1 \xfc"[..]));
        }
    }

    #[test]
    fn what_ends_the_line_or_steers_a_terminal_is_none() {
        for text in ["a\nssh-rsa AAAA", "a\rb", "\x1b[2J", "a\tb", "\u{9b}2J", "a\x7f"] {
            assert_eq!(line(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn only_a_file_of_one_line_is_written_anew() {
        assert!(is_one_line(b"\xef\xbb\xbfone\r\n\r\n"));
        assert!(!is_one_line(b"one\ntwo\n"));
        assert!(!is_one_line(b"one\rtwo"));
    }
}
