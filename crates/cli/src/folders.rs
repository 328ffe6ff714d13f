//! Folders for their owner alone.
//!
//! On Windows a new folder takes over the access list of the one it is in, in the profile the
//! account's alone; and what may be made in a folder is only told by trying.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

/// What makes them.
#[cfg(unix)]
pub(crate) fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

/// What makes them.
#[cfg(windows)]
pub(crate) fn private() -> DirBuilder {
    DirBuilder::new()
}

/// Whether something can be made in this one, as far as that is told beforehand.
#[cfg(unix)]
pub(crate) fn try_in(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Whether something can be made in this one, as far as that is told beforehand.
#[cfg(windows)]
pub(crate) fn try_in(_folder: &Path) -> io::Result<()> {
    Ok(())
}
