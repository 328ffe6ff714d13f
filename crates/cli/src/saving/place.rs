//! The place of a file: what stands there, and how a new file takes its name.

#[cfg_attr(unix, path = "place/unix.rs")]
#[cfg_attr(windows, path = "place/windows.rs")]
mod system;

use std::fs::Metadata;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Mode, Overwrite, Problem};

/// As many links as Linux follows (path_resolution(7)).
const MAX_LINKS: usize = 40;

/// What unfinished files are called; a person who finds one after a power cut may delete it.
const UNFINISHED: &str = ".keyfob-";

/// Where a file goes.
pub(super) struct Place {
    /// The file itself, behind all links.
    target: PathBuf,
    folder: PathBuf,
    old: Option<Metadata>,
}

/// A new file beside its place, whole and on the disk.
pub(super) struct Draft {
    file: NamedTempFile,
    place: Place,
}

impl Place {
    /// Looks at a path.
    pub(super) fn of(path: &Path, overwrite: Overwrite) -> Result<Self, Problem> {
        let target = match overwrite {
            Overwrite::Never => path.to_owned(),
            Overwrite::Replace => behind_links(path)?,
        };
        let old = look(&target)?;
        match &old {
            Some(_) if overwrite == Overwrite::Never => return Err(Problem::Exists),
            Some(facts) => system::check(facts)?,
            None => {}
        }
        // `a/..` and `a/` name folders, whether they exist or not.
        let last = target.as_os_str().as_encoded_bytes().last();
        let is_open = last.is_some_and(|last| std::path::is_separator(char::from(*last)));
        if target.file_name().is_none() || is_open {
            return Err(Problem::NotAFile("a folder"));
        }
        let folder = target.parent().map(Path::to_owned).unwrap_or_default();
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        Ok(Self { target, folder, old })
    }

    /// Whether a file stands there.
    pub(super) fn is_taken(&self) -> bool {
        self.old.is_some()
    }

    /// Whether something can be made in the folder.
    pub(super) fn try_folder(&self) -> Result<(), Problem> {
        system::try_folder(&self.folder).map_err(|error| self.no_file(error))
    }

    /// Writes the new file beside the place.
    pub(super) fn draft(self, bytes: &[u8], mode: Mode) -> Result<Draft, Problem> {
        let open = |path: &Path| system::fresh(path, mode, self.old.as_ref());
        let made = tempfile::Builder::new().prefix(UNFINISHED).make_in(&self.folder, open);
        let (mut file, path) = made.map_err(|error| self.no_file(error))?.into_parts();
        system::give_to_owner(&file, self.old.as_ref()).map_err(Problem::Write)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Problem::Write)?;
        Ok(Draft { file: NamedTempFile::from_parts(file, path), place: self })
    }

    /// Makes the new name last.
    pub(super) fn settle(&self) -> Result<(), Problem> {
        system::settle(&self.folder).map_err(Problem::Unsettled)
    }

    /// Takes a new file away again.
    pub(super) fn remove(&self) {
        // It was made a moment ago in a folder we may write to; nothing can be done if it stays.
        let _ = std::fs::remove_file(&self.target);
    }

    fn no_file(&self, source: io::Error) -> Problem {
        Problem::Folder { folder: self.folder.clone(), source }
    }
}

impl Draft {
    /// Whether both would take the same name.
    pub(super) fn is_for_the_place_of(&self, other: &Self) -> bool {
        system::is_same_name(&self.place.target, &other.place.target)
            && system::is_same_folder(&self.place.folder, &other.place.folder)
    }

    /// The step that is done or not done.
    pub(super) fn take_its_name(self, overwrite: Overwrite) -> Result<Place, Problem> {
        let Self { file, place } = self;
        let result = match overwrite {
            Overwrite::Replace => file.persist(&place.target),
            Overwrite::Never => file.persist_noclobber(&place.target),
        };
        match result {
            Ok(_) => Ok(place),
            Err(error) if overwrite == Overwrite::Never => Err(match error.error.kind() {
                ErrorKind::AlreadyExists => Problem::Exists,
                _ => Problem::Write(error.error),
            }),
            Err(error) => Err(Problem::Replace(error.error)),
        }
    }
}

/// Follows links to where the last of them points, there or not.
fn behind_links(path: &Path) -> Result<PathBuf, Problem> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match system::link(&path).map_err(Problem::Lost)? {
            Some(next) => path = path.parent().unwrap_or_else(|| Path::new("")).join(next),
            None => return Ok(path),
        }
    }
    Err(Problem::Lost(system::endless()))
}

fn look(path: &Path) -> Result<Option<Metadata>, Problem> {
    match std::fs::symlink_metadata(path) {
        Ok(facts) => Ok(Some(facts)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::Lost(error)),
    }
}

/// Whether a file name is one of ours that was never finished.
#[cfg(all(test, unix))]
pub(super) fn is_unfinished(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
}
