//! Modes, owners, links, and folders that are made to last.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, Gid, Uid, accessat, fchown};
use rustix::io::Errno;

use super::{Mode, Problem};

/// Whether something can be made in a folder.
pub(super) fn try_folder(folder: &Path) -> io::Result<()> {
    Ok(accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)?)
}

/// Makes a file that is not there yet, and may take the place of an old one.
pub(super) fn fresh(path: &Path, mode: Mode, old: Option<&Metadata>) -> io::Result<File> {
    let widest = match mode {
        Mode::Private => 0o600,
        Mode::Public => 0o644,
    };
    // The owner can read it in any case: a key nobody can read is lost.
    let mode = old.map_or(widest, |old| (old.mode() & widest) | 0o400);
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Root changes other people's files, and they stay theirs.
pub(super) fn give_to_owner(file: &File, old: Option<&Metadata>) -> io::Result<()> {
    match old {
        Some(old) if !is_ours(old) => {
            fchown(file, Some(Uid::from_raw(old.uid())), Some(Gid::from_raw(old.gid())))?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Makes the names in a folder last.
pub(super) fn settle(folder: &Path) -> io::Result<()> {
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        // Some file systems have no such thing for folders, and a folder that may be written
        // to need not be readable.
        Err(error) if is_impossible(&error) => Ok(()),
        other => other,
    }
}

/// Whether two paths name one folder.
pub(super) fn is_same_folder(one: &Path, other: &Path) -> bool {
    let place = |folder: &Path| {
        let facts = std::fs::metadata(folder).ok()?;
        Some((facts.dev(), facts.ino()))
    };
    place(one) == place(other)
}

/// Whether two names in a folder are one.
pub(super) fn is_same_name(one: &Path, other: &Path) -> bool {
    one.file_name() == other.file_name()
}

/// Where a link leads; `None` where there is none.
pub(super) fn link(path: &Path) -> io::Result<Option<PathBuf>> {
    match std::fs::read_link(path) {
        Ok(next) => Ok(Some(next)),
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::NotFound) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Links that lead nowhere in the end.
pub(super) fn endless() -> io::Error {
    Errno::LOOP.into()
}

/// Whether a new file may stand in for this one.
pub(super) fn check(old: &Metadata) -> Result<(), Problem> {
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
