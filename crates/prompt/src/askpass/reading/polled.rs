//! By descriptors, which are looked at without waiting.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, ChildStdout, ExitStatus};
use std::time::Instant;

use crate::askpass::answer::{Answer, Progress};
use crate::program::Output;

impl Answer {
    /// Takes what a program that has ended wrote: all of that is there by now.
    #[allow(clippy::unused_async, reason = "the same for all systems")]
    pub(in crate::askpass) async fn take_rest(&mut self, from: &mut Output) -> io::Result<()> {
        self.take_what_is_there(from.as_fd())
    }

    /// Takes what is there now; the descriptor does not block.
    fn take_what_is_there(&mut self, from: BorrowedFd<'_>) -> io::Result<()> {
        loop {
            match rustix::io::read(from, self.spare()) {
                Ok(count) if self.filled(count) == Progress::Done => return Ok(()),
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(()),
                Err(errno) => return Err(errno.into()),
            }
        }
    }

    /// Reads the answer of a child and waits for its end; `None` when the time is over.
    ///
    /// The end of the child is enough: something it started may hold the pipe for ever.
    pub(in crate::askpass) fn read_and_wait(
        child: &mut Child,
        deadline: Option<Instant>,
    ) -> io::Result<Option<(Self, ExitStatus)>> {
        let mut answer = Self::new();
        let ended = keyfob_sys::process::watch(child.id()).ok();
        let stdout = child.stdout.take();
        if let Some(stdout) = &stdout
            && !answer.read_until_end(stdout, ended.as_ref(), deadline)?
        {
            return Ok(None);
        }
        // Closed first: a program that writes on must not wait for us, nor we for it.
        drop(stdout);
        if let Some(ended) = &ended
            && !is_ready(&mut [PollFd::new(ended, PollFlags::IN)], deadline)?
        {
            return Ok(None);
        }
        Ok(Some((answer, child.wait()?)))
    }

    /// `false` when the time is over.
    fn read_until_end(
        &mut self,
        stdout: &ChildStdout,
        ended: Option<&OwnedFd>,
        deadline: Option<Instant>,
    ) -> io::Result<bool> {
        rustix::io::ioctl_fionbio(stdout, true)?;
        loop {
            let mut both = vec![PollFd::new(stdout, PollFlags::IN)];
            both.extend(ended.map(|ended| PollFd::new(ended, PollFlags::IN)));
            if !is_ready(&mut both, deadline)? {
                return Ok(false);
            }
            let over = both.get(1).is_some_and(|ended| !ended.revents().is_empty());
            if over {
                self.take_what_is_there(stdout.as_fd())?;
                return Ok(true);
            }
            match rustix::io::read(stdout, self.spare()) {
                Ok(count) if self.filled(count) == Progress::Done => return Ok(true),
                Ok(_) | Err(Errno::INTR | Errno::AGAIN) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
    }
}

/// Waits for any of them; `false` when the time is over.
fn is_ready(descriptors: &mut [PollFd<'_>], deadline: Option<Instant>) -> io::Result<bool> {
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(descriptors, left.as_ref()) {
            Ok(count) => return Ok(count > 0),
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
