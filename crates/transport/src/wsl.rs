//! A Unix socket in a folder of Windows, which programs of WSL 1 open by its path under `/mnt`.
//!
//! The folder is for the account alone and passes that on to what is made in it, so the socket is from
//! the moment it exists. Who can open it for writing can connect; the process that did is asked of the
//! system.
//!
//! Neither the standard library nor the runtime knows such sockets on Windows, so the socket here is a
//! plain one. Elsewhere it is built for its tests alone: of what Wine has no trace, Linux shows all but
//! the access list and the question whose process it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use socket2::{Domain, SockAddr, SockRef, Socket, Type};
use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::leftovers;
use crate::socket_error::SocketError;

/// Clients that wait to be accepted.
const WAITING: i32 = 32;

/// Whether anybody listens is known at once.
const LOOK: Duration = Duration::from_millis(500);

/// That of the socket, that of what is ours on this machine, and ours in the account's.
const FOLDERS: usize = 3;

/// After the system gave no connection.
const PAUSE: Duration = Duration::from_secs(1);

/// Winsock's word for a kind of socket it has not (`WSAEAFNOSUPPORT`).
const NO_SUCH_FAMILY: i32 = 10047;

/// A socket clients connect to. Dropping it closes it and removes its file.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    /// It is no stream; but that type says when there is something to be done with a socket, and the
    /// runtime's own listeners accept nobody whose address is not of a network.
    socket: TcpStream,
}

/// Makes the socket, in the place of one nobody listens at any more. Call it inside the runtime.
///
/// # Errors
/// [`SocketError`].
pub fn bind(path: &Path) -> Result<Listener, SocketError> {
    let failed = |source| SocketError::Create { path: path.to_owned(), source };
    let socket = unconnected().map_err(|error| match error.raw_os_error() {
        Some(NO_SUCH_FAMILY) => SocketError::Unsupported,
        _ => failed(error),
    })?;
    let address = SockAddr::unix(path).map_err(failed)?;
    make_folder(path)?;
    match fs::symlink_metadata(path) {
        Err(error) if is_missing(&error) => {}
        Err(error) => return Err(failed(error)),
        Ok(there) if !is_socket(path, &there) => {
            return Err(SocketError::NoSocket { path: path.to_owned() });
        }
        Ok(_) if is_live(&address) => return Err(SocketError::Live { path: path.to_owned() }),
        Ok(_) => fs::remove_file(path).map_err(failed)?,
    }
    socket.bind(&address).map_err(failed)?;
    // What the folder passes on is seen at what it was passed on to. Nobody can connect yet.
    if !is_private(path).map_err(failed)? {
        let _ = fs::remove_file(path);
        return Err(SocketError::Open { path: path.to_owned() });
    }
    Listener::new(path.to_owned(), socket).map_err(failed)
}

/// Takes away a socket nobody listens at any more, because its agent was ended without a word, and the
/// folders above it if nothing else is in them. What is something else stays.
pub fn tidy(path: &Path) {
    let is_left = |there: &fs::Metadata| {
        is_socket(path, there) && SockAddr::unix(path).is_ok_and(|address| !is_live(&address))
    };
    // One that ended in order has left its folders.
    if fs::symlink_metadata(path).map_or_else(|error| is_missing(&error), |it| is_left(&it)) {
        leftovers::remove(path, FOLDERS);
    }
}

impl Listener {
    fn new(path: PathBuf, socket: Socket) -> io::Result<Self> {
        socket.listen(WAITING)?;
        socket.set_nonblocking(true)?;
        Ok(Self { path, socket: TcpStream::from_std(socket.into())? })
    }

    /// Waits for the next client, and says which process it is, where the system tells. May be dropped
    /// at any time; no connection is lost by it.
    ///
    /// # Errors
    /// The runtime's refusal to wait.
    pub async fn accept(&self) -> io::Result<(TcpStream, Option<u32>)> {
        loop {
            self.socket.readable().await?;
            let accepted = self.socket.try_io(Interest::READABLE, || {
                let (client, _) = SockRef::from(&self.socket).accept()?;
                client.set_nonblocking(true)?;
                let process = process_of(&client);
                Ok((TcpStream::from_std(client.into())?, process))
            });
            match accepted {
                Ok(client) => return Ok(client),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection now; will try again");
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // It leads nowhere any more; one that is left behind is known as such by the next agent.
        let _ = fs::remove_file(&self.path);
    }
}

fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

fn unconnected() -> io::Result<Socket> {
    Socket::new(Domain::UNIX, Type::STREAM, None)
}

/// Whatever is no refusal may be somebody. One who does not accept is waited for as for what is written.
/// (Early versions of Windows do not tell of a refusal while it is waited for otherwise.)
fn is_live(address: &SockAddr) -> bool {
    let met = unconnected().and_then(|socket| {
        socket.set_write_timeout(Some(LOOK))?;
        socket.connect(address)
    });
    !met.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// The folder of this path, for the account alone.
fn make_folder(path: &Path) -> Result<(), SocketError> {
    let failed = |source| SocketError::Create { path: path.to_owned(), source };
    let Some(folder) = path.parent() else { return Ok(()) };
    keyfob_sys::private_folder::make_all(folder).map_err(failed)?;
    if is_private(folder).map_err(failed)? {
        Ok(())
    } else {
        Err(SocketError::Open { path: folder.to_owned() })
    }
}

#[cfg(windows)]
fn is_private(path: &Path) -> io::Result<bool> {
    use keyfob_sys::windows::access::{ANY, Access};
    Ok(Access::at_itself(path)?.others(ANY).is_nobody())
}

#[cfg(windows)]
fn is_socket(path: &Path, _there: &fs::Metadata) -> bool {
    keyfob_sys::windows::unix_socket::is_one(path)
}

#[cfg(windows)]
fn process_of(client: &Socket) -> Option<u32> {
    keyfob_sys::windows::unix_socket::peer(client).ok()
}

/// A socket's own mode is the process's mask's, and its folder keeps others out.
#[cfg(unix)]
fn is_private(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
    let there = fs::symlink_metadata(path)?;
    Ok(there.file_type().is_socket() || there.permissions().mode() & 0o077 == 0)
}

#[cfg(unix)]
fn is_socket(_path: &Path, there: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    there.file_type().is_socket()
}

#[cfg(unix)]
fn process_of(client: &Socket) -> Option<u32> {
    keyfob_sys::peer::credentials(client).ok()?.pid
}

#[cfg(test)]
#[path = "wsl/tests.rs"]
mod tests;
