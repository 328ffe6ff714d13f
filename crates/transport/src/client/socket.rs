//! A Unix socket that blocks, as long as it is allowed to.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, SocketAddrUnix, connect, recv, send, sockopt};

use crate::limits::SOCKET_PATH_MAX;
use crate::probe::stream_socket;

/// A broken pipe is an error here, whatever the program does with SIGPIPE.
#[cfg(not(target_vendor = "apple"))]
const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;
#[cfg(target_vendor = "apple")]
const NO_SIGNAL: SendFlags = SendFlags::empty(); // a property of the socket there

#[derive(Debug)]
pub(super) struct Channel {
    socket: OwnedFd,
}

impl Channel {
    /// `WouldBlock` when it took longer.
    pub(super) fn connect(path: &Path, timeout: Option<Duration>) -> io::Result<Self> {
        let address = address(path)?;
        let socket = stream_socket()?;
        sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, timeout)?;
        retry(|| connect(&socket, &address))?;
        Ok(Self { socket })
    }

    /// How much of it went out; `WouldBlock` when the time is over.
    pub(super) fn send(&self, bytes: &[u8], deadline: Option<Instant>) -> io::Result<usize> {
        self.allow(sockopt::Timeout::Send, deadline)?;
        Ok(retry(|| send(&self.socket, bytes, NO_SIGNAL))?)
    }

    /// How much came, zero at the end; `WouldBlock` when the time is over.
    pub(super) fn receive(&self, room: &mut [u8], deadline: Option<Instant>) -> io::Result<usize> {
        self.allow(sockopt::Timeout::Recv, deadline)?;
        let (read, _) = retry(|| recv(&self.socket, &mut *room, RecvFlags::empty()))?;
        Ok(read)
    }

    /// Lets the next call take what is left of the time.
    fn allow(&self, kind: sockopt::Timeout, deadline: Option<Instant>) -> io::Result<()> {
        let Some(deadline) = deadline else {
            return Ok(());
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        // The kernel counts microseconds, and zero would mean "for ever".
        let left = left.max(Duration::from_micros(1));
        Ok(sockopt::set_socket_timeout(&self.socket, kind, Some(left))?)
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn address(path: &Path) -> io::Result<SocketAddrUnix> {
    // Too long a path, or an empty one (which the kernel reads as "any name").
    if !(1..=SOCKET_PATH_MAX).contains(&path.as_os_str().len()) {
        return Err(io::ErrorKind::InvalidFilename.into());
    }
    Ok(SocketAddrUnix::new(path)?)
}

fn retry<T>(mut call: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match call() {
            Err(Errno::INTR) => {}
            result => return result,
        }
    }
}
