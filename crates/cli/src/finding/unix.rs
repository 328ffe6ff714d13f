//! One socket, in a folder of ours: nobody else is there.

use std::path::PathBuf;

use keyfob_config::env::Environment;

use crate::shell::Shell;

/// The usual place.
pub(super) fn own(usual: PathBuf) -> PathBuf {
    usual
}

/// The same for all.
pub(super) fn for_shell(_shell: Shell, socket: PathBuf, _environment: &Environment) -> PathBuf {
    socket
}

/// No other place has to be looked at.
pub(super) fn elsewhere() -> Option<PathBuf> {
    None
}
