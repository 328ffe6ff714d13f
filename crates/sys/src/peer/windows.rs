//! What Windows says: the other end of a pipe, and a process by its number.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _, OwnedHandle};
use std::path::PathBuf;

use windows_sys::Win32::System::Pipes::{
    GetNamedPipeClientProcessId, GetNamedPipeInfo, GetNamedPipeServerProcessId, PIPE_SERVER_END,
};
use windows_sys::Win32::System::RemoteDesktop::ProcessIdToSessionId;
use windows_sys::Win32::System::Threading::{
    PROCESS_QUERY_LIMITED_INFORMATION, PROCESS_SYNCHRONIZE, QueryFullProcessImageNameW,
};

use super::{Credentials, Status, Surroundings};
use crate::windows::account::Account;
use crate::windows::process::{began, entry, is_signalled, open};
use crate::windows::wide;

/// Of the client at the server's end, of the server at the client's.
pub(super) fn credentials(pipe: impl AsHandle) -> io::Result<Credentials> {
    let raw = pipe.as_handle().as_raw_handle();
    let (mut flags, mut pid) = (0, 0);
    let null = std::ptr::null_mut;
    // SAFETY: the handle is borrowed, so it is open; the flags go to a variable of ours.
    if unsafe { GetNamedPipeInfo(raw, &raw mut flags, null(), null(), null()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let done = if flags & PIPE_SERVER_END != 0 {
        // SAFETY: as above.
        unsafe { GetNamedPipeClientProcessId(raw, &raw mut pid) }
    } else {
        // SAFETY: as above.
        unsafe { GetNamedPipeServerProcessId(raw, &raw mut pid) }
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Credentials { uid: user(pid)?, gid: 0, pid: Some(pid) })
}

/// A handle of whoever has the number now.
pub(super) fn process_handle(pipe: impl AsHandle) -> Option<OwnedHandle> {
    let pid = credentials(pipe).ok()?.pid?;
    open(pid, PROCESS_SYNCHRONIZE).ok()
}

pub(super) fn status(pid: u32) -> io::Result<Status> {
    let process = open(pid, PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE)?;
    let start_time = began(process.as_handle())?;
    let has_ended = is_signalled(process.as_handle(), 0);
    let entry = entry(pid)?;
    let mut session = 0;
    // SAFETY: the number goes to a variable of ours; zero is a session too.
    unsafe { ProcessIdToSessionId(pid, &raw mut session) };
    Ok(Status {
        parent: entry.parent,
        group: pid,
        session,
        terminal: None,
        foreground: None,
        threads: entry.threads,
        has_ended,
        start_time,
    })
}

/// Asked at every connection: the list of all processes is not made for it.
pub(super) fn start_time(pid: u32) -> io::Result<u64> {
    began(open(pid, PROCESS_QUERY_LIMITED_INFORMATION)?.as_handle())
}

pub(super) fn executable(pid: u32) -> io::Result<PathBuf> {
    let process = open(pid, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let path = wide::filled(|buffer, length| {
        // SAFETY: the handle is open, and the system writes at most so many units.
        unsafe { QueryFullProcessImageNameW(process.as_raw_handle(), 0, buffer, length) }
    });
    Ok(path?.into())
}

/// A number for its account: ours only if it is the same account, whatever its number is.
pub(super) fn user(pid: u32) -> io::Result<u32> {
    let process = open(pid, PROCESS_QUERY_LIMITED_INFORMATION)?;
    let (account, own) = (Account::of(process.as_handle())?, Account::own()?);
    let is_another_with_our_number = account != own && account.number() == own.number();
    Ok(if is_another_with_our_number { u32::MAX } else { account.number() })
}

/// It lies in the process's own memory.
pub(super) fn command_line(_pid: u32) -> io::Result<Vec<Vec<u8>>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// It lies in the process's own memory.
pub(super) fn working_directory(_pid: u32) -> io::Result<PathBuf> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Names of programs and folders are the same for all.
pub(super) fn surroundings(_pid: u32) -> Surroundings {
    Surroundings::Ours
}
