//! Address space for secrets, reserved before there are any.
//!
//! Under a limit on address space (`RLIMIT_AS`, `ulimit -v`) it cannot be had later, when others
//! have taken what there was, and then nothing could be signed.

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
}
