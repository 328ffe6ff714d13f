//! Reserved pages, which are committed piece by piece and locked.

use crate::errno::Errno;
use crate::locked::Protection;
use std::ffi::c_void;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READWRITE, VirtualAlloc, VirtualFree,
    VirtualLock,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetProcessWorkingSetSize, SetProcessWorkingSetSize,
};

/// Address space without access rights.
pub(super) fn reserve(len: usize) -> Result<*mut c_void, Errno> {
    // SAFETY: a fresh region at an address of the system's choice touches no memory that anything in
    // this process uses.
    let start = unsafe { VirtualAlloc(std::ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
    if start.is_null() { Err(Errno::last()) } else { Ok(start) }
}

/// Gives it back. A failure leaves it where it is, which harms nobody.
///
/// # Safety
/// What [`reserve`] gave, and nobody uses any of it.
pub(super) unsafe fn release(start: *mut c_void, _len: usize) {
    // SAFETY: the caller's promise; the length has to be zero for all of it.
    unsafe { VirtualFree(start, 0, MEM_RELEASE) };
}

/// There are no such pages here.
pub(super) fn commit_secret(_start: *mut c_void, _len: usize) -> Result<bool, Errno> {
    Ok(false)
}

/// Opens part of the reservation, locked if the limit allows.
pub(super) fn commit_anonymous(start: *mut c_void, len: usize) -> Result<Protection, Errno> {
    // SAFETY: a part of our own reservation, to which nothing refers yet.
    let committed = unsafe { VirtualAlloc(start, len, MEM_COMMIT, PAGE_READWRITE) };
    if committed.is_null() {
        return Err(Errno::last());
    }
    make_room(len);
    // SAFETY: committed above; locking changes no content.
    let locked = unsafe { VirtualLock(start, len) };
    Ok(if locked == 0 { Protection::Unlocked } else { Protection::Locked })
}

/// As much may be locked as the least working set has, which is 200 KiB unless it is asked for more.
/// Whether that was allowed, locking tells.
fn make_room(more: usize) {
    let (mut least, mut most) = (0, 0);
    // SAFETY: a name for ourselves that is always valid.
    let own = unsafe { GetCurrentProcess() };
    // SAFETY: both are variables of ours.
    if unsafe { GetProcessWorkingSetSize(own, &raw mut least, &raw mut most) } != 0 {
        let (least, most) = (least.saturating_add(more), most.saturating_add(more));
        // SAFETY: takes numbers.
        unsafe { SetProcessWorkingSetSize(own, least, most) };
    }
}
