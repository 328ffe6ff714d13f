//! Where clients come in on Windows: a pipe, or a socket of Cygwin's kind.

use std::future::pending;
use std::io;
use std::path::Path;

use keyfob_sys::peer::Credentials;

use crate::pipe::{BindError, Stream};
use crate::{cygwin, pipe};

/// One of them. Dropping it closes it.
#[derive(Debug)]
pub enum Listener {
    /// A named pipe.
    Pipe(pipe::Listener),
    /// A file that leads to a socket.
    Cygwin(cygwin::Listener),
}

impl Listener {
    /// Waits for the next client that may come in. May be dropped at any time; no connection is lost
    /// by it.
    ///
    /// # Errors
    /// A Cygwin socket that cannot be listened at any more.
    pub async fn accept(&self) -> io::Result<(Stream, Credentials)> {
        match self {
            Self::Pipe(pipe) => pipe.accept().await,
            Self::Cygwin(socket) => socket.accept().await,
        }
    }

    /// The pipe's name, or the file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        Some(match self {
            Self::Pipe(pipe) => pipe.path(),
            Self::Cygwin(socket) => socket.path(),
        })
    }

    /// Never returns: nobody can take a pipe's name away, and who removes the file of a socket has
    /// said that he wants none.
    pub async fn lost(&self) {
        pending::<()>().await;
    }

    /// Another one in its place, which is not to be had.
    ///
    /// # Errors
    /// Always.
    pub async fn restored(&self) -> Result<Self, BindError> {
        let path = self.path().unwrap_or(Path::new("")).to_owned();
        Err(BindError::Live { path, owner: None })
    }
}
