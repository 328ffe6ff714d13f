//! There is no journal; a file takes over the access list of its folder.

use std::fs::{File, OpenOptions};
use std::io;

/// Says that there is none.
pub(super) fn start_journal<S>(_subscriber: S) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "there is no journal on Windows"))
}

/// For a file that is added to.
pub(super) fn growing() -> OpenOptions {
    let mut options = File::options();
    options.append(true).create(true);
    options
}
