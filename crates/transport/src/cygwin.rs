//! A socket as Cygwin and MSYS2 know it (git's own `ssh` on Windows): a file that names a port of this
//! machine and a secret. Whoever can read the file says the secret to the port, and hears it back
//! (Cygwin, `fhandler/socket_local.cc`).
//!
//! The file is for the account alone, from the moment it exists. The port can be
//! reached by every account of the machine: without the secret it hangs up, and a process of another
//! account that can be seen to be one is not even listened to.

mod handshake;
mod listener;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream};
use std::path::Path;
use std::time::Duration;

use keyfob_sys::windows::private_file;
use zeroize::Zeroizing;

pub use listener::Listener;

use crate::{leftovers, socket_error::SocketError};
use handshake::Secret;

/// What the file begins with.
const COOKIE: &str = "!<socket >";

/// Bytes of the file, and some room.
const LONGEST: u64 = 128;

/// The folder of what is ours on this machine, and ours in the account's.
const FOLDERS: usize = 2;

/// Whether anybody listens at a port of this machine is known at once.
const LOOK: Duration = Duration::from_millis(500);

/// Listens at a port of this machine, and writes the file that leads to it, in the place of one that
/// leads nowhere any more. Call it inside the runtime.
///
/// # Errors
/// [`SocketError`].
pub fn bind(path: &Path) -> Result<Listener, SocketError> {
    let failed = |source| SocketError::Create { path: path.to_owned(), source };
    match read(path) {
        Ok(Some(old)) if is_live(&old) => return Err(SocketError::Live { path: path.to_owned() }),
        Ok(Some(_)) => fs::remove_file(path).map_err(failed)?,
        Ok(None) => return Err(SocketError::NoSocket { path: path.to_owned() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error)),
    }
    let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
    let port = socket.local_addr().map_err(failed)?.port();
    let secret = Secret::new().map_err(failed)?;
    write(path, port, &secret).map_err(failed)?;
    Listener::new(path.to_owned(), socket, secret).map_err(failed)
}

/// Takes away a file that leads nowhere any more, because its agent was ended without a word, and the
/// folders above it if nothing else is in them. What is something else stays.
pub fn tidy(path: &Path) {
    match read(path) {
        Ok(Some(old)) if !is_live(&old) => leftovers::remove(path, FOLDERS),
        // One that ended in order has left its folders.
        Err(error) if error.kind() == io::ErrorKind::NotFound => leftovers::remove(path, FOLDERS),
        _ => {}
    }
}

/// What the file says.
struct Named {
    port: u16,
    #[cfg_attr(not(test), allow(dead_code, reason = "clients use it"))]
    secret: Secret,
}

/// `None` for a file of another kind.
fn read(path: &Path) -> io::Result<Option<Named>> {
    use std::io::Read as _;
    let mut text = Zeroizing::new(String::new());
    let file = fs::File::open(path)?;
    match file.take(LONGEST).read_to_string(&mut text) {
        Ok(_) => Ok(parse(text.trim_end_matches('\0'))),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse(text: &str) -> Option<Named> {
    let mut words = text.strip_prefix(COOKIE)?.split(' ');
    let port = words.next()?.parse().ok()?;
    // A stream, as against datagrams.
    (words.next()? == "s").then_some(())?;
    let secret = Secret::parse(words.next()?)?;
    words.next().is_none().then_some(Named { port, secret })
}

fn write(path: &Path, port: u16, secret: &Secret) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        keyfob_sys::private_folder::make_all(folder)?;
    }
    let text = Zeroizing::new(format!("{COOKIE}{port} s {}\0", *secret.text()));
    private_file::create_for_cygwin(path)?.write_all(text.as_bytes())
}

fn is_live(named: &Named) -> bool {
    let address = SocketAddrV4::new(Ipv4Addr::LOCALHOST, named.port);
    TcpStream::connect_timeout(&address.into(), LOOK).is_ok()
}
