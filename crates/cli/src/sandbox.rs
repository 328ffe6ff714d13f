//! Walls around a process that parses what strangers wrote.
//!
//! It opens its file first, and then gives up everything but reading that descriptor, computing,
//! writing an answer and ending. Two walls, neither of which trusts the other: Landlock takes
//! away files, networks and signals, as far as the kernel knows it; seccomp takes away all
//! system calls but a few, and ends the process at any other: an honest parser makes none, so
//! whoever does is not the parser any more.
//!
//! What is left to such a process: the file, the passphrase, its own memory and time, within
//! limits, and to lie in its answer. This module knows nothing of keys, and it cannot be undone.

use keyfob_daemon::linked::Walls;

pub(crate) use system::confine;

/// Why a process could not be closed in.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "there are no walls to fail"))]
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The kernel refused a limit.
    #[error("no limit to what it may use: {0}")]
    Limit(std::io::Error),
    /// The kernel, or this machine, has no such filter.
    #[error("no filter of system calls: {0}")]
    Filter(String),
}

/// Visible, because each wall is also tried alone (`tests/walls`).
#[cfg(target_os = "linux")]
pub(crate) mod system {
    use super::{Error, Walls};
    use crate::syscalls;
    use landlock::{
        ABI, Access as _, AccessFs, AccessNet, Ruleset, RulesetAttr as _, RulesetError,
        RulesetStatus, Scope,
    };
    use rustix::process::{Resource, Rlimit, setrlimit};
    use std::os::fd::BorrowedFd;

    /// Seconds of computing: more than the daemon waits, for one that it cannot end any more.
    const MOST_SECONDS: u64 = 25;

    /// Bytes of address space: twice what a key derivation may take, for the rest of the
    /// program and its reservations (`sys`).
    const MOST_MEMORY: u64 = 2 << 30;

    /// Leaves this process nothing but this descriptor to read from, the standard streams to
    /// write to, and memory. For a process with one thread: walls stand around a thread.
    ///
    /// # Errors
    /// Without a filter of system calls nothing should be read.
    pub(crate) fn confine(source: BorrowedFd<'_>) -> Result<Walls, Error> {
        // An error that is not a kernel without Landlock has the same meaning: fewer walls, and
        // the one that counts comes below.
        let walls = wall_off().unwrap_or(Walls::CallsOnly);
        limit()?;
        syscalls::allow_only(source).map_err(|error| Error::Filter(error.to_string()))?;
        Ok(walls)
    }

    /// No file, no network, no other process; what is open stays open.
    ///
    /// Asks for what was known in 2024 (Linux 6.12). More would be refused by every kernel in
    /// use, and all that came since then begins with a socket, which the filter forbids.
    pub(crate) fn wall_off() -> Result<Walls, RulesetError> {
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?;
        Ok(match ruleset.create()?.restrict_self()?.ruleset {
            RulesetStatus::FullyEnforced => Walls::Whole,
            RulesetStatus::PartiallyEnforced => Walls::Partial,
            RulesetStatus::NotEnforced => Walls::CallsOnly,
        })
    }

    /// No new descriptors, no files that grow, an end to memory and time. (No core file: that
    /// was said when the process began.)
    fn limit() -> Result<(), Error> {
        for (resource, most) in [
            (Resource::Nofile, 0),
            (Resource::Fsize, 0),
            (Resource::Nproc, 0),
            (Resource::Cpu, MOST_SECONDS),
            (Resource::As, MOST_MEMORY),
        ] {
            let limit = Rlimit { current: Some(most), maximum: Some(most) };
            setrlimit(resource, limit).map_err(|errno| Error::Limit(errno.into()))?;
        }
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Error, Walls};

    /// Does nothing: this system has no such walls, and says so.
    ///
    /// # Errors
    /// None.
    pub(crate) fn confine(_source: keyfob_sys::os_handle::Borrowed<'_>) -> Result<Walls, Error> {
        Ok(Walls::Nothing)
    }
}
