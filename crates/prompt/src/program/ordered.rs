//! A program of the starter's, which says how it is.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use keyfob_sys::starter::{ENDED, KILL, Order, STARTED, Started, Starter};
use tokio::io::AsyncReadExt as _;
use tokio::net::UnixStream;
use tokio::net::unix::pipe::{Receiver, Sender};

/// Where a program reads.
pub type Input = Sender;
/// Where a program writes.
pub type Output = Receiver;

/// Bytes of what is said of its life at once: what, and a number.
const WORD: usize = 5;

/// A program that runs.
#[derive(Debug)]
pub struct Running {
    /// Where it reads, if it does.
    pub stdin: Option<Input>,
    /// Where it writes.
    pub stdout: Option<Output>,
    life: UnixStream,
    /// What has come of the next word: who stops waiting loses nothing.
    word: [u8; WORD],
    filled: usize,
    status: Option<ExitStatus>,
}

impl Running {
    /// Has it started.
    ///
    /// # Errors
    /// When it cannot be; `BrokenPipe` when nobody is there to do it.
    pub async fn start(starter: &Starter, order: &Order) -> io::Result<Self> {
        let Started { stdin, stdout, life } = starter.start(order)?;
        life.set_nonblocking(true)?;
        let mut running = Self {
            stdin: stdin.map(|pipe| Sender::from_owned_fd(pipe.into())).transpose()?,
            stdout: Some(Receiver::from_owned_fd(stdout.into())?),
            life: UnixStream::from_std(life)?,
            word: [0; WORD],
            filled: 0,
            status: None,
        };
        match running.word().await? {
            (STARTED, _) => Ok(running),
            (_, error) => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Waits until it has ended. May be asked again.
    ///
    /// # Errors
    /// When nobody can say.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.status {
            return Ok(status);
        }
        match self.word().await? {
            (ENDED, status) => Ok(*self.status.insert(ExitStatus::from_raw(status))),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Ends it; [`Running::wait`] tells when it has.
    pub fn kill(&self) {
        // The one byte that is ever said: it fits, or nobody listens.
        let _ = self.life.try_write(&[KILL]);
    }

    async fn word(&mut self) -> io::Result<(u8, i32)> {
        while self.filled < WORD {
            match self.life.read(&mut self.word[self.filled..]).await? {
                0 => return Err(io::ErrorKind::BrokenPipe.into()),
                count => self.filled += count,
            }
        }
        self.filled = 0;
        let [what, a, b, c, d] = self.word;
        Ok((what, i32::from_ne_bytes([a, b, c, d])))
    }
}
