//! Opens what somebody else named, and never waits for it.

use std::fs::File;
use std::io;
use std::path::Path;

/// For reading; symbolic links are followed. A pipe without a writer is opened at once, and a
/// terminal does not become ours.
///
/// # Errors
/// The system's refusal.
#[cfg(unix)]
pub fn without_waiting(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

/// For reading; symbolic links are followed.
///
/// # Errors
/// The system's refusal.
#[cfg(windows)]
pub fn without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}
