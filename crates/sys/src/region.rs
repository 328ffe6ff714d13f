//! Address space for secrets: reserved once, turned into memory chunk by chunk.
//!
//! A reservation is one mapping without access rights. Chunks of it become
//! readable one after the other; what is not yet, and one guard page at either
//! end, stays a fault. So a run over either end of the area stops the process
//! instead of reading on.
//!
//! It does not hand out blocks (`heap` does) and it does not wipe.

use crate::locked::Protection;
use rustix::io::Errno;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};
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
        // SAFETY: a fresh mapping at an address of the kernel's choice touches no
        // memory that anything in this process uses.
        let start = unsafe {
            rustix::mm::mmap_anonymous(
                std::ptr::null_mut(),
                whole,
                ProtFlags::empty(),
                MapFlags::PRIVATE | NO_RESERVE,
            )
        }?;
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
            match commit_secret(start, len) {
                Ok(true) => return Ok(Protection::SecretMemory),
                Ok(false) => {}
                Err(errno) => {
                    self.torn.store(true, Ordering::Relaxed);
                    return Err(errno);
                }
            }
        }
        commit_anonymous(start, len)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.torn.load(Ordering::Relaxed) {
            return;
        }
        let start = self.base.as_ptr().wrapping_sub(CHUNK).cast();
        // SAFETY: exactly the mapping made in `new`; the owner of the reservation has
        // given out nothing that outlives it (the process-wide heaps are never dropped).
        // A failure leaves the mapping where it is, which harms nobody.
        let _ = unsafe { rustix::mm::munmap(start, self.len + 2 * CHUNK) };
    }
}

#[cfg(target_os = "linux")]
const NO_RESERVE: MapFlags = MapFlags::NORESERVE;
#[cfg(not(target_os = "linux"))]
const NO_RESERVE: MapFlags = MapFlags::empty();

/// Puts `memfd_secret` pages over part of the reservation.
///
/// `Ok(false)`: not to be had here, nothing was touched. `Err`: the stretch is torn.
#[cfg(target_os = "linux")]
fn commit_secret(start: *mut c_void, len: usize) -> Result<bool, Errno> {
    use rustix::mm::Advice;

    if !crate::locked::secret_memory_wanted() {
        return Ok(false);
    }
    let Ok(file) = secret_file(len) else {
        return Ok(false);
    };
    let protection = ProtFlags::READ | ProtFlags::WRITE;
    // A fixed mapping that fails may leave a hole where another thread's mapping lands, and a
    // second try would then be made over foreign memory. The limit on locked memory is the
    // usual reason to fail: try anywhere else first.
    // SAFETY: a fresh mapping at an address of the kernel's choice.
    let probe = unsafe {
        rustix::mm::mmap(std::ptr::null_mut(), len, protection, MapFlags::SHARED, &file, 0)
    };
    let Ok(probe) = probe else {
        return Ok(false);
    };
    // SAFETY: exactly the mapping of the line above, which nobody has seen.
    unsafe { rustix::mm::munmap(probe, len) }?;
    // SAFETY: [start, start + len) lies inside our own reservation (checked by the caller)
    // and was never given out, so replacing the mapping there pulls no memory from under
    // anybody. After a failure the caller never uses the stretch.
    unsafe {
        rustix::mm::mmap(start, len, protection, MapFlags::SHARED | MapFlags::FIXED, &file, 0)
    }?;
    // The pages are shared with a forked child unless it does not get the mapping at all:
    // a child must neither read nor change the parent's secrets.
    // SAFETY: our own mapping of the line above; the advice changes what a child inherits only.
    unsafe { rustix::mm::madvise(start, len, Advice::LinuxDontFork) }?;
    Ok(true)
}

/// A file without a name, a size, or a place in the kernel's own map of memory.
#[cfg(target_os = "linux")]
fn secret_file(len: usize) -> Result<rustix::fd::OwnedFd, Errno> {
    use rustix::fd::{FromRawFd, OwnedFd};

    // SAFETY: the call takes one integer and returns a descriptor or -1; rustix has no
    // wrapper for it.
    let raw = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let raw = i32::try_from(raw).map_err(|_| Errno::BADF)?;
    if raw < 0 {
        return Err(Errno::NOSYS);
    }
    // SAFETY: the kernel has just made this descriptor for us; nothing else owns it.
    let file = unsafe { OwnedFd::from_raw_fd(raw) };
    // A limit on the size of files counts here too, and would end the process: without such pages
    // there are others.
    let _limit_is_an_error = crate::file_size::Ignored::new();
    rustix::fs::ftruncate(&file, len as u64)?;
    Ok(file)
}

#[cfg(not(target_os = "linux"))]
fn commit_secret(_start: *mut c_void, _len: usize) -> Result<bool, Errno> {
    Ok(false)
}

/// Opens part of the reservation as ordinary pages, locked if the limit allows.
fn commit_anonymous(start: *mut c_void, len: usize) -> Result<Protection, Errno> {
    // SAFETY: our own mapping, nothing refers to it yet.
    unsafe { rustix::mm::mprotect(start, len, MprotectFlags::READ | MprotectFlags::WRITE) }?;
    let dump = keep_out_of_dumps(start, len);
    // SAFETY: our own mapping; locking changes no content.
    let lock = unsafe { rustix::mm::mlock(start, len) };
    Ok(match (lock, dump) {
        (Ok(()), Ok(())) => Protection::Locked,
        (Ok(()), Err(_)) | (Err(_), _) => Protection::Unlocked,
    })
}

/// Not in core dumps, and zero in a forked child.
#[cfg(target_os = "linux")]
fn keep_out_of_dumps(start: *mut c_void, len: usize) -> Result<(), Errno> {
    use rustix::mm::Advice;
    // SAFETY: our own private anonymous mapping, still zero: wiping it in a child loses nothing.
    // Kernels before 4.14 do not know the advice; a child then gets a copy, as from any memory.
    let _ = unsafe { rustix::mm::madvise(start, len, Advice::LinuxWipeOnFork) };
    // SAFETY: our own mapping; the advice concerns core dumps only.
    unsafe { rustix::mm::madvise(start, len, Advice::LinuxDontDump) }
}

/// Elsewhere there is no such advice: `hardening` forbids dumps of the whole process.
#[cfg(not(target_os = "linux"))]
fn keep_out_of_dumps(_start: *mut c_void, _len: usize) -> Result<(), Errno> {
    Ok(())
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
