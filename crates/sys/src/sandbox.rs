//! Closes the process that holds keys in: it gives up what it does not need, for good.
//!
//! Two walls, neither of which trusts the other. Landlock takes away changes to files outside of a
//! few folders, starting programs, TCP, other programs' abstract sockets, and signals and debugging
//! beyond this process. A filter of system calls takes away everything but what serving an agent
//! takes, and ends the process at any other. Reading files is not taken away: what hosts are called,
//! and the settings, stand wherever a person has put them, and are read anew while the agent runs.
//!
//! Where the kernel lacks a wall the process goes on without it, and the report says so. Walls stand
//! around a thread: call this while there is one. What has to be done from outside is the
//! [starter](crate::starter)'s work.

#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod files;
#[cfg(target_os = "linux")]
mod parts;

use std::path::PathBuf;

use crate::starter::Starter;

/// Where something may be changed.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Folders in which files and folders may be made, changed and removed, with all below.
    pub files: Vec<PathBuf>,
    /// Folders in which sockets, and folders for them, may be made and removed, with all below.
    pub sockets: Vec<PathBuf>,
    /// The service manager listens at an abstract socket, so those stay within reach.
    pub abstract_sockets: bool,
}

/// Whether something is in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wall {
    /// It is.
    pub on: bool,
    /// How far it goes, or why it is not there.
    pub reason: String,
}

/// What stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// No rights to be gained from a program.
    pub no_new_privileges: Wall,
    /// Landlock.
    pub files: Wall,
    /// The filter of system calls.
    pub calls: Wall,
}

impl Wall {
    /// It is in place, so far.
    pub fn on(reason: impl Into<String>) -> Self {
        Self { on: true, reason: reason.into() }
    }

    /// It is not, because of this.
    pub fn off(reason: impl Into<String>) -> Self {
        Self { on: false, reason: reason.into() }
    }
}

impl Report {
    /// Nothing stands, because of this.
    #[must_use]
    pub fn nothing(reason: &str) -> Self {
        let off = || Wall::off(reason);
        Self { no_new_privileges: off(), files: off(), calls: off() }
    }
}

/// Closes this process in.
#[must_use]
pub fn enter(starter: &Starter, places: &Places) -> Report {
    #[cfg(target_os = "linux")]
    return system::enter(starter, places);
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (starter, places);
        Report::nothing("this system has no such walls")
    }
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Places, Report, Wall, calls, files};
    use crate::starter::Starter;
    use crate::{hardening, looking};

    pub(super) fn enter(starter: &Starter, places: &Places) -> Report {
        let no_new_privileges = match hardening::forbid_new_privileges() {
            Ok(()) => Wall::on("programs with the set-user-id bit give it none"),
            Err(error) => Wall::off(error.to_string()),
        };
        // Inside a Landlock nobody can look at who asks: first somebody else has to.
        let files = match looking::through(starter) {
            Ok(()) => files::close(places),
            Err(error) => Wall::off(format!("nobody can look at who asks: {error}")),
        };
        Report { no_new_privileges, files, calls: calls::close() }
    }
}
