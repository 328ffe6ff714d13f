//! A pipe is in no folder: what asks for one cannot be had.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;

use super::{Chosen, Nowhere, failed};

/// The name of a pipe means the same everywhere.
#[allow(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
pub(super) fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    Ok(path.to_owned())
}

/// None has to be there.
pub(super) fn folder(_path: &Path) -> Option<&Path> {
    None
}

pub(super) fn temporary(_environment: &Environment) -> Result<Chosen, Nowhere> {
    Err(failed("a pipe cannot be made in a folder: leave -T out"))
}

pub(super) fn in_home(_environment: &Environment, _tidy: bool) -> Result<Chosen, Nowhere> {
    Err(failed("a pipe cannot be made in a folder: name one with -a \\\\.\\pipe\\NAME"))
}
