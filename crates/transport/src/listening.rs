//! Where clients come in on Windows: a pipe, a socket of Cygwin's kind, or one for WSL 1.

use std::future::pending;
use std::io;
use std::path::Path;

use keyfob_sys::peer::{self, Credentials};
use keyfob_sys::user::effective_uid;

use crate::pipe::stream::Way;
use crate::pipe::{BindError, Stream};
use crate::{cygwin, pipe, wsl};

/// One of them. Dropping it closes it.
#[derive(Debug)]
pub enum Listener {
    /// A named pipe.
    Pipe(pipe::Listener),
    /// A file that leads to a socket.
    Cygwin(cygwin::Listener),
    /// A Unix socket in a folder.
    Wsl(wsl::Listener),
}

impl Listener {
    /// Waits for the next client that may come in. May be dropped at any time; no connection is lost
    /// by it.
    ///
    /// # Errors
    /// A socket that cannot be listened at any more.
    pub async fn accept(&self) -> io::Result<(Stream, Credentials)> {
        match self {
            Self::Pipe(pipe) => pipe.accept().await,
            Self::Cygwin(socket) => socket.accept().await,
            Self::Wsl(socket) => loop {
                let (stream, process) = socket.accept().await?;
                match credentials(process) {
                    Some(credentials) => {
                        return Ok((Stream::new(Way::Socket(stream), credentials), credentials));
                    }
                    None => tracing::warn!("refused another account's client of WSL's socket"),
                }
            },
        }
    }

    /// The pipe's name, or the file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        Some(match self {
            Self::Pipe(pipe) => pipe.path(),
            Self::Cygwin(socket) => socket.path(),
            Self::Wsl(socket) => socket.path(),
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

/// Of who connected to a socket in a folder that lets in this account and the system: that says enough
/// where a process is not named, or cannot be asked, as those of WSL 1 may be. One that is seen to be
/// another account's is nobody.
fn credentials(process: Option<u32>) -> Option<Credentials> {
    let owner = effective_uid();
    let known = process.and_then(|pid| Some((pid, peer::user(pid).ok()?)));
    let (pid, uid) = known.map_or((None, owner), |(pid, uid)| (Some(pid), uid));
    (uid == 0 || uid == owner).then_some(Credentials { uid, gid: 0, pid })
}
