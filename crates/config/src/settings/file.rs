//! Reading the file: bounded, never waiting, and with errors that say where.

#[cfg_attr(unix, path = "file/unix.rs")]
#[cfg_attr(windows, path = "file/windows.rs")]
mod system;

use super::Settings;
use super::advice::{fact_and_hint, not_a_word};
use super::together::{Problem, problem};
use crate::directories::SettingsFile;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Larger than any settings file and small enough to read whole.
const MAX_SIZE: u64 = 1024 * 1024;

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is there, or was asked for, and cannot be read.
    #[error("cannot read the settings in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Its content is not understood.
    #[error("{}:{line}:{column}: {fact}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// In characters, counted from 1.
        column: usize,
        /// What is wrong there.
        fact: String,
        /// What to write instead.
        hint: Option<String>,
    },
}

impl Error {
    /// What a person could do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("KEYFOB_CONFIG names it; unset that to run with the defaults")
            }
            Error::Read { .. } => None,
            Error::Content { hint, .. } => hint.as_deref(),
        }
    }
}

impl Settings {
    /// Reads the file. One that nobody named may be missing: then everything is at its default.
    ///
    /// # Errors
    /// [`Error`], naming the file and the place in it.
    pub fn load(file: &SettingsFile) -> Result<Self, Error> {
        match text_of(file)? {
            Some(text) => Self::parse(&text, &file.path),
            None => Ok(Self::default()),
        }
    }

    /// Understands the text of a file.
    ///
    /// # Errors
    /// [`Error::Content`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let settings: Self = toml::from_str(text).map_err(|error| {
            let (fact, hint) =
                match error.span().and_then(|span| not_a_word(error.message(), text, span)) {
                    Some((fact, hint)) => (fact, Some(hint)),
                    None => fact_and_hint(error.message()),
                };
            content_error(text, path, error.span(), fact, hint)
        })?;
        match problem(&settings, text) {
            None => Ok(settings),
            Some(Problem { place, fact, hint }) => {
                Err(content_error(text, path, Some(place), fact, Some(hint.to_owned())))
            }
        }
    }
}

/// The text of the file; none if nobody named it and it is missing.
///
/// # Errors
/// [`Error::Read`].
pub fn text_of(file: &SettingsFile) -> Result<Option<String>, Error> {
    match read(&file.path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.named => Ok(None),
        Err(source) => Err(Error::Read { path: file.path.clone(), source }),
    }
}

/// Reads at most [`MAX_SIZE`] bytes of text, and only from what cannot make us wait.
fn read(path: &Path) -> io::Result<String> {
    if system::waits(path) {
        return Err(io::Error::other("it is not a file"));
    }
    if std::fs::metadata(path)?.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    let mut text = String::new();
    let read = File::open(path)?.take(MAX_SIZE + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_SIZE {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(text)
}

fn content_error(
    text: &str,
    path: &Path,
    place: Option<Range<usize>>,
    fact: String,
    hint: Option<String>,
) -> Error {
    let start = place.map_or(0, |span| span.start).min(text.len());
    // A span may point into a character only if the parser is wrong; show the line then.
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Error::Content { path: path.to_owned(), line, column, fact, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn file(path: &Path, named: bool) -> SettingsFile {
        SettingsFile { path: path.to_owned(), named }
    }

    #[test]
    fn a_missing_file_means_defaults_unless_it_was_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        assert_eq!(Settings::load(&file(&path, false)).unwrap(), Settings::default());
        let error = Settings::load(&file(&path, true)).unwrap_err();
        assert!(error.to_string().contains("config.toml"));
        assert!(error.hint().unwrap().contains("KEYFOB_CONFIG"));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_never_taken_for_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Settings::load(&file(folder.path(), false)).is_err(), "a folder");
        let path = folder.path().join("binary");
        std::fs::write(&path, b"\xff\xfe").unwrap();
        assert!(Settings::load(&file(&path, false)).is_err(), "no text");
        let path = folder.path().join("large");
        std::fs::write(&path, vec![b'\n'; MAX_SIZE as usize + 1]).unwrap();
        assert!(Settings::load(&file(&path, false)).is_err(), "too large");
    }

    #[test]
    fn a_value_that_is_no_word_brings_the_words_there_are() {
        for (text, fact, hint) in [
            (
                "[agent]\noffer = true\n",
                "/c:2:9: `offer` is no true or false, number or list",
                "expected \"known-first\", \"known-only\" or \"all\"",
            ),
            (
                "agent.log-level = 3\n",
                "/c:1:19: `log-level` is no true or false, number or list",
                "expected \"error\", \"warn\", \"info\", \"debug\" or \"trace\"",
            ),
            (
                "[[host]]\nmatch = \"a\"\nforwarded = [\"deny\"]\n",
                "/c:3:13: `forwarded` is no true or false, number or list",
                "expected \"deny\", \"ask\" or \"allow\"",
            ),
        ] {
            let error = Settings::parse(text, "/c".as_ref()).unwrap_err();
            assert_eq!((&*error.to_string(), error.hint()), (fact, Some(hint)));
        }
    }
}
