//! A helper ends with who waits for its answer.

use std::fs::File;
use std::io;

/// From now on the end of this pipe is the end of this process. Where the system has no such thing
/// that is an error, and whoever started the helper ends it.
#[cfg(unix)]
pub(crate) fn end_with(pipe: &File) -> io::Result<()> {
    use std::os::fd::AsFd as _;
    keyfob_sys::process::end_with(pipe.as_fd())
}

/// It has none.
#[cfg(windows)]
pub(crate) fn end_with(_pipe: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
