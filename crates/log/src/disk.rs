//! The only place that makes files of the log: for their owner alone, from the first moment.
//!
//! On Unix folders are 0700 and files 0600; what Windows has instead its own part says.

#[cfg_attr(unix, path = "disk/unix.rs")]
#[cfg_attr(windows, path = "disk/windows.rs")]
mod system;

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;

pub(crate) use system::{folder, go_to_the_end, lock_of};

/// A file of lines to be added to, made where it is missing.
pub(crate) fn lines(path: &Path) -> io::Result<File> {
    regular(system::growing().open(path)?)
}

/// A file to read from.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    regular(system::reading().open(path)?)
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
    let mut file = system::fresh().open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // Open files do not take another's place everywhere.
    drop(file);
    if let Err(error) = written.and_then(|()| fs::rename(&beside, path)) {
        let _ = fs::remove_file(&beside);
        return Err(error);
    }
    system::sync_names(folder)
}

fn regular(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "a file of the log is no file"))
}
