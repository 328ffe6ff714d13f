//! Who is at the other end of a socket, and what the system knows about a process.
//!
//! The credentials are the kernel's, taken when the peer connected. Everything read by process
//! number afterwards describes whoever has that number *now*: compare [`start_time`] before
//! and after (I2), or hold the descriptor of [`process_handle`].

use crate::Error;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

/// What the kernel noted about the peer when it connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Effective user of the peer.
    pub uid: u32,
    /// Effective group of the peer.
    pub gid: u32,
    /// Its process; `None` when it lives in a process namespace we cannot see into.
    pub pid: Option<u32>,
}

/// The part of `/proc/PID/stat` that identifies a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Parent process; 0 for the first process and for kernel threads.
    pub parent: u32,
    /// Process group.
    pub group: u32,
    /// Session: the process number of its leader.
    pub session: u32,
    /// Its controlling terminal, if it has one.
    pub terminal: Option<Terminal>,
    /// The process group in the foreground of that terminal.
    pub foreground: Option<u32>,
    /// Threads of the process.
    pub threads: u32,
    /// It has ended, and whoever started it has not taken notice yet.
    pub has_ended: bool,
    /// Clock ticks after boot at which it started. With the number it names one process for ever.
    pub start_time: u64,
}

/// A terminal by the number of its device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Which driver.
    pub major: u32,
    /// Which of its devices.
    pub minor: u32,
}

/// Where a process sees the system from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// It sees what we see.
    Ours,
    /// It lives in a process or mount namespace of its own, as in a container: its names of
    /// programs and folders are its own.
    Foreign,
    /// The system does not tell.
    Unknown,
}

/// The longest command line that is read: of longer ones the beginning.
pub const MAX_COMMAND_LINE: usize = 16 << 10;

impl Terminal {
    /// Its usual name; `None` for one that is none of the usual kinds. The device is not asked:
    /// the name is for people.
    pub fn path(self) -> Option<PathBuf> {
        match self.major {
            // Unix98 pseudo terminals: eight majors of 256 devices.
            136..=143 => {
                let number = (self.major - 136) * 256 + self.minor;
                Some(format!("/dev/pts/{number}").into())
            }
            4 if self.minor < 64 => Some(format!("/dev/tty{}", self.minor).into()),
            4 => Some(format!("/dev/ttyS{}", self.minor - 64).into()),
            _ => None,
        }
    }
}

/// Asks the kernel who connected.
///
/// # Errors
/// [`Error::Peer`] when this is no connected Unix socket.
pub fn credentials(socket: impl AsFd) -> Result<Credentials, Error> {
    system::credentials(socket).map_err(Error::Peer)
}

/// A descriptor of the very process that connected, immune to reuse of its number.
///
/// `None` where the kernel does not offer it (Linux before 6.5) or the process is gone.
pub fn process_handle(socket: impl AsFd) -> Option<OwnedFd> {
    system::process_handle(socket)
}

/// Reads what identifies a process.
///
/// # Errors
/// [`Error::Process`] when it ended, is hidden from us, or `/proc` is not there.
pub fn status(pid: u32) -> Result<Status, Error> {
    system::status(pid).map_err(|source| Error::Process { pid, source })
}

/// When a process started, in clock ticks after boot.
///
/// # Errors
/// As [`status`].
pub fn start_time(pid: u32) -> Result<u64, Error> {
    Ok(status(pid)?.start_time)
}

/// The parent of a process.
///
/// # Errors
/// As [`status`].
pub fn parent(pid: u32) -> Result<u32, Error> {
    Ok(status(pid)?.parent)
}

/// The program a process runs.
///
/// # Errors
/// [`Error::Process`]; also for a process that hides itself, as other agents do.
pub fn executable(pid: u32) -> Result<PathBuf, Error> {
    system::executable(pid).map_err(|source| Error::Process { pid, source })
}

/// The effective user of a process.
///
/// # Errors
/// As [`status`].
pub fn user(pid: u32) -> Result<u32, Error> {
    system::user(pid).map_err(|source| Error::Process { pid, source })
}

/// The words a process was started with, as it tells them itself: it may write others there.
///
/// # Errors
/// As [`status`].
pub fn command_line(pid: u32) -> Result<Vec<Vec<u8>>, Error> {
    system::command_line(pid).map_err(|source| Error::Process { pid, source })
}

/// The folder a process is in.
///
/// # Errors
/// As [`executable`].
pub fn working_directory(pid: u32) -> Result<PathBuf, Error> {
    system::working_directory(pid).map_err(|source| Error::Process { pid, source })
}

/// Whether a process sees the system as we do.
pub fn surroundings(pid: u32) -> Surroundings {
    system::surroundings(pid)
}

/// Whether the process of such a [`process_handle`] has ended.
pub fn has_ended(handle: impl AsFd) -> bool {
    let mut poll = [rustix::event::PollFd::new(&handle, rustix::event::PollFlags::IN)];
    let at_once = rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 };
    rustix::event::poll(&mut poll, Some(&at_once)).is_ok_and(|count| count > 0)
}

/// For `fuzzing`.
#[cfg(all(fuzzing, target_os = "linux"))]
pub(crate) fn read_status(line: &[u8]) -> Option<Status> {
    system::parse(line)
}

