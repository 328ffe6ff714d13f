//! The only place that makes files of the log: folders 0700, files 0600, from the first moment.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;
use rustix::process::geteuid;

/// Links at the end of a path are not followed: somebody else may have put one there.
const NO_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// Makes the folder, and those above it, where they are missing, and opens it.
pub(crate) fn folder(path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let directory = OFlags::DIRECTORY.bits().cast_signed();
    let handle = OpenOptions::new().read(true).custom_flags(NO_LINK | directory).open(path)?;
    let facts = handle.metadata()?;
    if facts.uid() != geteuid().as_raw() || facts.mode() & 0o022 != 0 {
        let words = "the folder of the log belongs to, or may be written by, somebody else";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, words));
    }
    Ok(handle)
}

/// A file of lines to be added to, made where it is missing.
pub(crate) fn lines(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true).mode(0o600).custom_flags(NO_LINK);
    regular(options.open(path)?)
}

/// A file to read from.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    // Without waiting for somebody to write into a pipe.
    let flags = NO_LINK | OFlags::NONBLOCK.bits().cast_signed();
    regular(OpenOptions::new().read(true).custom_flags(flags).open(path)?)
}

/// A whole small file.
pub(crate) fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// Puts a small file in its place, whole or not at all.
pub(crate) fn place(folder: &File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written.and_then(|()| fs::rename(&beside, path)) {
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    folder.sync_all()
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "a file of the log is no file"))
}
