//! Another process by its number: a handle, and what the list of processes says of it.

use std::io;
use std::mem::MaybeUninit;
use std::os::windows::io::{
    AsHandle as _, AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle,
};

use windows_sys::Win32::Foundation::{ERROR_INVALID_PARAMETER, FILETIME, WAIT_OBJECT_0};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, PROCESSENTRY32W, Process32FirstW, Process32NextW, TH32CS_SNAPPROCESS,
};
use windows_sys::Win32::System::Threading::{GetProcessTimes, OpenProcess, WaitForSingleObject};

/// Opens it for this.
///
/// # Errors
/// `NotFound` when there is none of this number, else the system's refusal.
pub(crate) fn open(pid: u32, access: u32) -> io::Result<OwnedHandle> {
    // SAFETY: takes numbers.
    let handle = unsafe { OpenProcess(access, 0, pid) };
    if handle.is_null() {
        let error = io::Error::last_os_error();
        let is_none = error.raw_os_error() == Some(ERROR_INVALID_PARAMETER.cast_signed());
        return Err(if is_none { io::ErrorKind::NotFound.into() } else { error });
    }
    // SAFETY: just opened for us; nothing else owns it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// Whether what a handle stands for is signalled within so many milliseconds: a process that has
/// ended, a console with input.
pub(crate) fn is_signalled(handle: BorrowedHandle<'_>, within: u32) -> bool {
    // SAFETY: the handle is borrowed, so it is open.
    unsafe { WaitForSingleObject(handle.as_raw_handle(), within) == WAIT_OBJECT_0 }
}

/// When it began, in tenths of microseconds since 1601.
pub(crate) fn began(process: BorrowedHandle<'_>) -> io::Result<u64> {
    let mut times = [FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 }; 4];
    let [creation, exit, kernel, user] = &mut times;
    // SAFETY: the handle is borrowed, so it is open; the four are variables of ours.
    let done = unsafe { GetProcessTimes(process.as_raw_handle(), creation, exit, kernel, user) };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(u64::from(creation.dwHighDateTime) << 32 | u64::from(creation.dwLowDateTime))
}

/// What the list of processes says.
pub(crate) struct Entry {
    pub(crate) parent: u32,
    pub(crate) threads: u32,
}

/// The entry of this number.
///
/// # Errors
/// `NotFound` when there is none.
pub(crate) fn entry(pid: u32) -> io::Result<Entry> {
    // SAFETY: takes numbers.
    let snapshot = unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0) };
    if snapshot.is_null() || snapshot.addr() == usize::MAX {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: just made for us; nothing else owns it.
    let snapshot = unsafe { OwnedHandle::from_raw_handle(snapshot) };
    // SAFETY: numbers and an array of them, for which every value is valid.
    let mut one: PROCESSENTRY32W = unsafe { MaybeUninit::zeroed().assume_init() };
    one.dwSize = size_of::<PROCESSENTRY32W>() as u32;
    let list = snapshot.as_handle().as_raw_handle();
    // SAFETY: the list is open and the structure has the size it says.
    let mut there = unsafe { Process32FirstW(list, &raw mut one) };
    while there != 0 {
        if one.th32ProcessID == pid {
            return Ok(Entry { parent: one.th32ParentProcessID, threads: one.cntThreads });
        }
        // SAFETY: as above.
        there = unsafe { Process32NextW(list, &raw mut one) };
    }
    Err(io::ErrorKind::NotFound.into())
}
