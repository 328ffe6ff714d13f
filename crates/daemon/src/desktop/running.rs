//! The helper at work: its process and the two pipes. Killed when this is dropped.

use std::io;
use std::time::Duration;

use keyfob_prompt::program;
use keyfob_sys::starter;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{Event, MAX_LINE, Order, Wishes};
use crate::starting::{Programs, Recipes};

/// How long it may take to read a line: one that hangs is ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// A helper.
pub(super) struct Running {
    stdin: program::Input,
    stdout: program::Output,
    /// What came and was not read yet. Kept here, so that whoever stops waiting loses nothing.
    buffer: Box<[u8; MAX_LINE + 1]>,
    filled: usize,
    helper: program::Running,
}

impl Running {
    /// Starts it with two pipes and what leads it to the buses.
    pub(super) async fn start(programs: &Programs, wishes: Wishes) -> io::Result<Self> {
        let order = starter::Order {
            recipe: Recipes::WATCH_DESKTOP,
            words: wishes.words().map(Into::into).collect(),
            variables: Vec::new(),
        };
        let mut helper = program::Running::start(programs.starter()?, &order).await?;
        let pipes = helper.stdin.take().zip(helper.stdout.take());
        let (stdin, stdout) = pipes.ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self { stdin, stdout, buffer: Box::new([0; MAX_LINE + 1]), filled: 0, helper })
    }

    /// The next thing it says; `UnexpectedEof` when it has ended, `InvalidData` when it says
    /// something else than a helper does.
    pub(super) async fn event(&mut self) -> io::Result<Event> {
        loop {
            if let Some(end) = self.buffer[..self.filled].iter().position(|byte| *byte == b'\n') {
                let event = Event::read(&self.buffer[..end]);
                self.buffer.copy_within(end + 1..self.filled, 0);
                self.filled -= end + 1;
                return event.ok_or_else(|| io::ErrorKind::InvalidData.into());
            }
            if self.filled == self.buffer.len() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            match self.stdout.read(&mut self.buffer[self.filled..]).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.filled += count,
            }
        }
    }

    /// Tells it something.
    pub(super) async fn tell(&mut self, order: &Order) -> io::Result<()> {
        let line = order.line();
        match timeout(PATIENCE, self.stdin.write_all(line.as_bytes())).await {
            Ok(written) => written,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// How it ended, once it has: for the log.
    pub(super) async fn end(mut self) -> String {
        self.helper.kill();
        match self.helper.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }
}
