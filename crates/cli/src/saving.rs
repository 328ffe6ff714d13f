//! The one door for writing key files: afterwards there is the old file or the new one, whole.
//!
//! The new content is written beside the old file, made to last, and then takes its name in one
//! step. An old file is never opened for writing: a full disk, a limit or a power cut in the
//! middle would leave nothing of it (which is how ssh-keygen loses keys). Ctrl-C waits meanwhile.
//!
//! Does not ask whether to overwrite, and does not make folders.

mod place;

use std::io;
use std::path::{Path, PathBuf};

use keyfob_sys::signals::Held;
use keyfob_sys::{file_identity, file_size};

use crate::files::{self, reason};
use crate::voice::shown_path;
use place::{Draft, Place};

/// Who may read the file. An old file's mode is kept where it is stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// 0600, from the moment it exists.
    Private,
    /// 0644, less the umask.
    Public,
}

/// What happens to a file of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overwrite {
    /// It stays, and so does a symbolic link: writing fails.
    Never,
    /// It is replaced. Of a symbolic link what it points to; another hard link keeps the old
    /// content.
    Replace,
}

/// A file to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct New<'a> {
    /// Where.
    pub(crate) path: &'a Path,
    /// What; the caller wipes it.
    pub(crate) bytes: &'a [u8],
    /// For whom.
    pub(crate) mode: Mode,
}

/// A file that was not written, and why.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", shown_path(path))]
pub(crate) struct Error {
    /// The path as it was given.
    pub(crate) path: PathBuf,
    /// Why.
    pub(crate) problem: Problem,
}

