//! A mode.

use std::fmt;
use std::path::Path;

use crate::voice::quoted;

/// The mode of a file of ours that lets others in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exposure {
    mode: u32,
}

impl Exposure {
    /// Others may do something with a file of this mode.
    pub(crate) fn of_mode(mode: u32) -> Option<Self> {
        (mode & 0o077 != 0).then_some(Self { mode })
    }

    /// As `others may read it` is followed by it.
    pub(crate) fn by_whom(&self) -> String {
        format!("mode {:04o}", self.mode)
    }

    /// As OpenSSH begins its sentence about a file.
    pub(crate) fn permissions(&self) -> String {
        format!("Permissions {:04o}", self.mode)
    }

    /// The command that closes it.
    pub(crate) fn remedy(&self, path: &Path) -> String {
        format!("chmod 600 {}", quoted(path))
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "others may read it ({})", self.by_whom())
    }
}
