//! One line of input, read byte by byte into memory that is wiped.

use crate::MAX_PASSPHRASE;
use rustix::io::Errno;
use std::io;
use std::os::fd::BorrowedFd;
use zeroize::Zeroizing;

/// A line so far. What does not fit is read and forgotten, so that it does not become the
/// answer to the next question.
pub(super) struct Line {
    /// Boxed: an array that moves would leave copies behind on the stack.
    bytes: Zeroizing<Box<[u8]>>,
    len: usize,
}

/// What one byte meant.
pub(super) enum Step {
    More,
    /// The line is complete.
    Done,
    /// The input ended.
    End,
}

impl Line {
    pub(super) fn new() -> Self {
        Self { bytes: Zeroizing::new(vec![0; MAX_PASSPHRASE].into()), len: 0 }
    }

    /// Without the end of line.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub(super) fn read_byte(&mut self, from: BorrowedFd<'_>) -> io::Result<Step> {
        let mut byte = Zeroizing::new([0]);
        match rustix::io::read(from, byte.as_mut_slice()) {
            Ok(0) => return Ok(Step::End),
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Step::More),
            Err(errno) => return Err(errno.into()),
        }
        if matches!(byte[0], b'\n' | b'\r') {
            return Ok(Step::Done);
        }
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte[0];
            self.len += 1;
        }
        Ok(Step::More)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;

    fn lines(input: &[u8], count: usize) -> Vec<Vec<u8>> {
        let (read, mut write) = std::io::pipe().unwrap();
        let input = input.to_vec();
        std::thread::spawn(move || write.write_all(&input));
        let mut found = Vec::new();
        for _ in 0..count {
            let mut line = Line::new();
            while matches!(line.read_byte(read.as_fd()).unwrap(), Step::More) {}
            found.push(line.bytes().to_vec());
        }
        found
    }

    #[test]
    fn a_line_and_not_a_byte_more_is_taken() {
        assert_eq!(lines(b"one\ntwo\n", 2), [b"one".to_vec(), b"two".to_vec()]);
        assert_eq!(lines(b"one\rtwo", 2), [b"one".to_vec(), b"two".to_vec()]);
    }

    #[test]
    fn the_rest_of_a_long_line_is_not_the_next_answer() {
        let mut input = vec![b'a'; 5000];
        input.extend_from_slice(b"\nnext\n");
        let found = lines(&input, 2);
        assert_eq!(found[0].len(), MAX_PASSPHRASE);
        assert_eq!(found[1], b"next");
    }
}
