//! Address space for secrets: reserved once, turned into memory chunk by chunk.
//!
//! A reservation is one mapping without access rights. Chunks of it become
//! readable one after the other; what is not yet, and one guard page at either
//! end, stays a fault. So a run over either end of the area stops the process
//! instead of reading on.
//!
//! It does not hand out blocks (`heap` does) and it does not wipe.

#[cfg_attr(unix, path = "region/unix.rs")]
#[cfg_attr(windows, path = "region/windows.rs")]
mod system;

use crate::errno::Errno;
use crate::locked::Protection;
use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, Ordering};

/// Chunks are made in multiples of this: a multiple of every page size in use.
pub(crate) const CHUNK: usize = 64 * 1024;

/// What a chunk is made of when the system allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backing {
    /// `memfd_secret`: pages the kernel itself has no mapping of. Falls back to the next.
    SecretMemory,
    /// Anonymous pages, locked and kept out of dumps.
    Anonymous,
}

static MAPPED: AtomicBool = AtomicBool::new(false);

/// Has this process ever reserved memory for secrets? (A fork would lose or share it.)
#[cfg(unix)]
pub(crate) fn any_mapped() -> bool {
    MAPPED.load(Ordering::Relaxed)
}

/// A stretch of address space, mapped without access until committed.
pub(crate) struct Reservation {
    base: NonNull<u8>,
    len: usize,
    /// There may be a hole with somebody else's memory in it: never unmap.
    torn: AtomicBool,
}

// SAFETY: the reservation is plain memory of the whole process, not of one
// thread; who may touch which part of it is decided by the heap above.
unsafe impl Send for Reservation {}
// SAFETY: as above; the methods only read the two fields.
unsafe impl Sync for Reservation {}

impl Reservation {
    /// Reserves `len` bytes (a multiple of [`CHUNK`]) between two guards.
    pub(crate) fn new(len: usize) -> Result<Self, Errno> {
        debug_assert!(len.is_multiple_of(CHUNK));
        let whole = len.checked_add(2 * CHUNK).ok_or(Errno::NOMEM)?;
        let start = system::reserve(whole)?;
        MAPPED.store(true, Ordering::Relaxed);
        // The guards are a whole chunk each so that chunks stay aligned to pages of any size.
        let base = NonNull::new(start.cast::<u8>().wrapping_add(CHUNK)).ok_or(Errno::NOMEM)?;
        Ok(Self { base, len, torn: AtomicBool::new(false) })
    }

    /// First usable byte.
    pub(crate) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Usable bytes, committed or not.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Turns a stretch, never committed before, into zero-filled memory.
    ///
    /// Both numbers are multiples of [`CHUNK`]. Fails only when there is no memory at all:
    /// memory that cannot be locked is still given, and the answer says so. A stretch that
    /// failed must not be tried again.
    pub(crate) fn commit(
        &self,
        offset: usize,
        len: usize,
        backing: Backing,
    ) -> Result<Protection, Errno> {
        if offset.checked_add(len).is_none_or(|end| end > self.len) {
            return Err(Errno::NOMEM);
        }
        let start = self.base.as_ptr().wrapping_add(offset).cast::<c_void>();
        if backing == Backing::SecretMemory {
            match system::commit_secret(start, len) {
                Ok(true) => return Ok(Protection::SecretMemory),
                Ok(false) => {}
                Err(errno) => {
                    self.torn.store(true, Ordering::Relaxed);
                    return Err(errno);
                }
            }
        }
        system::commit_anonymous(start, len)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.torn.load(Ordering::Relaxed) {
            return;
        }
        let start = self.base.as_ptr().wrapping_sub(CHUNK).cast();
        // SAFETY: exactly what `new` reserved; the owner of the reservation has given out nothing that
        // outlives it (the process-wide heaps are never dropped).
        unsafe { system::release(start, self.len + 2 * CHUNK) };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_committed_chunk_is_zero_and_writable() {
        for backing in [Backing::SecretMemory, Backing::Anonymous] {
            let reservation = Reservation::new(4 * CHUNK).unwrap();
            reservation.commit(CHUNK, CHUNK, backing).unwrap();
            let start = reservation.base().as_ptr().wrapping_add(CHUNK);
            // SAFETY: committed above, used by this test only.
            let bytes = unsafe { std::slice::from_raw_parts_mut(start, CHUNK) };
            assert!(bytes.iter().all(|byte| *byte == 0));
            bytes.fill(7);
            assert_eq!(bytes[CHUNK - 1], 7);
        }
    }

    #[test]
    fn a_stretch_beyond_the_reservation_is_refused() {
        let reservation = Reservation::new(CHUNK).unwrap();
        assert!(reservation.commit(0, 2 * CHUNK, Backing::Anonymous).is_err());
        assert!(reservation.commit(usize::MAX, CHUNK, Backing::Anonymous).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_around_and_before_commit_is_a_fault_for_whoever_runs_over_the_end() {
        let reservation = Reservation::new(2 * CHUNK).unwrap();
        reservation.commit(0, CHUNK, Backing::Anonymous).unwrap();
        let base = reservation.base().as_ptr() as usize;
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        for address in [base - 1, base + CHUNK, base + 2 * CHUNK] {
            assert_eq!(rights_at(&maps, address), "---p", "{address:x}");
        }
        assert_eq!(rights_at(&maps, base), "rw-p");
    }

    #[cfg(target_os = "linux")]
    fn rights_at(maps: &str, address: usize) -> &str {
        maps.lines()
            .find_map(|line| {
                let mut fields = line.split([' ', '-']);
                let start = usize::from_str_radix(fields.next()?, 16).ok()?;
                let end = usize::from_str_radix(fields.next()?, 16).ok()?;
                (start..end).contains(&address).then(|| line.split(' ').nth(1))?
            })
            .unwrap()
    }
}
