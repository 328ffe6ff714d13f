//! Accepts connections: from this account and the system only, and for as long as the agent lives.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use keyfob_sys::peer::{Credentials, credentials};
use keyfob_sys::user::effective_uid;
use keyfob_sys::windows::pipe::instance;
use tokio::net::windows::named_pipe::NamedPipeServer;
use tokio::sync::Mutex;
use tokio::time::sleep_until;

use super::Stream;
use super::stream::Way;
use crate::backoff::Backoff;
use crate::limits::LOG_EVERY;
use crate::sparing::Sparing;

/// A pipe clients connect to. One agent may serve several. Dropping it closes the pipe.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    /// The instance that waits for a client. There always is one: without any the name would be free
    /// for somebody else.
    waiting: Mutex<NamedPipeServer>,
    owner: u32,
    backoff: Backoff,
    refused: AtomicU64,
    refusals: Sparing,
    failures: Sparing,
}

impl Listener {
    pub(super) fn new(path: PathBuf, first: NamedPipeServer) -> Self {
        Self {
            path,
            waiting: Mutex::new(first),
            owner: effective_uid(),
            backoff: Backoff::default(),
            refused: AtomicU64::new(0),
            refusals: Sparing::new(LOG_EVERY),
            failures: Sparing::new(LOG_EVERY),
        }
    }

    /// Waits for the next connection of this account or of the system. A process of anybody else is
    /// disconnected without a word, counted and logged. May be dropped at any time; no connection
    /// is lost by it.
    ///
    /// # Errors
    /// None yet: a failure passes, or is tried again each second.
    pub async fn accept(&self) -> io::Result<(Stream, Credentials)> {
        loop {
            if let Some(until) = self.backoff.until() {
                sleep_until(until).await;
                self.backoff.end_pause();
            }
            match self.connected().await {
                Ok(pipe) => {
                    self.backoff.reset();
                    if let Some(credentials) = self.admit(&pipe) {
                        return Ok((Stream::new(Way::Pipe(pipe), credentials), credentials));
                    }
                }
                Err(error) => self.note_failure(&error),
            }
        }
    }

    /// The instance a client has connected to; another one waits from then on.
    async fn connected(&self) -> io::Result<NamedPipeServer> {
        let mut waiting = self.waiting.lock().await;
        waiting.connect().await?;
        match instance(self.path.as_os_str(), false) {
            Ok(next) => Ok(std::mem::replace(&mut *waiting, next)),
            Err(error) => {
                // This one is all there is: its client has to come again.
                waiting.disconnect()?;
                Err(error)
            }
        }
    }

    /// The pipe's name.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many connections of other accounts were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// The list at the pipe has kept others out. This does not rest on it.
    fn admit(&self, pipe: &NamedPipeServer) -> Option<Credentials> {
        let peer = match credentials(pipe) {
            Ok(peer) => peer,
            Err(error) => {
                if let Some(held_back) = self.failures.due() {
                    tracing::warn!(%error, held_back, "cannot tell who connected; disconnected");
                }
                return None;
            }
        };
        if peer.uid != 0 && peer.uid != self.owner {
            self.refused.fetch_add(1, Ordering::Relaxed);
            if let Some(held_back) = self.refusals.due() {
                let pid = peer.pid;
                tracing::warn!(?pid, held_back, "refused a process of another user");
            }
            return None;
        }
        Some(peer)
    }

    fn note_failure(&self, error: &io::Error) {
        self.backoff.lengthen();
        if let Some(held_back) = self.failures.due() {
            tracing::warn!(%error, held_back, "cannot accept a connection now; will try again");
        }
    }
}
