//! Sockets are files.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;

/// Whether what stands there is a socket.
pub(super) fn is_socket(path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|found| found.file_type().is_socket())
}

/// The owner of a socket's file.
pub(in crate::commands::doctor) fn owner(path: &Path) -> Option<u32> {
    fs::metadata(path).ok().map(|found| found.uid())
}
