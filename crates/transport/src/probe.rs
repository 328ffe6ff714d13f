//! Does anybody listen at a path?
//!
//! Asks by connecting and hangs up again at once. It does not ask what listens there: that takes
//! a request and an answer, and an agent may be waiting for a person.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect};

/// What a connection attempt found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A process listens.
    Live,
    /// There is a name, but nobody listens any more.
    Nobody,
    /// There is no such name.
    Missing,
}

/// Tries to connect, without waiting.
///
/// A listener whose queue is full, or that is no stream socket, is [`Answer::Live`]: only the
/// kernel's plain refusal means that nobody is there. (OpenSSH 10.1 takes any failure for that
/// and so may remove the socket of an agent that is merely busy.)
///
/// # Errors
/// When the answer cannot be known, for instance for want of permission.
pub fn probe(path: &Path) -> io::Result<Answer> {
    let address = SocketAddrUnix::new(path)?;
    let socket = stream_socket()?;
    rustix::io::ioctl_fionbio(&socket, true)?;
    match connect(&socket, &address) {
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS | Errno::PROTOTYPE) => Ok(Answer::Live),
        Err(Errno::CONNREFUSED) => Ok(Answer::Nobody),
        Err(Errno::NOENT) => Ok(Answer::Missing),
        Err(errno) => Err(errno.into()),
    }
}

/// Whether a connection to `path` would be accepted now.
#[must_use]
pub fn is_alive(path: &Path) -> bool {
    matches!(probe(path), Ok(Answer::Live))
}

/// A blocking stream socket that children do not inherit.
pub(crate) fn stream_socket() -> io::Result<OwnedFd> {
    #[cfg(not(target_vendor = "apple"))]
    {
        use rustix::net::{SocketFlags, socket_with};
        let flags = SocketFlags::CLOEXEC;
        Ok(socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?)
    }
    #[cfg(target_vendor = "apple")]
    {
        let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        rustix::net::sockopt::set_socket_nosigpipe(&socket, true)?;
        Ok(socket)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};

    use super::*;

    #[test]
    fn tells_a_listener_from_a_leftover_and_from_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        assert_eq!(probe(&path).unwrap(), Answer::Missing);
        let listener = UnixListener::bind(&path).unwrap();
        assert_eq!(probe(&path).unwrap(), Answer::Live);
        assert!(is_alive(&path));
        drop(listener);
        assert_eq!(probe(&path).unwrap(), Answer::Nobody);
        assert!(!is_alive(&path));
    }

    /// Lost without it: the socket of an agent under load is taken for a leftover and removed.
    #[test]
    fn a_listener_whose_queue_is_full_is_alive() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let _listener = listener_with_short_queue(&path);
        let _first = UnixStream::connect(&path).unwrap();
        assert_eq!(probe(&path).unwrap(), Answer::Live);
    }

    fn listener_with_short_queue(path: &Path) -> OwnedFd {
        let socket = stream_socket().unwrap();
        rustix::net::bind(&socket, &SocketAddrUnix::new(path).unwrap()).unwrap();
        rustix::net::listen(&socket, 0).unwrap();
        socket
    }

    #[test]
    fn a_socket_of_another_kind_is_somebodys() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let _other = UnixDatagram::bind(&path).unwrap();
        assert_eq!(probe(&path).unwrap(), Answer::Live);
    }
}
