//! Links, and names without case.
//!
//! A private file has an access list of its own, any other that of its folder. Neither is the owner of
//! an old file looked at nor its access list kept: who may not replace it is told so by the system.
//! Names are in the file system's journal and need nothing to last.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use keyfob_sys::windows::private_file;

use super::{Mode, Problem};

/// Whether there is such a folder. What may be made in it is only told by trying.
pub(super) fn try_folder(folder: &Path) -> io::Result<()> {
    match std::fs::metadata(folder)?.is_dir() {
        true => Ok(()),
        false => Err(ErrorKind::NotADirectory.into()),
    }
}

/// Makes a file that is not there yet.
pub(super) fn fresh(path: &Path, mode: Mode, _old: Option<&Metadata>) -> io::Result<File> {
    match mode {
        Mode::Private => private_file::create(path),
        Mode::Public => OpenOptions::new().write(true).create_new(true).open(path),
    }
}

/// Whoever makes a file owns it.
pub(super) fn give_to_owner(_file: &File, _old: Option<&Metadata>) -> io::Result<()> {
    Ok(())
}

/// The journal has its names.
pub(super) fn settle(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Whether two paths name one folder.
pub(super) fn is_same_folder(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Whether two names in a folder are one.
pub(super) fn is_same_name(one: &Path, other: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().to_lowercase());
    name(one) == name(other)
}

/// Where a link leads; `None` where there is none.
pub(super) fn link(path: &Path) -> io::Result<Option<PathBuf>> {
    match std::fs::symlink_metadata(path) {
        Ok(facts) if facts.is_symlink() => std::fs::read_link(path).map(Some),
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Links that lead nowhere in the end.
pub(super) fn endless() -> io::Error {
    const CANNOT_RESOLVE_FILENAME: i32 = 1921;
    io::Error::from_raw_os_error(CANNOT_RESOLVE_FILENAME)
}

/// Whether a new file may stand in for this one.
pub(super) fn check(old: &Metadata) -> Result<(), Problem> {
    match old.file_type() {
        kind if kind.is_file() => Ok(()),
        kind if kind.is_dir() => Err(Problem::NotAFile("a folder")),
        _ => Err(Problem::NotAFile("a device")),
    }
}
