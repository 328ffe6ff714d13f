//! Address space under a limit (`RLIMIT_AS`, `ulimit -v`): that for secrets is reserved before there
//! are any. It cannot be had later, when others have taken what there was, and then nothing could be
//! signed.

use std::ptr::null_mut;

use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

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
/// all keys with it, so who is about to hold more for somebody asks here first.
#[must_use]
pub fn is_left(bytes: usize) -> bool {
    // SAFETY: maps what nobody else has, and nothing is read from it or written to it.
    let mapped = unsafe {
        mmap_anonymous(null_mut(), bytes, ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE)
    };
    let Ok(start) = mapped else { return false };
    // SAFETY: all of what was just mapped, of which nobody else knows.
    unsafe { munmap(start, bytes) }.is_ok()
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
    fn a_page_is_left_and_more_than_there_are_addresses_is_not() {
        assert!(is_left(4096));
        assert!(!is_left(1 << 60));
    }
}
