//! A named pipe, by a runtime of its own: a pipe that blocks cannot be given up on.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::path::Path;
use std::time::{Duration, Instant};

use keyfob_sys::peer;
use keyfob_sys::user::effective_uid;
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout_at};

use crate::limits::{PIPE_BUSY_PAUSE, PIPE_BUSY_WAIT};

/// All instances of a pipe have a client: `ERROR_PIPE_BUSY`.
const BUSY: i32 = 231;

#[derive(Debug)]
pub(super) struct Channel {
    // First: it has to go before what drives it.
    pipe: NamedPipeClient,
    runtime: Runtime,
}

impl Channel {
    /// `WouldBlock` when it took longer; `PermissionDenied` when it is neither ours nor the system's,
    /// whoever has the name.
    pub(super) fn connect(path: &Path, timeout: Option<Duration>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let deadline = Instant::now() + timeout.unwrap_or(PIPE_BUSY_WAIT);
        let pipe = runtime.block_on(open(path, deadline))?;
        // The pipe's own owner first: a process number is told of whoever made it, and may be another's by now.
        if !keyfob_sys::windows::pipe::is_trusted(&pipe)? {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let server = peer::credentials(&pipe).map_err(io::Error::other)?;
        if server.uid != 0 && server.uid != effective_uid() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(Self { pipe, runtime })
    }

    /// How much of it went out; `WouldBlock` when the time is over.
    pub(super) fn send(&self, bytes: &[u8], deadline: Option<Instant>) -> io::Result<usize> {
        self.within(deadline, async {
            loop {
                self.pipe.writable().await?;
                match self.pipe.try_write(bytes) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    done => return done,
                }
            }
        })
    }

    /// How much came, zero at the end; `WouldBlock` when the time is over.
    pub(super) fn receive(&self, room: &mut [u8], deadline: Option<Instant>) -> io::Result<usize> {
        self.within(deadline, async {
            loop {
                self.pipe.readable().await?;
                match self.pipe.try_read(room) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(0),
                    done => return done,
                }
            }
        })
    }

    fn within<T>(
        &self,
        deadline: Option<Instant>,
        work: impl Future<Output = io::Result<T>>,
    ) -> io::Result<T> {
        self.runtime.block_on(async {
            match deadline {
                None => work.await,
                Some(deadline) => match timeout_at(deadline.into(), work).await {
                    Ok(done) => done,
                    Err(_) => Err(io::ErrorKind::WouldBlock.into()),
                },
            }
        })
    }
}

async fn open(path: &Path, deadline: Instant) -> io::Result<NamedPipeClient> {
    loop {
        match ClientOptions::new().open(path) {
            Err(error) if error.raw_os_error() == Some(BUSY) => {
                if Instant::now() >= deadline {
                    return Err(io::ErrorKind::WouldBlock.into());
                }
                sleep(PIPE_BUSY_PAUSE).await;
            }
            done => return done,
        }
    }
}

impl AsHandle for Channel {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.pipe.as_handle()
    }
}
