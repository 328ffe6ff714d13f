//! Whether something can be made in a folder.

use std::io;
use std::path::Path;

/// Whether something can be made in this one, as far as that is told beforehand.
#[cfg(unix)]
pub(crate) fn try_in(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    Ok(access(folder, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// That is only told by trying.
#[cfg(windows)]
pub(crate) fn try_in(_folder: &Path) -> io::Result<()> {
    Ok(())
}
