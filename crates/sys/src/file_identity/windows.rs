//! A volume's serial number and a file's number on it. On ReFS, whose numbers are longer, it is the
//! system's short form of them.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsRawHandle as _;
use std::path::Path;

use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    GetFileInformationByHandle,
};

use super::FileIdentity;

pub(super) fn of(file: &File) -> io::Result<FileIdentity> {
    let found = facts(file)?;
    let number = (u64::from(found.nFileIndexHigh) << 32) | u64::from(found.nFileIndexLow);
    Ok(FileIdentity { volume: found.dwVolumeSerialNumber.into(), number })
}

pub(super) fn at(path: &Path) -> io::Result<FileIdentity> {
    of(&look_at(path, FILE_FLAG_OPEN_REPARSE_POINT)?)
}

pub(super) fn names(path: &Path) -> io::Result<u64> {
    Ok(facts(&look_at(path, 0)?)?.nNumberOfLinks.into())
}

/// No access to it but to its facts, be it a folder or not.
fn look_at(path: &Path, flags: u32) -> io::Result<File> {
    let flags = flags | FILE_FLAG_BACKUP_SEMANTICS;
    OpenOptions::new().access_mode(0).custom_flags(flags).open(path)
}

fn facts(file: &File) -> io::Result<BY_HANDLE_FILE_INFORMATION> {
    // SAFETY: all-zero is a valid value: integers only.
    let mut found: BY_HANDLE_FILE_INFORMATION = unsafe { std::mem::zeroed() };
    // SAFETY: the handle is open while `file` is borrowed, and the answer is a variable of ours.
    match unsafe { GetFileInformationByHandle(file.as_raw_handle(), &raw mut found) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(found),
    }
}
