//! One helper at work, that ends when nobody waits for it any more.

use std::io;
use std::process::ExitStatus;

use keyfob_prompt::program;
use keyfob_sys::locked::LockedBytes;
use keyfob_sys::starter::Order;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::error::Problem;
use super::limits::MAX_ANSWER;
use crate::starting::{Programs, Recipes};

/// A helper, killed when this is dropped.
pub(super) struct Running {
    helper: program::Running,
    stdout: program::Output,
    /// Held open as long as the answer is waited for: the helper ends with it, also when it is
    /// the kernel that closes it because the daemon is gone.
    stdin: program::Input,
}

/// What it said, and how it ended.
pub(super) struct Said {
    bytes: LockedBytes,
    length: usize,
    pub(super) status: ExitStatus,
}

impl Said {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl Running {
    /// Starts it with nothing but two pipes: no environment, in which it might find where
    /// things are, no folder but the root, no stream into a log. (A message of a parser that
    /// stumbled could quote what it read.)
    pub(super) async fn start(programs: &Programs) -> io::Result<Self> {
        let order = Order { recipe: Recipes::READ_LINKED, ..Order::default() };
        let mut helper = program::Running::start(programs.starter()?, &order).await?;
        let pipes = helper.stdin.take().zip(helper.stdout.take());
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { helper, stdout, stdin })
    }

    /// Asks, listens to the end, and waits until the helper is gone.
    pub(super) async fn exchange(&mut self, request: &[u8]) -> Result<Said, Problem> {
        // One that ended instead of listening is better known by how it ended.
        let _ = self.stdin.write_all(request).await;
        // One byte more than may come: it tells an answer that goes on from one that ends.
        let mut bytes = LockedBytes::new(MAX_ANSWER + 1)
            .map_err(|error| Problem::Unheard(io::Error::other(error)))?;
        let mut length = 0;
        loop {
            let count = self.stdout.read(&mut bytes[length..]).await.map_err(Problem::Unheard)?;
            length += count;
            if count == 0 || length == bytes.len() {
                break;
            }
        }
        if length == bytes.len() {
            // It may be writing on, for ever. What fills the buffer is refused as too large.
            self.helper.kill();
        }
        let status = self.helper.wait().await.map_err(Problem::Unheard)?;
        Ok(Said { bytes, length, status })
    }
}
