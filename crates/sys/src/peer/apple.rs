//! What macOS says: options of the socket, and libproc's structures (`<sys/proc_info.h>`).

use std::ffi::{OsString, c_void};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use super::{Credentials, MAX_COMMAND_LINE, Status, Surroundings, Terminal};

/// The level of `LOCAL_PEERCRED` and `LOCAL_PEERPID` (`<sys/un.h>`).
const SOL_LOCAL: libc::c_int = 0;

/// A process without a terminal has this in the place of its device (`NODEV`).
const NO_DEVICE: u32 = u32::MAX;

/// `SZOMB` of `<sys/proc.h>`.
const ENDED: u32 = 5;

pub(super) fn credentials(socket: impl AsFd) -> io::Result<Credentials> {
    // SAFETY: `xucred` is integers, for which every value is valid.
    let found: libc::xucred = unsafe { option(&socket, libc::LOCAL_PEERCRED) }?;
    if found.cr_version != libc::XUCRED_VERSION || found.cr_ngroups < 1 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // SAFETY: every value of an integer is valid.
    let pid = unsafe { option::<libc::pid_t>(&socket, libc::LOCAL_PEERPID) };
    let pid = pid.ok().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0);
    Ok(Credentials { uid: found.cr_uid, gid: found.cr_groups[0], pid })
}

/// There are none: a process is told from its successor by its start.
pub(super) fn process_handle(_socket: impl AsFd) -> Option<OwnedFd> {
    None
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
            SOL_LOCAL,
            name,
            value.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    if len != size {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // SAFETY: zeroed, then filled by the kernel; the caller says every pattern is valid.
    Ok(unsafe { value.assume_init() })
}

pub(super) fn status(pid: u32) -> io::Result<Status> {
    // SAFETY: `proc_taskallinfo` is integers and arrays of them: every value is valid.
    let found: libc::proc_taskallinfo = unsafe { information(pid, libc::PROC_PIDTASKALLINFO) }?;
    let process = found.pbsd;
    Ok(Status {
        parent: process.pbi_ppid,
        group: process.pbi_pgid,
        session: session(pid)?,
        terminal: terminal(process.e_tdev),
        foreground: (process.e_tdev != NO_DEVICE).then_some(process.e_tpgid),
        threads: u32::try_from(found.ptinfo.pti_threadnum).unwrap_or(0),
        has_ended: process.pbi_status == ENDED,
        start_time: started(&process),
    })
}

/// Microseconds of the calendar.
fn started(process: &libc::proc_bsdinfo) -> u64 {
    process.pbi_start_tvsec.saturating_mul(1_000_000).saturating_add(process.pbi_start_tvusec)
}

fn session(pid: u32) -> io::Result<u32> {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let session = rustix::process::getsid(Some(pid.ok_or(io::ErrorKind::NotFound)?))?;
    Ok(session.as_raw_nonzero().get().unsigned_abs())
}

/// The major number has the highest byte, the minor one the other three (`<sys/types.h>`).
fn terminal(device: u32) -> Option<Terminal> {
    (device != NO_DEVICE).then_some(Terminal { major: device >> 24, minor: device & 0xff_ffff })
}

/// One of libproc's structures, whole.
///
/// # Safety
/// `kind` fills a `T`, and every bit pattern is a valid `T`.
unsafe fn information<T>(pid: u32, kind: libc::c_int) -> io::Result<T> {
    let mut value = MaybeUninit::<T>::zeroed();
    let size = libc::c_int::try_from(size_of::<T>()).map_err(io::Error::other)?;
    let pid = libc::c_int::try_from(pid).map_err(|_| io::ErrorKind::NotFound)?;
    // SAFETY: the kernel writes at most `size` bytes to `value`, which has that many.
    let written = unsafe { libc::proc_pidinfo(pid, kind, 0, value.as_mut_ptr().cast(), size) };
    match written {
        // SAFETY: zeroed, then filled by the kernel; the caller says every pattern is valid.
        written if written == size => Ok(unsafe { value.assume_init() }),
        written if written > 0 => Err(io::ErrorKind::InvalidData.into()),
        _ => Err(io::Error::last_os_error()),
    }
}

pub(super) fn start_time(pid: u32) -> io::Result<u64> {
    Ok(status(pid)?.start_time)
}

pub(super) fn executable(pid: u32) -> io::Result<PathBuf> {
    let number = libc::c_int::try_from(pid).map_err(|_| io::ErrorKind::NotFound)?;
    let mut space = vec![0_u8; libc::PROC_PIDPATHINFO_MAXSIZE as usize];
    let size = libc::PROC_PIDPATHINFO_MAXSIZE as u32;
    // SAFETY: the kernel writes at most `size` bytes, which the buffer has.
    let written = unsafe { libc::proc_pidpath(number, space.as_mut_ptr().cast::<c_void>(), size) };
    match usize::try_from(written) {
        Ok(length @ 1..) => {
            space.truncate(length);
            Ok(OsString::from_vec(space).into())
        }
        _ => Err(io::Error::last_os_error()),
    }
}

/// The effective user.
pub(super) fn user(pid: u32) -> io::Result<u32> {
    // SAFETY: `proc_bsdinfo` is integers and arrays of them: every value is valid.
    let found: libc::proc_bsdinfo = unsafe { information(pid, libc::PROC_PIDTBSDINFO) }?;
    Ok(found.pbi_uid)
}

/// As the kernel keeps it: the number of words, the program's path, zeros, the words, and behind them
/// an environment that is none of ours (`sysctl` `kern.procargs2`).
pub(super) fn command_line(pid: u32) -> io::Result<Vec<Vec<u8>>> {
    let mut space = vec![0_u8; 2 * MAX_COMMAND_LINE];
    let mut length = space.len();
    let number = libc::c_int::try_from(pid).map_err(|_| io::ErrorKind::NotFound)?;
    let mut name = [libc::CTL_KERN, libc::KERN_PROCARGS2, number];
    // SAFETY: three numbers name it, and the kernel writes at most `length` bytes, which the buffer
    // has, and says how many.
    let result = unsafe {
        libc::sysctl(
            name.as_mut_ptr(),
            3,
            space.as_mut_ptr().cast(),
            &raw mut length,
            std::ptr::null_mut(),
            0,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    words(space.get(..length).unwrap_or_default()).ok_or(io::ErrorKind::InvalidData.into())
}

fn words(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let (count, rest) = bytes.split_first_chunk::<4>()?;
    let count = usize::try_from(i32::from_ne_bytes(*count)).ok()?;
    let behind_path = &rest[rest.iter().position(|byte| *byte == 0)?..];
    let first = behind_path.iter().position(|byte| *byte != 0)?;
    let words = behind_path[first..].split(|byte| *byte == 0);
    Some(words.take(count).map(<[u8]>::to_vec).collect())
}

pub(super) fn working_directory(pid: u32) -> io::Result<PathBuf> {
    // SAFETY: the structure is integers and arrays of them: every value is valid.
    let found: libc::proc_vnodepathinfo = unsafe { information(pid, libc::PROC_PIDVNODEPATHINFO) }?;
    let path = found.pvi_cdir.vip_path.as_flattened();
    let path = path.iter().take_while(|byte| **byte != 0).map(|byte| byte.cast_unsigned());
    Ok(OsString::from_vec(path.collect()).into())
}

/// There are no namespaces to live in.
pub(super) fn surroundings(_pid: u32) -> Surroundings {
    Surroundings::Ours
}
