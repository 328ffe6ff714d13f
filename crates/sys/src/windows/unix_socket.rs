//! Which process has the other end of a Unix socket, as Windows has them.

use std::io;
use std::os::windows::io::{AsRawSocket as _, AsSocket};

use windows_sys::Win32::Networking::WinSock::{
    IOC_OUT, IOC_VENDOR, SOCKET, WSAGetLastError, WSAIoctl,
};

/// `SIO_AF_UNIX_GETPEERPID` (`afunix.h`), which the crate does not have.
const PEER_PROCESS: u32 = IOC_OUT | IOC_VENDOR | 256;

/// Who connected, or who listens.
///
/// # Errors
/// The system's refusal: a socket of another kind, or one that is not connected; `NotFound` where the
/// system names nobody.
pub fn peer(socket: &impl AsSocket) -> io::Result<u32> {
    let handle = socket.as_socket().as_raw_socket() as SOCKET;
    let (mut process, mut written) = (0_u32, 0_u32);
    // SAFETY: the system writes at most the four bytes it is told of; nothing is waited for by another
    // way. The handle is open until the borrow ends.
    let failed = unsafe {
        WSAIoctl(
            handle,
            PEER_PROCESS,
            std::ptr::null(),
            0,
            (&raw mut process).cast(),
            size_of::<u32>() as u32,
            &raw mut written,
            std::ptr::null_mut(),
            None,
        )
    };
    if failed != 0 {
        // SAFETY: no arguments; it is this thread's last error.
        return Err(io::Error::from_raw_os_error(unsafe { WSAGetLastError() }));
    }
    match (written as usize, process) {
        (4, 1..) => Ok(process),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// Lost otherwise: a question names a process that has nothing to do with the request.
    #[test]
    fn of_a_socket_of_another_kind_nobody_is_named() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        peer(&client).unwrap_err();
    }
}
