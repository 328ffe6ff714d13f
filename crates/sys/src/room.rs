//! Address space under a limit (`RLIMIT_AS`, `ulimit -v`): that for secrets is reserved before there
//! are any. It cannot be had later, when others have taken what there was, and then nothing could be
//! signed.

use crate::Error;
use crate::heap::{Heap, WANTED};
#[cfg(feature = "aws-lc")]
use crate::signing_heap;
use crate::{locked, traces};

/// How much address space was reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// For each kind of secrets, in bytes. It bounds how much of them there can be.
    pub each: usize,
    /// What there would be without a limit.
    pub wanted: usize,
}

/// Reserves it for secrets of every kind. It is no memory yet.
///
/// # Errors
/// [`Error::Memory`] when there is none at all.
pub fn reserve() -> Result<Room, Error> {
    let heaps: &[&Heap] = &[
        &locked::HEAP,
        &traces::HEAP,
        #[cfg(feature = "aws-lc")]
        &signing_heap::HEAP,
    ];
    let mut each = WANTED;
    for heap in heaps {
        let room = heap.reserve();
        each =
            each.min(room.map_err(|errno| Error::Memory { bytes: WANTED, source: errno.into() })?);
    }
    share_arenas(if each < WANTED { 1 } else { 2 });
    Ok(Room { each, wanted: WANTED })
}

/// Whether so many more bytes could be had now. An allocation that fails ends the process and takes
/// all keys with it, so who is about to hold more for somebody asks here first. Nothing is taken to
/// find out: another thread could miss it.
#[must_use]
pub fn is_left(bytes: usize) -> bool {
    let Some(limit) = limit() else { return true };
    // Where the system does not say how much is taken it does not keep to the limit either.
    let Some(taken) = address_space() else { return true };
    let left = limit.saturating_sub(taken).saturating_add(top());
    left >= bytes as u64
}

/// How much address space this process may have, in bytes.
#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

/// There is no such limit: what can be had is the system's affair.
#[cfg(windows)]
fn limit() -> Option<u64> {
    None
}

/// How much address space this process has, in bytes: proc_pid_statm(5).
#[cfg(target_os = "linux")]
fn address_space() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').next()?.parse().ok()?;
    pages.checked_mul(rustix::param::page_size() as u64)
}

/// The system does not say it in a file.
#[cfg(not(target_os = "linux"))]
fn address_space() -> Option<u64> {
    None
}

/// What the allocator has at hand in one piece, in bytes. What lies free between others is not counted.
fn top() -> u64 {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes nothing, and can be called at any time.
    let top = u64::try_from(unsafe { libc::mallinfo() }.keepcost).unwrap_or(0);
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let top = 0;
    top
}

/// Otherwise each thread keeps what it frees for itself, and reserves 64 MiB of address space for it:
/// under a limit the threads that come later find none for their stacks.
fn share_arenas(most: std::ffi::c_int) {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: takes two numbers, and can be called at any time.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, most);
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    let _ = most;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn without_a_limit_there_is_what_is_wanted() {
        let Room { each, wanted } = reserve().unwrap();
        assert_eq!(each, wanted);
    }

    #[test]
    fn without_a_limit_everything_is_left() {
        assert!(is_left(usize::MAX) || limit().is_some());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_address_space_is_what_the_system_says() {
        let grown = vec![1_u8; 64 << 20];
        let taken = address_space().unwrap();
        assert!(taken > 64 << 20, "{taken}");
        drop(grown);
    }
}