#[cfg(target_os = "linux")]
mod system {
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
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Credentials, Status, Surroundings};
    use std::io;
    use std::os::fd::{AsFd, AsRawFd, OwnedFd};
    use std::path::PathBuf;

    pub(super) fn credentials(socket: impl AsFd) -> io::Result<Credentials> {
        let (mut uid, mut gid) = (0, 0);
        // SAFETY: both pointers are to integers of the right type that live across the call.
        let result =
            unsafe { libc::getpeereid(socket.as_fd().as_raw_fd(), &raw mut uid, &raw mut gid) };
        if result != 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Credentials { uid, gid, pid: None })
    }

    pub(super) fn process_handle(_socket: impl AsFd) -> Option<OwnedFd> {
        None
    }

    pub(super) fn status(_pid: u32) -> io::Result<Status> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn executable(_pid: u32) -> io::Result<PathBuf> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn user(_pid: u32) -> io::Result<u32> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn command_line(_pid: u32) -> io::Result<Vec<Vec<u8>>> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn working_directory(_pid: u32) -> io::Result<PathBuf> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(super) fn surroundings(_pid: u32) -> Surroundings {
        Surroundings::Unknown
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn both_ends_of_a_pair_are_ourselves() {
        let (one, _other) = UnixStream::pair().unwrap();
        let peer = credentials(&one).unwrap();
        assert_eq!(peer.pid, Some(std::process::id()));
        assert_eq!(peer.uid, crate::user::effective_uid());
    }

    #[test]
    fn a_file_is_no_peer() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(matches!(credentials(&file), Err(Error::Peer(_))));
    }

    #[test]
    fn i2_a_process_is_named_by_its_number_and_its_start() {
        let child = std::process::Command::new("/bin/sleep").arg("5").spawn().unwrap();
        let mut child = child;
        let status = status(child.id()).unwrap();
        assert_eq!(status.parent, std::process::id());
        assert!(status.start_time >= start_time(std::process::id()).unwrap());
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(start_time(child.id()).is_err(), "the ended process is not described any more");
    }

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let line = b"77 (a) R 1 (b 9) S 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 3 21 987654 23\n";
        // state(3)=S parent(4)=5 … threads(20) start(22)
        let status = system::parse(line).unwrap();
        assert_eq!((status.parent, status.session), (5, 7));
        let plain = b"77 (sh) S 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 3 21 987654 23\n";
        assert_eq!(system::parse(plain), Some(status));
    }

    #[test]
    fn half_a_line_is_refused_not_guessed() {
        assert_eq!(system::parse(b"77 (sh) S 5 6"), None);
        assert_eq!(system::parse(b""), None);
        assert_eq!(system::parse(b"77 (sh) S x x x x x x x x x x x x x x x x x x x x"), None);
    }

    #[test]
    fn our_own_program_is_known() {
        assert_eq!(executable(std::process::id()).unwrap(), std::env::current_exe().unwrap());
    }

    #[test]
    fn a_handle_ends_with_its_process_where_the_kernel_has_them() {
        let (one, _other) = UnixStream::pair().unwrap();
        // Linux 6.5 and later: ourselves.
        if let Some(handle) = process_handle(&one) {
            assert!(!has_ended(&handle));
        }
    }

    #[test]
    fn what_a_process_was_started_with_and_where_is_known() {
        let folder = std::env::temp_dir().canonicalize().unwrap();
        let mut child = std::process::Command::new("/bin/sleep")
            .args(["5", "6"])
            .current_dir(&folder)
            .spawn()
            .unwrap();
        // The kernel shows no words while a program is being started.
        let words = std::iter::repeat_with(|| command_line(child.id()).unwrap());
        let words = words.take(100_000).find(|words| words.len() > 1).unwrap();
        assert_eq!(words, [b"/bin/sleep".to_vec(), b"5".to_vec(), b"6".to_vec()]);
        assert_eq!(working_directory(child.id()).unwrap(), folder);
        assert_eq!(user(child.id()).unwrap(), crate::user::effective_uid());
        assert_eq!(surroundings(child.id()), Surroundings::Ours);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(surroundings(child.id()), Surroundings::Unknown, "it is gone");
    }

    #[test]
    fn a_terminal_is_named_by_its_number() {
        let line = b"77 (sh) S 5 6 7 34819 9 10 11 12 13 14 15 16 17 18 19 1 3 0 21 987 23\n";
        let status = system::parse(line).unwrap();
        assert_eq!(status.terminal, Some(Terminal { major: 136, minor: 3 }));
        assert_eq!((status.group, status.foreground), (6, Some(9)));
        let path = |major, minor| Terminal { major, minor }.path();
        assert_eq!(path(136, 3), Some("/dev/pts/3".into()));
        assert_eq!(path(137, 1), Some("/dev/pts/257".into()));
        assert_eq!([path(4, 1), path(4, 64)], ["/dev/tty1", "/dev/ttyS0"].map(|p| Some(p.into())));
        assert_eq!(path(5, 0), None);
        let without = b"77 (sh) S 5 6 7 0 -1 10 11 12 13 14 15 16 17 18 19 1 3 0 21 987 23\n";
        let status = system::parse(without).unwrap();
        assert_eq!((status.terminal, status.foreground), (None, None));
    }
}
