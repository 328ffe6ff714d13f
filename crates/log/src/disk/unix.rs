//! Folders that are locked themselves; modes, owners and links.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use keyfob_sys::private_folder;
use rustix::fs::OFlags;
use rustix::process::geteuid;

/// Links at the end of a path are not followed: somebody else may have put one there.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// Makes the folder, and those above it, where they are missing, and opens it.
pub(crate) fn folder(path: &Path) -> io::Result<File> {
    private_folder::make_all(path)?;
    let directory = OFlags::DIRECTORY.bits().cast_signed();
    let handle = OpenOptions::new().read(true).custom_flags(NO_LINK | directory).open(path)?;
    let facts = handle.metadata()?;
    if facts.uid() != geteuid().as_raw() || facts.mode() & 0o022 != 0 {
        let words = "the folder of the log belongs to, or may be written by, somebody else";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, words));
    }
    Ok(handle)
}

/// What is locked of a folder that is there: itself.
pub(crate) fn lock_of(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// Makes the names in a folder last.
pub(super) fn sync_names(folder: &File) -> io::Result<()> {
    folder.sync_all()
}

/// For a file that grows.
pub(super) fn growing() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true).mode(0o600).custom_flags(NO_LINK);
    options
}

/// What is written is behind all else, whoever wrote it.
pub(crate) fn go_to_the_end(_growing: &mut File) -> io::Result<()> {
    Ok(())
}

/// For a file to read from, without waiting for somebody to write into a pipe.
pub(super) fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(NO_LINK | OFlags::NONBLOCK.bits().cast_signed());
    options
}

/// For a file that is not there yet.
pub(super) fn fresh() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}
