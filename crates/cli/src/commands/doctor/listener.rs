//! Who answers at a socket.
//!
//! keyfob is known by the extensions it serves. Any other agent is known by the process that
//! listens, and where that does not tell (it left its socket to a child, or a service manager holds
//! it) by the name of the socket, which is the agent's own invention.

#[cfg_attr(unix, path = "listener/unix.rs")]
#[cfg_attr(windows, path = "listener/windows.rs")]
mod system;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_transport::client;

use crate::connection::{Connection, Error};
use crate::files;
use crate::process_name;
use crate::voice::doctor as words;

pub(super) use system::owner;

/// How long an agent may take to answer what needs no person.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What the names of keyfob's extensions end with.
const OURS: &[u8] = b"@keyfob";

/// Whose agent it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Keyfob,
    /// Of another machine, by `ssh -A`.
    Forwarded,
    /// By this name.
    Other(String),
    /// Nothing tells.
    Unknown,
}

/// An agent that answers.
pub(super) struct Listener {
    pub(super) kind: Kind,
    pub(super) path: PathBuf,
    /// The process that began to listen, if it is there still.
    pub(super) pid: Option<u32>,
    /// Whose process it is.
    pub(super) uid: Option<u32>,
    /// The extensions it serves; none while it is locked.
    pub(super) extensions: Vec<Vec<u8>>,
    pub(super) connection: Connection,
}

impl Listener {
    /// How it is ended and started anew.
    pub(super) fn restart(&self) -> &'static str {
        #[cfg(target_os = "linux")]
        if self.pid != self.connection.listener() {
            return words::RESTART_SERVICE;
        }
        words::RESTART
    }
}

/// Why none does.
#[derive(Debug)]
pub(super) enum Silence {
    /// There is no such file.
    Missing,
    /// There is a socket, and nobody listens.
    Nobody,
    /// Something else stands there.
    NotASocket,
    /// It accepts, and does not answer.
    Mute,
    /// Another reason, safe to show.
    Other(String),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keyfob => f.write_str("keyfob"),
            Self::Forwarded => f.write_str("an agent forwarded from another machine"),
            Self::Other(name) => f.write_str(name),
            Self::Unknown => f.write_str("another agent"),
        }
    }
}

/// Asks who it is.
pub(super) fn meet(path: &Path) -> Result<Listener, Silence> {
    match system::is_socket(path) {
        Ok(true) => {}
        Ok(false) => return Err(Silence::NotASocket),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Silence::Missing),
        Err(error) => return Err(Silence::Other(files::reason(&error).to_lowercase())),
    }
    let mut connection = open(path)?;
    let extensions = match connection.extensions() {
        Ok(names) => names,
        Err(error) if is_too_late(&error) => return Err(Silence::Mute),
        // Some end the connection at what they do not know.
        Err(Error::Broken(_)) => {
            connection = open(path)?;
            match connection.identities() {
                Err(error) if is_too_late(&error) => return Err(Silence::Mute),
                Err(Error::Broken(error)) => return Err(Silence::Other(error.to_string())),
                _ => Vec::new(),
            }
        }
        Err(_) => Vec::new(),
    };
    let peer = connection.credentials();
    // Many leave their socket to a child, and end.
    let pid = peer.and_then(|peer| peer.pid).filter(|pid| is_there(*pid));
    let ours = extensions.iter().any(|name| name.ends_with(OURS))
        // One that is locked tells no names, and that it is locked.
        || extensions.is_empty() && connection.is_locked().is_some();
    let kind = if ours { Kind::Keyfob } else { kind(path, pid) };
    // Of others it is not known which process a service manager has started.
    let pid = match ours {
        true => connection.process(),
        false => pid.filter(|pid| !process_name::is_service_manager(*pid)),
    };
    let uid = peer.map(|peer| peer.uid);
    Ok(Listener { kind, path: path.to_owned(), pid, uid, extensions, connection })
}

fn open(path: &Path) -> Result<Connection, Silence> {
    Connection::open_within(path, PATIENCE).map_err(|error| match error {
        client::Error::NotFound { .. } => Silence::Missing,
        client::Error::Refused { .. } => Silence::Nobody,
        client::Error::TimedOut { .. } => Silence::Mute,
        client::Error::Permission { .. } => Silence::Other("permission denied".to_owned()),
        other => Silence::Other(other.to_string()),
    })
}

fn is_there(pid: u32) -> bool {
    keyfob_sys::peer::status(pid).is_ok_and(|status| !status.has_ended)
}

fn is_too_late(error: &Error) -> bool {
    matches!(error, Error::Broken(client::Error::TimedOut { .. }))
}

fn kind(path: &Path, pid: Option<u32>) -> Kind {
    let program = pid.and_then(process_name::of);
    match program.as_deref() {
        Some(program) if program.starts_with("sshd") => Kind::Forwarded,
        // It only holds the socket for whoever it will start.
        Some("systemd" | "launchd") | None => {
            by_name(path).map_or(Kind::Unknown, |name| Kind::Other(name.to_owned()))
        }
        Some(program) => Kind::Other(program.to_owned()),
    }
}

/// By the name an agent gives its socket.
fn by_name(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy();
    let named = [
        ("S.gpg-agent.ssh", "gpg-agent"),
        ("/keyring/ssh", "gnome-keyring-daemon"),
        ("/keyring/.ssh", "gnome-keyring-daemon"),
        ("/gcr/ssh", "gcr-ssh-agent"),
        ("/gcr/.ssh", "gcr-ssh-agent"),
        ("/openssh_agent", "ssh-agent"),
        ("/ssh-agent.socket", "ssh-agent"),
        ("/.ssh/agent/", "ssh-agent"),
        ("/1password/", "1Password"),
    ];
    let found = named.into_iter().find(|(part, _)| text.contains(part)).map(|(_, name)| name);
    found.or_else(|| (text.contains("/ssh-") && text.contains("/agent.")).then_some("ssh-agent"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn an_agent_is_known_by_the_name_of_its_socket() {
        let named = |path: &str| by_name(Path::new(path));
        assert_eq!(named("/run/user/1/gnupg/S.gpg-agent.ssh"), Some("gpg-agent"));
        assert_eq!(named("/run/user/1/keyring/ssh"), Some("gnome-keyring-daemon"));
        assert_eq!(named("/tmp/ssh-XXabc/agent.71"), Some("ssh-agent"));
        assert_eq!(named("/tmp/mine"), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_agent_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        assert!(matches!(meet(&path), Err(Silence::Missing)));
        std::fs::write(&path, "").unwrap();
        assert!(matches!(meet(&path), Err(Silence::NotASocket)));
        std::fs::remove_file(&path).unwrap();
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(matches!(meet(&path), Err(Silence::Mute)), "it accepts and says nothing");
        drop(listener);
        assert!(matches!(meet(&path), Err(Silence::Nobody)));
    }
}
