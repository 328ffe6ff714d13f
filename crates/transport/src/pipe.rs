//! Named pipes of Windows: one that lets in this account and the system, and nobody by the network.
//!
//! A name is taken by whoever is first. A second agent that asks for it learns who has it; nobody's
//! pipe is shared, which would serve every other request from the one and every other from the other.

mod listener;
pub(crate) mod stream;
#[cfg(test)]
mod tests;

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsHandle;
use std::path::{Path, PathBuf};

use keyfob_sys::peer;
use keyfob_sys::windows::pipe::instance;

use crate::limits::PIPE_BUSY_PAUSE;

pub use listener::Listener;
pub use stream::{ReadHalf, Stream, WriteHalf};

/// What the name of every pipe of this machine begins with.
pub(crate) const PREFIX: &str = r"\\.\pipe\";

/// `SECURITY_IDENTIFICATION`.
const SECURITY_IDENTIFICATION: u32 = 0x0001_0000;

/// How often it is looked who has a pipe that is busy: between two clients one is for a moment.
const LOOKS: usize = 20;

/// All instances of a pipe have a client: `ERROR_PIPE_BUSY`.
const BUSY: i32 = 231;

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// It is the name of no pipe.
    #[error("{} is no pipe: their names begin with {PREFIX}", path.display())]
    NoPipe {
        /// The name.
        path: PathBuf,
    },
    /// Another process listens there. It was left alone.
    #[error("{} listens at {}", in_words(owner.as_ref()), path.display())]
    Live {
        /// The name.
        path: PathBuf,
        /// Who has it, where that can be known.
        owner: Option<Owner>,
    },
    /// It cannot be made.
    #[error("cannot make the pipe {}", path.display())]
    Create {
        /// The name.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Whose pipe it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its process.
    pub pid: u32,
    /// The program it runs; `None` for one that does not let itself be looked at.
    pub program: Option<PathBuf>,
}

/// Listens at the pipe of this name. Call it inside the runtime.
///
/// # Errors
/// [`BindError`].
pub fn bind(path: &Path) -> Result<crate::Listener, BindError> {
    if !is_name(path) {
        return Err(BindError::NoPipe { path: path.to_owned() });
    }
    // Asked first, although the system refuses a second "first" instance: only so is it known who.
    if let Some(owner) = owner(path) {
        return Err(BindError::Live { path: path.to_owned(), owner });
    }
    match instance(path.as_os_str(), true) {
        Ok(first) => Ok(crate::Listener::Pipe(Listener::new(path.to_owned(), first))),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(BindError::Live { path: path.to_owned(), owner: None })
        }
        Err(source) => Err(BindError::Create { path: path.to_owned(), source }),
    }
}

/// Who listens there: `None` nobody, `Some(None)` somebody of whom no more is known. Connects and
/// hangs up at once.
#[must_use]
pub fn owner(path: &Path) -> Option<Option<Owner>> {
    // As the system's own clients: whoever has the name learns who we are and cannot act as us.
    let mut as_client = OpenOptions::new();
    as_client.read(true).write(true).security_qos_flags(SECURITY_IDENTIFICATION);
    let mut opened = as_client.open(path);
    for _ in 0..LOOKS {
        if !matches!(&opened, Err(error) if error.raw_os_error() == Some(BUSY)) {
            break;
        }
        std::thread::sleep(PIPE_BUSY_PAUSE);
        opened = as_client.open(path);
    }
    match opened {
        Ok(pipe) => Some(server_of(&pipe)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) if error.raw_os_error() == Some(BUSY) => Some(None),
        // Refused by its list, so it is somebody's.
        Err(_) => Some(None),
    }
}

fn server_of(pipe: impl AsHandle) -> Option<Owner> {
    let pid = peer::credentials(pipe).ok()?.pid?;
    Some(Owner { pid, program: peer::executable(pid).ok() })
}

/// A name below the prefix, in which no other backslash may be.
fn is_name(path: &Path) -> bool {
    let name = path.to_str().and_then(|path| path.strip_prefix(PREFIX));
    name.is_some_and(|name| !name.is_empty() && !name.contains(['\\', '/']) && name.len() <= 246)
}

fn in_words(owner: Option<&Owner>) -> String {
    match owner {
        Some(Owner { pid, program: Some(program) }) => {
            format!("process {pid} ({})", program.display())
        }
        Some(Owner { pid, program: None }) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}
