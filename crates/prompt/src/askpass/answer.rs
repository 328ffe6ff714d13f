//! What an asking program wrote: bounded, and wiped.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::process::{Child, ChildStdout, ExitStatus};
use std::time::Instant;
use zeroize::Zeroizing;

/// As much as OpenSSH takes.
const SIZE: usize = 1024;

pub(super) struct Answer {
    /// Boxed: an array that moves would leave copies behind on the stack.
    bytes: Zeroizing<Box<[u8]>>,
    len: usize,
}

/// May there be more?
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Perhaps later.
    More,
    /// It ended, or the answer is full.
    Done,
}

impl Answer {
    pub(super) fn new() -> Self {
        Self { bytes: Zeroizing::new(vec![0; SIZE].into()), len: 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Success with no output, or with `yes`, means yes; anything else means no.
    pub(super) fn is_yes(&self) -> bool {
        let end = self.bytes().iter().position(|byte| matches!(byte, b'\n' | b'\r' | 0));
        let line = &self.bytes()[..end.unwrap_or(self.len)];
        line.is_empty() || line.eq_ignore_ascii_case(b"yes")
    }

    /// The part still to be filled, and what to do with the number of bytes that came.
    pub(super) fn spare(&mut self) -> &mut [u8] {
        &mut self.bytes[self.len..]
    }

    pub(super) fn filled(&mut self, count: usize) -> Progress {
        self.len = self.bytes.len().min(self.len + count);
        if count == 0 || self.len == SIZE { Progress::Done } else { Progress::More }
    }

    /// Takes what is there now; the descriptor does not block.
    pub(super) fn take_rest(&mut self, from: BorrowedFd<'_>) -> io::Result<()> {
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
    pub(super) fn read_and_wait(
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
                self.take_rest(stdout.as_fd())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(text: &[u8]) -> Answer {
        let mut answer = Answer::new();
        answer.spare()[..text.len()].copy_from_slice(text);
        answer.filled(text.len());
        answer
    }

    #[test]
    fn yes_is_nothing_or_yes() {
        for yes in [&b""[..], b"\n", b"yes", b"YES\n", b"Yes\r\n"] {
            assert!(answer(yes).is_yes(), "{yes:?}");
        }
        for no in [&b"no"[..], b"no\n", b"y", b" yes", b"yes please", b"0", b"\xff"] {
            assert!(!answer(no).is_yes(), "{no:?}");
        }
    }

    #[test]
    fn an_answer_never_grows_beyond_its_size() {
        let mut full = answer(&[b'a'; SIZE - 1]);
        assert!(full.filled(1) == Progress::Done);
        assert_eq!(full.spare().len(), 0);
    }
}
