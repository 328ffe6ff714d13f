//! Mappings, which become readable piece by piece.

use crate::locked::Protection;
use rustix::io::Errno;
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};
use std::ffi::c_void;

/// Address space without access rights.
pub(super) fn reserve(len: usize) -> Result<*mut c_void, Errno> {
    // SAFETY: a fresh mapping at an address of the kernel's choice touches no memory that anything in
    // this process uses.
    unsafe {
        rustix::mm::mmap_anonymous(
            std::ptr::null_mut(),
            len,
            ProtFlags::empty(),
            MapFlags::PRIVATE | NO_RESERVE,
        )
    }
}

/// Gives it back. A failure leaves the mapping where it is, which harms nobody.
///
/// # Safety
/// All of what [`reserve`] gave, and nobody uses any of it.
pub(super) unsafe fn release(start: *mut c_void, len: usize) {
    // SAFETY: the caller's promise.
    let _ = unsafe { rustix::mm::munmap(start, len) };
}

#[cfg(target_os = "linux")]
const NO_RESERVE: MapFlags = MapFlags::NORESERVE;
#[cfg(not(target_os = "linux"))]
const NO_RESERVE: MapFlags = MapFlags::empty();

/// Puts `memfd_secret` pages over part of the reservation.
///
/// `Ok(false)`: not to be had here, nothing was touched. `Err`: the stretch is torn.
#[cfg(target_os = "linux")]
pub(super) fn commit_secret(start: *mut c_void, len: usize) -> Result<bool, Errno> {
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
pub(super) fn commit_secret(_start: *mut c_void, _len: usize) -> Result<bool, Errno> {
    Ok(false)
}

/// Opens part of the reservation as ordinary pages, locked if the limit allows.
pub(super) fn commit_anonymous(start: *mut c_void, len: usize) -> Result<Protection, Errno> {
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
