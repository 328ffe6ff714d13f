//! Bytes in, frames out: `u32 length` and that many bytes of body.
//!
//! It splits a stream and knows the one limit; it does not read a body and performs no input.
//! What arrives may be a private key or a passphrase, so every byte is wiped when its frame has
//! been dealt with, when the buffer moves, and when it goes away.
//!
//! Memory follows the bytes *received*, never the length announced: four bytes that promise
//! 256 KiB cost nothing.

use zeroize::{Zeroize as _, Zeroizing};

use crate::limits::MAX_FRAME;

/// Bytes of the length field.
const HEADER: usize = 4;
/// Size of a new buffer. Ten thousand idle connections shall cost 5 MB, not 40.
const FIRST: usize = 512;
/// Size of a buffer that is in use; most requests fit into one read of it. A buffer that grew
/// beyond it for a large frame goes back to it.
const USUAL: usize = 4096;

/// Why a stream cannot be read any further. The connection is closed without a reply: nobody
/// knows where the next frame begins. (All other faults are inside a good frame and are
/// answered, see [`Refusal`](crate::Refusal).)
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// More than [`MAX_FRAME`] announced; known as soon as the length is there.
    #[error("frame of {announced} bytes announced, the limit is {MAX_FRAME}")]
    TooLong {
        /// The length announced.
        announced: u32,
    },
    /// Length 0: no message is that short. OpenSSH waits for a fifth byte and then fails on
    /// every frame after it; a client that sends this is broken either way, and it is better
    /// told at once than left waiting.
    #[error("frame without a message")]
    TooShort,
}

/// Collects received bytes and hands out one frame after the other.
///
/// The loop of a connection: take frames with [`next_frame`](Self::next_frame) until it says
/// `None`, then read into [`spare`](Self::spare) and tell how much with
/// [`filled`](Self::filled). In that order `spare` is never empty, and a client that sends
/// requests faster than they are answered is made to wait by its own socket.
#[derive(Default)]
pub struct FrameBuffer {
    /// All of it initialised; `bytes[start..end]` is received and not yet dealt with, the rest
    /// is zero.
    bytes: Zeroizing<Vec<u8>>,
    start: usize,
    end: usize,
    /// Length, header included, of the frame handed out last; it begins at `start`.
    taken: usize,
}

impl FrameBuffer {
    /// An empty buffer; memory is taken at the first read.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The body of the next complete frame, without its length, or `None` when more bytes are
    /// needed.
    ///
    /// The frame handed out before is wiped by this call, if [`consume`](Self::consume) has not
    /// done so already.
    ///
    /// # Errors
    /// The stream is broken; the same error is given again at each further call.
    pub fn next_frame(&mut self) -> Result<Option<&[u8]>, FrameError> {
        self.consume();
        let Some(header) = self.bytes[self.start..self.end].first_chunk::<HEADER>() else {
            return Ok(None);
        };
        let announced = u32::from_be_bytes(*header);
        let length = match usize::try_from(announced) {
            Ok(0) => return Err(FrameError::TooShort),
            Ok(length) if length <= MAX_FRAME => length,
            _ => return Err(FrameError::TooLong { announced }),
        };
        if self.end - self.start < HEADER + length {
            return Ok(None);
        }
        self.taken = HEADER + length;
        Ok(Some(
            &self.bytes[self.start + HEADER..self.start + self.taken],
        ))
    }

    /// Wipes the frame handed out last. Good to call as soon as a private key or a passphrase
    /// has been read from it; without one it does nothing.
    pub fn consume(&mut self) {
        if self.taken == 0 {
            return;
        }
        self.bytes[self.start..self.start + self.taken].zeroize();
        self.start += self.taken;
        self.taken = 0;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
        if self.bytes.len() > USUAL && self.end - self.start <= USUAL / 2 {
            self.move_to(USUAL);
        }
    }

    /// Room for the next read. Not empty, provided that all complete frames have been taken.
    pub fn spare(&mut self) -> &mut [u8] {
        if self.end == self.bytes.len() {
            self.make_room();
        }
        &mut self.bytes[self.end..]
    }

    /// Says how many bytes of [`spare`](Self::spare) have been filled. More than there was room
    /// for counts as all of it.
    pub fn filled(&mut self, count: usize) {
        self.end = self.bytes.len().min(self.end.saturating_add(count));
    }

    /// Takes over as many of `received` as there is room for and returns how many that were;
    /// all of them, unless complete frames are waiting to be taken. For a reader that has a
    /// buffer of its own, so that an idle connection needs none.
    pub fn push(&mut self, received: &[u8]) -> usize {
        let mut rest = received;
        while !rest.is_empty() {
            let room = self.spare();
            let count = room.len().min(rest.len());
            if count == 0 {
                break;
            }
            room[..count].copy_from_slice(&rest[..count]);
            self.filled(count);
            rest = &rest[count..];
        }
        received.len() - rest.len()
    }

    /// Whether bytes of an unfinished frame are held: the end of the stream here is a cut, not
    /// a goodbye.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start + self.taken == self.end
    }

    /// How many bytes have arrived and are not dealt with.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// Bytes of memory held, to be added up by whoever accounts for all connections.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// The buffer is full to its end: move what is left to the front, or grow.
    fn make_room(&mut self) {
        let held = self.end - self.start;
        if self.start > 0 && held <= self.bytes.len() / 2 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.bytes[held..].zeroize();
            self.start = 0;
            self.end = held;
            return;
        }
        // Never above what one frame may need. At that size an unfinished frame leaves room,
        // and a finished one has to be taken first.
        let size = match self.bytes.len() {
            0 => FIRST,
            length if length < USUAL => USUAL,
            length => (2 * length).min(HEADER + MAX_FRAME),
        };
        if size > held {
            self.move_to(size);
        }
    }

    /// Into a fresh buffer of `size` bytes, at least as many as are held. Not `Vec::resize`:
    /// that may free the old memory without wiping it.
    fn move_to(&mut self, size: usize) {
        let held = self.start..self.end;
        let mut fresh = Zeroizing::new(vec![0; size]);
        fresh[..held.len()].copy_from_slice(&self.bytes[held.clone()]);
        self.bytes = fresh;
        self.start = 0;
        self.end = held.len();
    }
}

impl std::fmt::Debug for FrameBuffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FrameBuffer")
            .field("held", &(self.end - self.start))
            .field("capacity", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
