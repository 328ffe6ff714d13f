//! Why there is no socket that a file leads to.

use std::io;
use std::path::PathBuf;

/// What kept it from being made. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// Another agent listens there.
    #[error("another process listens at {}", path.display())]
    Live {
        /// The file.
        path: PathBuf,
    },
    /// There is a file that is no socket of this kind.
    #[error("{} is no socket", path.display())]
    NoSocket {
        /// The file.
        path: PathBuf,
    },
    /// Others may do something with the socket, or its folder.
    #[error("{} is open to other accounts", path.display())]
    Open {
        /// Which of them.
        path: PathBuf,
    },
    /// There is no such thing on this system.
    #[error("this system has no sockets in its folders; Windows has them since version 1803")]
    Unsupported,
    /// The system's refusal.
    #[error("cannot make the socket {}", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
