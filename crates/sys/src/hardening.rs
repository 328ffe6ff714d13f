//! Keeps other processes of the same user out of this one's memory.
//!
//! It cannot keep root out, nor what the user's own account may change on disk.

use std::io;

/// What was achieved. A failure is no reason to stop, but one to tell.
#[derive(Debug)]
pub struct Report {
    /// No debugger, no `/proc/PID/mem` and no core dump for processes of the same user.
    pub hidden: io::Result<()>,
    /// No core file, whatever happens.
    pub no_core: io::Result<()>,
}

impl Report {
    /// Everything worked.
    pub fn complete(&self) -> bool {
        self.hidden.is_ok() && self.no_core.is_ok()
    }
}

/// Makes this process unreadable for others of the same user and forbids core dumps.
///
/// Children started afterwards inherit the limit on core files, not the rest. Ask before the
/// first secret arrives.
#[must_use]
pub fn protect_process() -> Report {
    Report { hidden: system::hide(), no_core: system::forbid_core() }
}

/// From now on neither this process nor its children can gain rights by running a set-user-id
/// program. Not for a process that starts the user's shell: `sudo` would stop working there.
///
/// # Errors
/// The system's refusal; `Unsupported` where there is no such thing.
pub fn forbid_new_privileges() -> io::Result<()> {
    system::forbid_new_privileges()
}

#[cfg(target_os = "linux")]
mod system {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    use std::io;

    pub(super) use super::forbid_core;

    pub(super) fn hide() -> io::Result<()> {
        Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
    }

    pub(super) fn forbid_new_privileges() -> io::Result<()> {
        Ok(rustix::thread::set_no_new_privs(true)?)
    }
}

#[cfg(target_os = "macos")]
mod system {
    use std::io;

    pub(super) use super::forbid_core;

    pub(super) fn hide() -> io::Result<()> {
        // SAFETY: this request takes no memory of ours; the other arguments are ignored.
        let result = unsafe { libc::ptrace(libc::PT_DENY_ATTACH, 0, std::ptr::null_mut(), 0) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    pub(super) fn forbid_new_privileges() -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
}

#[cfg(unix)]
fn forbid_core() -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    Ok(setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?)
}

#[cfg(windows)]
#[path = "hardening/windows.rs"]
mod system;
