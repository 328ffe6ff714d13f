//! What Linux says: options of the socket, and files below `/proc`.

use super::{Credentials, MAX_COMMAND_LINE, Status, Surroundings, Terminal};
use crate::looking::{self, Link};
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// `SO_PEERPIDFD`, Linux 6.5; neither libc nor rustix names it yet.
const SO_PEERPIDFD: libc::c_int = 77;

pub(super) fn credentials(socket: impl AsFd) -> io::Result<Credentials> {
    // Not rustix: its type cannot hold process 0, which the kernel answers for a peer in a
    // foreign process namespace.
    // SAFETY: `ucred` is three integers, for which every value is valid.
    let found: libc::ucred = unsafe { option(socket, libc::SO_PEERCRED) }?;
    let pid = u32::try_from(found.pid).ok().filter(|pid| *pid != 0);
    Ok(Credentials { uid: found.uid, gid: found.gid, pid })
}

pub(super) fn process_handle(socket: impl AsFd) -> Option<OwnedFd> {
    // SAFETY: every value of an integer is valid.
    let raw: libc::c_int = unsafe { option(socket, SO_PEERPIDFD) }.ok()?;
    // SAFETY: the kernel has just made this descriptor (close-on-exec) for us.
    (raw >= 0).then(|| unsafe { OwnedFd::from_raw_fd(raw) })
}

/// Reads one socket option of the type `T`, whole.
///
/// # Safety
/// Every bit pattern is a valid `T`.
unsafe fn option<T>(socket: impl AsFd, name: libc::c_int) -> io::Result<T> {
    let mut value = MaybeUninit::<T>::zeroed();
    let size = size_of::<T>() as libc::socklen_t;
    let mut len = size;
    // SAFETY: the kernel writes at most `len` bytes to `value`, which has that many.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            name,
            value.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if len != size {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    }
    // SAFETY: zeroed, then filled by the kernel; the caller says every pattern is valid.
    Ok(unsafe { value.assume_init() })
}

pub(super) fn status(pid: u32) -> io::Result<Status> {
    // The kernel's line is below 1 KiB: one read takes it, where an empty buffer would grow in
    // six. A bound all the same, for nothing here is trusted.
    let mut line = Vec::with_capacity(1024);
    let file = std::fs::File::open(format!("/proc/{pid}/stat"))?;
    file.take(4096).read_to_end(&mut line)?;
    parse(&line).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// The name (field 2) stands in parentheses and may hold any byte, parentheses and blanks
/// included: what follows the *last* one is numbers only.
pub(super) fn parse(line: &[u8]) -> Option<Status> {
    let end = line.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&line[end + 1..]).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3);
    Some(Status {
        parent: field(4)?.parse().ok()?,
        group: field(5)?.parse().ok()?,
        session: field(6)?.parse().ok()?,
        terminal: terminal(field(7)?.parse().ok()?),
        // -1 without a terminal.
        foreground: field(8)?.parse().ok(),
        threads: field(20)?.parse().ok()?,
        has_ended: matches!(*field(3)?, "Z" | "X" | "x"),
        start_time: field(22)?.parse().ok()?,
    })
}

/// Bits 8 to 19 are the major number, 0 to 7 and 20 to 31 the minor one (proc(5)).
fn terminal(device: i64) -> Option<Terminal> {
    let device = u32::try_from(device).ok().filter(|device| *device != 0)?;
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00));
    Some(Terminal { major, minor })
}

pub(super) fn start_time(pid: u32) -> io::Result<u64> {
    Ok(status(pid)?.start_time)
}

pub(super) fn executable(pid: u32) -> io::Result<PathBuf> {
    looking::link(pid, Link::Program)
}

/// The owner of its folder: the effective user, or root where the process does not let itself
/// be traced, as agents do.
pub(super) fn user(pid: u32) -> io::Result<u32> {
    Ok(std::fs::metadata(format!("/proc/{pid}"))?.uid())
}

pub(super) fn command_line(pid: u32) -> io::Result<Vec<Vec<u8>>> {
    let mut line = Vec::new();
    let file = std::fs::File::open(format!("/proc/{pid}/cmdline"))?;
    file.take(MAX_COMMAND_LINE as u64).read_to_end(&mut line)?;
    let line = line.strip_suffix(b"\0").unwrap_or(&line);
    Ok(line.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect())
}

pub(super) fn working_directory(pid: u32) -> io::Result<PathBuf> {
    looking::link(pid, Link::Folder)
}

pub(super) fn surroundings(pid: u32) -> Surroundings {
    let same = |kind: &str, which| {
        let ours = std::fs::read_link(format!("/proc/self/ns/{kind}"))?;
        Ok::<_, io::Error>(looking::link(pid, which)? == ours)
    };
    match (same("pid", Link::ProcessNamespace), same("mnt", Link::MountNamespace)) {
        (Ok(true), Ok(true)) => Surroundings::Ours,
        (Ok(false), _) | (_, Ok(false)) => Surroundings::Foreign,
        _ => Surroundings::Unknown,
    }
}
