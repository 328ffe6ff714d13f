//! Who is at the other end of a socket, and what the system knows about a process.
//!
//! The credentials are the kernel's, taken when the peer connected. Everything read by process
//! number afterwards describes whoever has that number *now*: compare [`start_time`] before
//! and after (I2), or hold the descriptor of [`process_handle`].

use crate::Error;
use crate::os_handle::{AsOpen, Owned};
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
    /// When it started, in the system's own unit (Linux: clock ticks after boot; macOS: microseconds of
    /// the calendar; Windows: tenths of microseconds since 1601). With the number it names one process for ever.
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
pub fn credentials(socket: impl AsOpen) -> Result<Credentials, Error> {
    system::credentials(socket).map_err(Error::Peer)
}

/// A descriptor of the very process that connected, immune to reuse of its number.
///
/// `None` where the kernel does not offer it (Linux before 6.5) or the process is gone.
pub fn process_handle(socket: impl AsOpen) -> Option<Owned> {
    system::process_handle(socket)
}

/// Reads what identifies a process.
///
/// # Errors
/// [`Error::Process`] when it ended, is hidden from us, or `/proc` is not there.
pub fn status(pid: u32) -> Result<Status, Error> {
    system::status(pid).map_err(|source| Error::Process { pid, source })
}

/// When a process started, in the unit of [`Status::start_time`].
///
/// # Errors
/// As [`status`].
pub fn start_time(pid: u32) -> Result<u64, Error> {
    system::start_time(pid).map_err(|source| Error::Process { pid, source })
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
pub fn has_ended(handle: impl AsOpen) -> bool {
    crate::process::is_over(handle)
}

/// For `fuzzing`.
#[cfg(all(fuzzing, target_os = "linux"))]
pub(crate) fn read_status(line: &[u8]) -> Option<Status> {
    system::parse(line)
}

#[cfg(target_os = "linux")]
#[path = "peer/linux.rs"]
mod system;
#[cfg(target_vendor = "apple")]
#[path = "peer/apple.rs"]
mod system;
#[cfg(windows)]
#[path = "peer/windows.rs"]
mod system;

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
