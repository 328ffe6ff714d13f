//! The listening socket a service manager hands over: systemd (`LISTEN_PID`, `LISTEN_FDS`, descriptor 3),
//! or launchd, which is asked for it.
//!
//! The rules for systemd's are OpenSSH's: both variables present means activation is meant, and then anything
//! other than exactly one socket for exactly this process is an error, not a reason to listen
//! somewhere else. It does not accept connections and does not look at the environment itself.

#[cfg(target_os = "macos")]
mod launchd;

use crate::Error;
use std::ffi::OsStr;
use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// The first descriptor after the standard streams (sd_listen_fds(3)).
const FIRST: i32 = 3;

/// What the socket is called in the job of launchd.
pub const LAUNCHD_SOCKET: &str = "Listeners";

/// Takes over the socket that launchd holds for this job, once. `Ok(None)`: this process is none of its
/// jobs, or one without such a socket.
///
/// # Errors
/// [`Error::Activation`] when it is not one listening socket.
#[cfg(target_os = "macos")]
pub fn take_of_launchd() -> Result<Option<OwnedFd>, Error> {
    launchd::take(LAUNCHD_SOCKET).map_err(Error::Activation)
}

static TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes the socket over, once. `Ok(None)`: this process was not started by activation.
///
/// # Errors
/// [`Error::Activation`] when the variables or descriptor 3 are not what activation promises.
pub fn take(
    listen_pid: Option<&OsStr>,
    listen_fds: Option<&OsStr>,
) -> Result<Option<OwnedFd>, Error> {
    let (Some(pid), Some(count)) = (listen_pid, listen_fds) else {
        return Ok(None);
    };
    check_variables(pid, count, std::process::id()).map_err(Error::Activation)?;
    if TAKEN.swap(true, Ordering::SeqCst) {
        return Err(Error::Activation("the socket was taken already".into()));
    }
    take_first().map(Some).map_err(Error::Activation)
}

pub(crate) fn check_variables(pid: &OsStr, count: &OsStr, own: u32) -> Result<(), String> {
    if count != "1" {
        return Err(format!("LISTEN_FDS is {count:?}, expected \"1\""));
    }
    // Digits only: `parse` alone would take a plus sign too.
    let number = pid.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    match number.and_then(|text| text.parse::<u32>().ok()) {
        Some(number) if number == own => Ok(()),
        Some(number) => Err(format!("LISTEN_PID is {number}, but this is process {own}")),
        None => Err(format!("LISTEN_PID is {pid:?}, which is no process number")),
    }
}

fn take_first() -> Result<OwnedFd, String> {
    // SAFETY: asks about a number; a descriptor that is not open is an error, not undefined.
    if unsafe { libc::fcntl(FIRST, libc::F_GETFD) } == -1 {
        return Err("LISTEN_FDS is set, but descriptor 3 is not open".into());
    }
    // SAFETY: it is open (asked above) and the parent made it for us; nothing in this process
    // opened or closes it between here and `from_raw_fd`.
    let socket = unsafe { BorrowedFd::borrow_raw(FIRST) };
    check_socket(socket).map_err(|is| format!("descriptor 3 is {is}"))?;
    rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC)
        .map_err(|errno| format!("descriptor 3 cannot be kept from children: {errno}"))?;
    // SAFETY: handed to this process by the one that started it (the variables name us), and
    // taken once (`TAKEN`): there is no other owner.
    Ok(unsafe { OwnedFd::from_raw_fd(FIRST) })
}

/// Whether clients can connect to it.
///
/// # Errors
/// What it is instead of a listening Unix stream socket.
pub fn check_socket(socket: BorrowedFd<'_>) -> Result<(), &'static str> {
    use rustix::net::sockopt::socket_type;
    use rustix::net::{AddressFamily, SocketType, getsockname};

    let kind = socket_type(socket).map_err(|_| "not a socket")?;
    let family = getsockname(socket).map_err(|_| "not a socket")?.address_family();
    if family != AddressFamily::UNIX || kind != SocketType::STREAM {
        return Err("not a Unix stream socket");
    }
    if listens(socket) { Ok(()) } else { Err("not a listening socket") }
}

#[cfg(not(target_vendor = "apple"))]
fn listens(socket: BorrowedFd<'_>) -> bool {
    rustix::net::sockopt::socket_acceptconn(socket).unwrap_or(false)
}

/// The option is there, but rustix does not name it for this system.
#[cfg(target_vendor = "apple")]
fn listens(socket: BorrowedFd<'_>) -> bool {
    use std::os::fd::AsRawFd as _;

    let mut answer: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes to `answer`, which has that many.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ACCEPTCONN,
            (&raw mut answer).cast(),
            &raw mut length,
        )
    };
    result == 0 && answer != 0
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    fn check(pid: &str, count: &str) -> Result<(), String> {
        check_variables(pid.as_ref(), count.as_ref(), 77)
    }

    #[test]
    fn without_both_variables_there_is_no_activation() {
        assert!(take(None, None).unwrap().is_none());
        assert!(take(None, Some("1".as_ref())).unwrap().is_none());
        assert!(take(Some("77".as_ref()), None).unwrap().is_none());
    }

    #[test]
    fn exactly_one_descriptor_is_taken() {
        assert_eq!(check("77", "1"), Ok(()));
        for count in ["", "0", "2", "01", " 1", "+1", "x"] {
            assert!(check("77", count).unwrap_err().contains("LISTEN_FDS"), "{count}");
        }
    }

    #[test]
    fn a_socket_meant_for_another_process_is_not_taken() {
        assert!(check("78", "1").unwrap_err().contains("process 77"));
        for pid in ["", "x", "-77", "+77", "99999999999"] {
            assert!(check(pid, "1").unwrap_err().contains("no process number"), "{pid}");
        }
    }

    #[test]
    fn only_a_listening_unix_stream_socket_will_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listening = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(check_socket(listening.as_fd()), Ok(()));
        let connected = std::os::unix::net::UnixStream::connect(&path).unwrap();
        assert!(check_socket(connected.as_fd()).unwrap_err().contains("listening"));
        let datagram = std::os::unix::net::UnixDatagram::unbound().unwrap();
        assert!(check_socket(datagram.as_fd()).unwrap_err().contains("stream"));
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(check_socket(tcp.as_fd()).unwrap_err().contains("Unix"));
        let file = std::fs::File::open("/dev/null").unwrap();
        assert!(check_socket(file.as_fd()).unwrap_err().contains("not a socket"));
    }
}
