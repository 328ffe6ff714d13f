//! Reading the file: bounded, never waiting, and with errors that say where.

use super::Settings;
use crate::directories::SettingsFile;
use crate::duration;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
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
        match read(&file.path) {
            Ok(text) => Self::parse(&text, &file.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !file.named => {
                Ok(Self::default())
            }
            Err(source) => Err(Error::Read { path: file.path.clone(), source }),
        }
    }

    /// Understands the text of a file.
    ///
    /// # Errors
    /// [`Error::Content`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        toml::from_str(text).map_err(|error| content_error(text, path, &error))
    }
}

/// Reads at most [`MAX_SIZE`] bytes of text, and only from what cannot make us wait.
fn read(path: &Path) -> io::Result<String> {
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if kind.is_fifo() || kind.is_socket() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut text = String::new();
    let read = File::open(path)?.take(MAX_SIZE + 1).read_to_string(&mut text)?;
    if read as u64 > MAX_SIZE {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(text)
}

fn content_error(text: &str, path: &Path, error: &toml::de::Error) -> Error {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    // A span may point into a character only if the parser is wrong; show the line then.
    let before = text.get(..start).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let (fact, hint) = fact_and_hint(error.message());
    Error::Content { path: path.to_owned(), line, column, fact, hint }
}

/// The library's messages are "fact, expected this"; an error line has room for the fact.
fn fact_and_hint(message: &str) -> (String, Option<String>) {
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((fact, expected)) = message.split_once(", expected ") {
        return (fact.to_owned(), Some(format!("expected {expected}")));
    }
    let about_time = message.contains("length of time") || message.contains("longer than");
    let hint = about_time.then(|| duration::HINT.to_owned());
    (message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &Path, named: bool) -> SettingsFile {
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
    fn a_fifo_does_not_make_the_start_hang() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(made.success());
        assert!(Settings::load(&file(&path, false)).is_err());
    }

    #[test]
    fn an_empty_device_is_an_empty_file() {
        let settings = Settings::load(&file(Path::new("/dev/null"), true)).unwrap();
        assert_eq!(settings, Settings::default());
    }
}
