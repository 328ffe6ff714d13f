//! The place of a file: what stands there, and how a new file takes its name.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Gid, Uid, accessat, fchown};
use rustix::io::Errno;
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
            Some(facts) => check(facts)?,
            None => {}
        }
        // `a/..` and `a/` name folders, whether they exist or not.
        if target.file_name().is_none() || target.as_os_str().as_encoded_bytes().ends_with(b"/") {
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
        accessat(CWD, &self.folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
            .map_err(|error| self.no_file(error.into()))
    }

    /// Writes the new file beside the place.
    pub(super) fn draft(self, bytes: &[u8], mode: Mode) -> Result<Draft, Problem> {
        let mode = self.mode(mode);
        let open =
            |path: &Path| OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
        let made = tempfile::Builder::new().prefix(UNFINISHED).make_in(&self.folder, open);
        let (mut file, path) = made.map_err(|error| self.no_file(error))?.into_parts();
        self.give_to_owner(&file).map_err(Problem::Write)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(Problem::Write)?;
        Ok(Draft { file: NamedTempFile::from_parts(file, path), place: self })
    }

    /// Makes the new name last.
    pub(super) fn settle(&self) -> Result<(), Problem> {
        match File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            Ok(()) => Ok(()),
            // Some file systems have no such thing for folders, and a folder that may be written
            // to need not be readable.
            Err(error) if is_impossible(&error) => Ok(()),
            Err(error) => Err(Problem::Unsettled(error)),
        }
    }

    /// Takes a new file away again.
    pub(super) fn remove(&self) {
        // It was made a moment ago in a folder we may write to; nothing can be done if it stays.
        let _ = std::fs::remove_file(&self.target);
    }

    fn mode(&self, mode: Mode) -> u32 {
        let widest = match mode {
            Mode::Private => 0o600,
            Mode::Public => 0o644,
        };
        // The owner can read it in any case: a key nobody can read is lost.
        self.old.as_ref().map_or(widest, |old| (old.mode() & widest) | 0o400)
    }

    /// Root changes other people's files, and they stay theirs.
    fn give_to_owner(&self, file: &File) -> io::Result<()> {
        match &self.old {
            Some(old) if !is_ours(old) => {
                fchown(file, Some(Uid::from_raw(old.uid())), Some(Gid::from_raw(old.gid())))?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn no_file(&self, source: io::Error) -> Problem {
        Problem::Folder { folder: self.folder.clone(), source }
    }
}

impl Draft {
    /// Whether both would take the same name.
    pub(super) fn is_for_the_place_of(&self, other: &Self) -> bool {
        let folder = |draft: &Self| {
            let facts = std::fs::metadata(&draft.place.folder).ok()?;
            Some((facts.dev(), facts.ino()))
        };
        self.place.target.file_name() == other.place.target.file_name()
            && folder(self) == folder(other)
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
        match std::fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or_else(|| Path::new("")).join(next),
            // Not a link, or nothing there.
            Err(error) if is_no_link(&error) => return Ok(path),
            Err(error) => return Err(Problem::Lost(error)),
        }
    }
    Err(Problem::Lost(Errno::LOOP.into()))
}

fn is_no_link(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound)
}

fn look(path: &Path) -> Result<Option<Metadata>, Problem> {
    match std::fs::symlink_metadata(path) {
        Ok(facts) => Ok(Some(facts)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::Lost(error)),
    }
}

/// Whether a new file may stand in for this one.
fn check(old: &Metadata) -> Result<(), Problem> {
    let kind = old.file_type();
    if !kind.is_file() {
        return Err(Problem::NotAFile(if kind.is_dir() {
            "a folder"
        } else if kind.is_fifo() {
            "a FIFO"
        } else if kind.is_socket() {
            "a socket"
        } else {
            "a device"
        }));
    }
    if is_ours(old) || rustix::process::geteuid().is_root() {
        Ok(())
    } else {
        Err(Problem::Foreign)
    }
}

fn is_ours(old: &Metadata) -> bool {
    old.uid() == rustix::process::geteuid().as_raw()
}

fn is_impossible(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS | Errno::ACCESS))
}

/// Whether a file name is one of ours that was never finished.
#[cfg(test)]
pub(super) fn is_unfinished(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes())
}
