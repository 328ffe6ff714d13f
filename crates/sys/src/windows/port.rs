//! Which process has the other end of a connection on this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};

use windows_sys::Win32::Foundation::{ERROR_INSUFFICIENT_BUFFER, NO_ERROR};
use windows_sys::Win32::NetworkManagement::IpHelper::{
    GetExtendedTcpTable, MIB_TCPROW_OWNER_PID, TCP_TABLE_OWNER_PID_CONNECTIONS,
};
use windows_sys::Win32::Networking::WinSock::AF_INET;

/// The table may grow between two calls.
const TRIES: usize = 4;

/// Who connected from `client` to `server`.
///
/// # Errors
/// `NotFound` for a connection the system does not list, or a process it does not name.
pub fn owner(client: SocketAddr, server: SocketAddr) -> io::Result<u32> {
    let (from, to) = (end(client)?, end(server)?);
    let table = table()?;
    let count = table.first().copied().unwrap_or(0) as usize;
    let rows = table.get(1..).unwrap_or_default().chunks_exact(ROW).take(count);
    for row in rows {
        // State, own address and port, other address and port, process.
        if let [_, own, own_port, other, other_port, pid] = *row
            && (own, own_port & 0xffff) == from
            && (other, other_port & 0xffff) == to
            && pid != 0
        {
            return Ok(pid);
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Numbers of a row.
const ROW: usize = size_of::<MIB_TCPROW_OWNER_PID>() / size_of::<u32>();

/// Address and port as the table has them: in the order of the network.
fn end(address: SocketAddr) -> io::Result<(u32, u32)> {
    match address.ip() {
        IpAddr::V4(ip) => {
            Ok((u32::from_ne_bytes(ip.octets()), u32::from(address.port().swap_bytes())))
        }
        IpAddr::V6(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

/// All connections: their number, then a row of numbers for each.
fn table() -> io::Result<Vec<u32>> {
    let mut size = 0_u32;
    for _ in 0..TRIES {
        let mut table = vec![0_u32; (size as usize).div_ceil(size_of::<u32>())];
        // SAFETY: the system writes at most `size` bytes, which the table has, and corrects the size.
        let error = unsafe {
            GetExtendedTcpTable(
                table.as_mut_ptr().cast(),
                &raw mut size,
                0,
                u32::from(AF_INET),
                TCP_TABLE_OWNER_PID_CONNECTIONS,
                0,
            )
        };
        match error {
            NO_ERROR => return Ok(table),
            ERROR_INSUFFICIENT_BUFFER => {}
            error => return Err(io::Error::from_raw_os_error(error.cast_signed())),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    /// Lost otherwise: a question about a request of git's names nobody, or somebody else.
    #[test]
    fn our_own_connection_is_ours() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (client, server) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        assert_eq!(owner(client, server).unwrap(), std::process::id());
        let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
        assert!(owner(nobody, server).is_err());
    }
}
