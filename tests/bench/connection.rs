//! One connection of the load: as little work per request as there can be, so that what is
//! measured is the agent.

use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longer than any reply takes of any agent under any load here.
const LIMIT: Duration = Duration::from_secs(120);

pub(crate) struct Connection {
    stream: UnixStream,
    bytes: Vec<u8>,
    filled: usize,
    sent: Instant,
}

impl Connection {
    pub(crate) fn open(socket: &Path) -> Self {
        Self::try_open(socket).expect("the agent accepts")
    }

    pub(crate) fn try_open(socket: &Path) -> std::io::Result<Self> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self { stream, bytes: vec![0; 1024], filled: 0, sent: Instant::now() })
    }

    /// Sends a request; the last one has been answered.
    pub(crate) fn send(&mut self, frame: &[u8]) {
        self.filled = 0;
        self.sent = Instant::now();
        self.stream.write_all(frame).expect("the agent reads");
    }

    /// Takes what has come. When the reply is whole: how long it took.
    pub(crate) fn receive(&mut self) -> Option<Duration> {
        let read = self.stream.read(&mut self.bytes[self.filled..]).expect("the agent replies");
        assert!(read > 0, "the agent closed a connection");
        self.filled += read;
        let length = u32::from_be_bytes(*self.bytes.first_chunk()?) as usize;
        if self.filled >= 4 && self.filled == 4 + length {
            return Some(self.sent.elapsed());
        }
        if self.bytes.len() < 4 + length {
            self.bytes.resize(4 + length, 0);
        }
        None
    }

    /// One request and its reply.
    pub(crate) fn exchange(&mut self, frame: &[u8]) -> Duration {
        self.send(frame);
        loop {
            if let Some(took) = self.receive() {
                return took;
            }
        }
    }

    /// The last reply, without its length.
    pub(crate) fn reply(&self) -> &[u8] {
        &self.bytes[4..self.filled]
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}
