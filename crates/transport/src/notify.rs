//! Tells the service manager how the agent is doing (`sd_notify`).
//!
//! Rejected: the crate `sd-notify` 0.5. It reads the environment by itself (names live in
//! `config/env`), cannot reach an abstract socket, and a line break in a status would smuggle in
//! another assignment. What is needed is one datagram.

use std::ffi::OsStr;
use std::io;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use keyfob_sys::os_text::OsStrExt;

/// The service manager's ear, or nothing when there is none.
#[derive(Debug, Default)]
pub struct Notifier {
    address: Option<SocketAddr>,
}

impl Notifier {
    /// From the value of `NOTIFY_SOCKET`: a path, or `@` and an abstract name. `None`, or an
    /// empty value, makes a notifier that does nothing.
    ///
    /// # Errors
    /// When the value is neither.
    pub fn new(address: Option<&OsStr>) -> io::Result<Self> {
        let address = match address.map(OsStr::as_bytes) {
            None | Some([]) => None,
            Some([b'@', name @ ..]) => Some(abstract_address(name)?),
            Some([b'/', ..]) => address.map(SocketAddr::from_pathname).transpose()?,
            Some(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Self { address })
    }

    /// Whether it listens at a name that is no file.
    pub fn is_abstract(&self) -> bool {
        self.address.as_ref().is_some_and(|address| address.as_pathname().is_none())
    }

    /// Clients can connect.
    ///
    /// # Errors
    /// When it cannot be delivered; the agent can go on.
    pub fn ready(&self) -> io::Result<()> {
        self.send(b"READY=1")
    }

    /// The agent is ending on purpose.
    ///
    /// # Errors
    /// When it cannot be delivered; the agent can go on.
    pub fn stopping(&self) -> io::Result<()> {
        self.send(b"STOPPING=1")
    }

    /// A line for `systemctl status`. Line breaks become blanks.
    ///
    /// # Errors
    /// When it cannot be delivered; the agent can go on.
    pub fn status(&self, text: &str) -> io::Result<()> {
        self.send(format!("STATUS={}", text.replace(['\n', '\r', '\0'], " ")).as_bytes())
    }

    /// Never waits: a service manager that does not listen must not stop an agent.
    fn send(&self, message: &[u8]) -> io::Result<()> {
        let Some(address) = &self.address else {
            return Ok(());
        };
        let socket = UnixDatagram::unbound()?;
        socket.set_nonblocking(true)?;
        socket.send_to_addr(message, address)?;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn abstract_address(name: &[u8]) -> io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt;
    SocketAddr::from_abstract_name(name)
}

#[cfg(not(target_os = "linux"))]
fn abstract_address(_name: &[u8]) -> io::Result<SocketAddr> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::time::Duration;

    use super::*;

    fn said(manager: &UnixDatagram) -> String {
        manager.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut buffer = [0; 256];
        let length = manager.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    #[test]
    fn says_ready_status_and_stopping_to_a_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let notifier = Notifier::new(Some(path.as_os_str())).unwrap();
        notifier.ready().unwrap();
        assert_eq!(said(&manager), "READY=1");
        notifier.status("3 keys").unwrap();
        assert_eq!(said(&manager), "STATUS=3 keys");
        notifier.stopping().unwrap();
        assert_eq!(said(&manager), "STOPPING=1");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn reaches_an_abstract_socket() {
        let name = format!("keyfob-test-{}", std::process::id());
        let address = abstract_address(name.as_bytes()).unwrap();
        let manager = UnixDatagram::bind_addr(&address).unwrap();
        Notifier::new(Some(OsStr::new(&format!("@{name}")))).unwrap().ready().unwrap();
        assert_eq!(said(&manager), "READY=1");
    }

    #[test]
    fn a_line_break_in_a_status_cannot_smuggle_in_another_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        Notifier::new(Some(path.as_os_str())).unwrap().status("a\nMAINPID=1").unwrap();
        assert_eq!(said(&manager), "STATUS=a MAINPID=1");
    }

    #[test]
    fn without_a_service_manager_nothing_happens_and_nonsense_is_an_error() {
        for nobody in [None, Some(OsStr::new(""))] {
            Notifier::new(nobody).unwrap().ready().unwrap();
        }
        for nonsense in ["relative", "vsock:2:1"] {
            Notifier::new(Some(OsStr::new(nonsense))).unwrap_err();
        }
        let gone = Notifier::new(Some(OsStr::new("/nonexistent/notify"))).unwrap();
        assert_eq!(gone.ready().unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
