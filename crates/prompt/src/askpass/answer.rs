//! What an asking program wrote: bounded, and wiped.

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