/// Why a file was not written. Unless said otherwise nothing has changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// Something has this name and is to stay.
    #[error("there is a file of this name already")]
    Exists,
    /// What stands there cannot be replaced by a file.
    #[error("is {0}, not a file")]
    NotAFile(&'static str),
    /// Somebody else's file. A new one would be ours.
    #[error("belongs to another user")]
    #[cfg_attr(windows, allow(dead_code, reason = "a new file belongs to whom the folder's would"))]
    Foreign,
    /// By a symbolic link: the one written last would be all that is left.
    #[error("leads to the same file as {}", shown_path(.0))]
    Twice(PathBuf),
    /// It is no longer the file that was read.
    #[error("was changed by something else meanwhile")]
    Changed,
    /// The path cannot be followed to its end.
    #[error("{}", reason(.0))]
    Lost(#[source] io::Error),
    /// Nothing can be made in the folder, which is where a new file begins.
    #[error("cannot make a file in the folder {}: {}", shown_path(folder), reason(source))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// The content could not be written.
    #[error("cannot write: {}", reason(.0))]
    Write(#[source] io::Error),
    /// It was written, but could not take its name.
    #[error("cannot replace it: {}", reason(.0))]
    Replace(#[source] io::Error),
    /// As before, but a file that goes with it has been replaced already.
    #[error("cannot replace it: {}; the file before it has been replaced", reason(.0))]
    Half(#[source] io::Error),
    /// It has been replaced; only a power cut now could still bring the old one back.
    #[error("written, but its folder could not be made to last: {}", reason(.0))]
    Unsettled(#[source] io::Error),
}

impl Problem {
    /// The system's word, where it had one.
    pub(crate) fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Exists | Self::NotAFile(_) | Self::Foreign | Self::Twice(_) | Self::Changed => {
                None
            }
            Self::Folder { source, .. } => Some(source),
            Self::Lost(error)
            | Self::Write(error)
            | Self::Replace(error)
            | Self::Half(error)
            | Self::Unsettled(error) => Some(error),
        }
    }

    fn at(self, path: &Path) -> Error {
        Error { path: path.to_owned(), problem: self }
    }
}

/// Whether something stands there that only [`Overwrite::Replace`] would go past: a file, or a
/// link, wherever that leads.
///
/// # Errors
/// What would keep it from doing so, as far as it shows before anything is written. Asked first,
/// so that nobody types a passphrase for nothing.
pub(crate) fn is_taken(path: &Path) -> Result<bool, Error> {
    let place = Place::of(path, Overwrite::Replace).map_err(|problem| problem.at(path))?;
    place.try_folder().map_err(|problem| problem.at(path))?;
    // A link that leads nowhere yet is in the way of a new file too. Unnoticed it would let
    // somebody wait for a key that has no place in the end, whatever they say of replacing.
    Ok(place.is_taken() || path.is_symlink())
}

/// Makes sure that a file still is what was read of it. Asked before it is replaced by another
/// form of itself: while somebody typed a passphrase, another key may have got its name.
///
/// # Errors
/// [`Problem::Changed`]. What is no ordinary file is [`save`]'s to refuse.
pub(crate) fn is_still(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let same = files::open(path)
        .map_err(files::Error::Io)
        .and_then(|mut opened| Ok(!opened.is_file() || opened.read()?.as_slice() == bytes));
    if matches!(same, Ok(true)) { Ok(()) } else { Err(Problem::Changed.at(path)) }
}

/// How many other names (hard links) the file has: they will keep the old content.
pub(crate) fn other_names(path: &Path) -> u64 {
    file_identity::names(path).map_or(0, |names| names.saturating_sub(1))
}

/// Writes one file.
///
/// # Errors
/// [`Error`]; only [`Problem::Unsettled`] means that the file is the new one.
pub(crate) fn save(
    path: &Path,
    bytes: &[u8],
    mode: Mode,
    overwrite: Overwrite,
) -> Result<(), Error> {
    save_all(&[New { path, bytes, mode }], overwrite)
}

/// Writes a private key, and then what belongs to it: the public half, a certificate.
///
/// All are written before the first takes its name, so that what usually goes wrong leaves
/// nothing behind. The private one comes first: should the machine stop between two of them, the
/// public one can be made again of it, and never the other way round.
///
/// # Errors
/// As [`save`]; [`Problem::Half`] when an old file could not be replaced after all, and its
/// partner has been.
pub(crate) fn save_pair(
    private: New<'_>,
    others: &[New<'_>],
    overwrite: Overwrite,
) -> Result<(), Error> {
    let all: Vec<New<'_>> = std::iter::once(private).chain(others.iter().copied()).collect();
    save_all(&all, overwrite)
}

fn save_all(files: &[New<'_>], overwrite: Overwrite) -> Result<(), Error> {
    // Dropped last: a signal that came meanwhile acts when nothing half-done is left.
    let _signals_wait = Held::new();
    let _limit_is_an_error = file_size::Ignored::new();
    let drafts: Result<Vec<Draft>, Error> =
        files.iter().map(|file| draft(file, overwrite)).collect();
    let drafts = drafts?;
    // Where nothing is replaced the second would be refused anyway.
    if overwrite == Overwrite::Replace {
        refuse_one_for_two(&drafts, files)?;
    }
    let mut placed: Vec<Place> = Vec::new();
    for (draft, file) in drafts.into_iter().zip(files) {
        match draft.take_its_name(overwrite) {
            Ok(place) => placed.push(place),
            Err(problem) => return Err(undone(problem, &placed, overwrite).at(file.path)),
        }
    }
    placed
        .iter()
        .zip(files)
        .try_for_each(|(place, file)| place.settle().map_err(|problem| problem.at(file.path)))
}

fn draft(file: &New<'_>, overwrite: Overwrite) -> Result<Draft, Error> {
    Place::of(file.path, overwrite)
        .and_then(|place| place.draft(file.bytes, file.mode))
        .map_err(|problem| problem.at(file.path))
}

fn refuse_one_for_two(drafts: &[Draft], files: &[New<'_>]) -> Result<(), Error> {
    for (number, (draft, file)) in drafts.iter().zip(files).enumerate() {
        let mut before = drafts.iter().zip(files).take(number);
        if let Some((_, first)) = before.find(|(other, _)| draft.is_for_the_place_of(other)) {
            return Err(Problem::Twice(first.path.to_owned()).at(file.path));
        }
    }
    Ok(())
}

/// What is left of the files placed before one that failed: new ones go, replaced ones cannot.
fn undone(problem: Problem, placed: &[Place], overwrite: Overwrite) -> Problem {
    match (overwrite, problem) {
        (Overwrite::Never, problem) => {
            placed.iter().for_each(Place::remove);
            problem
        }
        (Overwrite::Replace, Problem::Replace(error)) if !placed.is_empty() => Problem::Half(error),
        (Overwrite::Replace, problem) => problem,
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests;
