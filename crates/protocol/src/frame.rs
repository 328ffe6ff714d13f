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
    /// Length 0: no message is that short (RFC 9987 §5). OpenSSH does not look before a fifth
    /// byte is there; a client that sends this is broken either way, and it is better told at
    /// once than left waiting.
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
            Ok(length) if length <= MAX_FRAME => length,
            _ => return Err(FrameError::TooLong { announced }),
        };
        if self.end - self.start < HEADER + length {
            return Ok(None);
        }
        self.taken = HEADER + length;
        Ok(Some(&self.bytes[self.start + HEADER..self.start + self.taken]))
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

    /// Gives back its memory, if nothing is held: good to call when the next bytes may be long in
    /// coming.
    pub fn rest(&mut self) {
        if self.start == self.end {
            // Nothing but zeros: there is nothing to wipe.
            drop(std::mem::take(&mut *self.bytes));
            (self.start, self.end) = (0, 0);
        }
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

    /// Whether nothing is held but the frame handed out last. If something is, the end of the
    /// stream is a cut, not a goodbye.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start + self.taken == self.end
    }

    /// How many bytes have arrived and are not dealt with.
    #[must_use]
    pub fn len(&self) -> usize {
        self.end - self.start - self.taken
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(body: &[u8]) -> Vec<u8> {
        let mut bytes = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend_from_slice(body);
        bytes
    }

    /// Feeds `stream` in pieces of `size` bytes, as a connection would, and collects the bodies.
    fn feed(buffer: &mut FrameBuffer, stream: &[u8], size: usize) -> Vec<Vec<u8>> {
        let mut bodies = Vec::new();
        let mut rest = stream;
        while !rest.is_empty() {
            let room = buffer.spare();
            assert!(!room.is_empty(), "a read into nothing looks like the end");
            let count = room.len().min(size).min(rest.len());
            room[..count].copy_from_slice(&rest[..count]);
            buffer.filled(count);
            rest = &rest[count..];
            while let Some(body) = buffer.next_frame().unwrap() {
                bodies.push(body.to_vec());
            }
        }
        bodies
    }

    fn nothing_but_held_bytes_is_left_in(buffer: &FrameBuffer) -> bool {
        let (before, after) = (&buffer.bytes[..buffer.start], &buffer.bytes[buffer.end..]);
        before.iter().chain(after).all(|&byte| byte == 0)
    }

    /// Lost otherwise: each idle connection costs a buffer.
    #[test]
    fn an_empty_buffer_that_rests_holds_no_memory_and_others_lose_nothing() {
        let mut buffer = FrameBuffer::new();
        let stream = frame(b"body");
        assert_eq!(buffer.push(&stream[..5]), 5);
        buffer.rest();
        assert_eq!(buffer.push(&stream[5..]), stream.len() - 5);
        buffer.rest();
        assert_eq!(buffer.next_frame().unwrap(), Some(&b"body"[..]));
        buffer.rest();
        assert!(buffer.capacity() > 0, "the frame is being looked at");
        buffer.consume();
        buffer.rest();
        assert_eq!(buffer.capacity(), 0);
        assert_eq!(feed(&mut buffer, &stream, 3), [b"body".to_vec()]);
    }

    /// Lost otherwise: split and batched requests are dropped or cut, as other agents did.
    #[test]
    fn p7_reads_and_messages_need_not_coincide() {
        let bodies: Vec<Vec<u8>> = (1..=100).map(|n: u8| vec![n; usize::from(n)]).collect();
        let stream: Vec<u8> = bodies.iter().flat_map(|body| frame(body)).collect();
        for size in [1, 2, 3, 5, 511, 512, 513, 4096, stream.len()] {
            let mut buffer = FrameBuffer::new();
            assert_eq!(feed(&mut buffer, &stream, size), bodies, "pieces of {size}");
            assert!(buffer.is_empty());
        }
    }

    /// Lost otherwise: certificates and large signatures of data work until they are large.
    #[test]
    fn p7_the_longest_frame_passes_in_pieces_of_any_size() {
        let body: Vec<u8> = (0..MAX_FRAME).map(|n| n as u8).collect();
        let stream = [frame(&body), frame(b"\x0b")].concat();
        for size in [1, 4096, stream.len()] {
            let mut buffer = FrameBuffer::new();
            let bodies = feed(&mut buffer, &stream, size);
            assert!(bodies == [body.clone(), b"\x0b".to_vec()], "pieces of {size}");
            assert!(buffer.capacity() <= USUAL, "memory is given back");
        }
    }

    /// Lost otherwise: four bytes from anybody reserve gigabytes.
    #[test]
    fn p6_nothing_is_allocated_from_an_announced_length() {
        let mut buffer = FrameBuffer::new();
        assert_eq!(buffer.capacity(), 0, "an idle connection costs nothing");
        buffer.push(&u32::try_from(MAX_FRAME).unwrap().to_be_bytes());
        assert_eq!(buffer.next_frame(), Ok(None));
        assert_eq!(buffer.capacity(), FIRST);
        for received in 5..=MAX_FRAME {
            assert_eq!(buffer.push(&[1]), 1);
            assert!(buffer.capacity() <= (2 * received).max(USUAL));
        }
    }

    #[test]
    fn p6_a_frame_that_is_too_long_is_known_by_its_length_alone() {
        for announced in [u32::try_from(MAX_FRAME).unwrap() + 1, u32::MAX] {
            let mut buffer = FrameBuffer::new();
            buffer.push(&announced.to_be_bytes()[..3]);
            assert_eq!(buffer.next_frame(), Ok(None));
            buffer.push(&announced.to_be_bytes()[3..]);
            let broken = Err(FrameError::TooLong { announced });
            assert_eq!(buffer.next_frame(), broken);
            assert_eq!(buffer.next_frame(), broken, "and stays broken");
        }
    }

    /// Lost otherwise: the connection hangs, as OpenSSH's does, or ends for what the agent can
    /// answer like any other request it does not understand.
    #[test]
    fn a_frame_without_a_message_is_a_frame_all_the_same() {
        let mut buffer = FrameBuffer::new();
        buffer.push(&frame(b"\x0b"));
        buffer.push(&[0; 4]);
        buffer.push(&frame(b"\x13"));
        assert_eq!(buffer.next_frame(), Ok(Some(&b"\x0b"[..])));
        assert_eq!(buffer.next_frame(), Ok(Some(&b""[..])));
        assert_eq!(buffer.next_frame(), Ok(Some(&b"\x13"[..])));
        assert_eq!(buffer.next_frame(), Ok(None));
    }

    /// Lost otherwise: private keys and passphrases stay in the memory of the agent.
    #[test]
    fn no_byte_of_a_frame_is_left_when_it_has_been_dealt_with() {
        let mut buffer = FrameBuffer::new();
        buffer.push(&[frame(&[0xff; 300]), frame(&[0xee; 200]), vec![0, 0]].concat());
        assert!(buffer.next_frame().unwrap().is_some());
        buffer.consume();
        assert!(nothing_but_held_bytes_is_left_in(&buffer));
        assert!(buffer.next_frame().unwrap().is_some());
        assert!(buffer.next_frame().unwrap().is_none());
        assert!(nothing_but_held_bytes_is_left_in(&buffer));
        assert!(!buffer.is_empty(), "the cut of the next one is held");
        // Moved to the front when the end is reached, and wiped where it was.
        let mut rest = vec![1, 0];
        rest.resize(2 + 256, 0xdd);
        rest.extend_from_slice(&[0xcc; 40]);
        feed(&mut buffer, &rest[..258], 100);
        assert!(nothing_but_held_bytes_is_left_in(&buffer));
    }

    /// Lost otherwise: the hot path pays for memory at every request.
    #[test]
    fn one_read_of_one_frame_allocates_nothing() {
        let mut buffer = FrameBuffer::new();
        feed(&mut buffer, &frame(&[7; 900]), usize::MAX);
        let memory = buffer.bytes.as_ptr();
        for _ in 0..100 {
            let pieces = feed(&mut buffer, &frame(&[7; 900]), usize::MAX);
            assert_eq!(pieces.len(), 1);
        }
        assert_eq!(buffer.bytes.as_ptr(), memory);
    }

    #[test]
    fn a_frame_stays_readable_while_more_is_read_behind_it() {
        let mut buffer = FrameBuffer::new();
        buffer.push(&frame(&[3; 400]));
        assert!(buffer.next_frame().unwrap().is_some());
        buffer.push(&frame(&[4; 5000]));
        assert_eq!(buffer.next_frame(), Ok(Some(&[4; 5000][..])));
        assert_eq!(buffer.next_frame(), Ok(None));
    }

    /// Lost otherwise: a client that never waits for its answers fills the memory.
    #[test]
    fn complete_frames_that_nobody_takes_end_the_reading() {
        let mut buffer = FrameBuffer::new();
        let stream = frame(&[1; 1000]).repeat(1000);
        let taken = buffer.push(&stream);
        assert!(taken < stream.len() && buffer.capacity() <= MAX_FRAME + HEADER);
        let mut whole = 0;
        while buffer.next_frame().unwrap().is_some() {
            whole += 1;
        }
        assert_eq!(whole, taken / 1004);
        assert!(!buffer.spare().is_empty());
    }

    #[test]
    fn it_does_not_print_what_it_holds() {
        let mut buffer = FrameBuffer::new();
        buffer.push(b"\0\0\0\x09\x16\0\0\0\x04hush");
        assert!(!format!("{buffer:?}").contains("hush"));
    }

    proptest! {
        #[test]
        fn any_frames_in_any_pieces_come_out_as_they_went_in(
            sizes in prop::collection::vec(1..3000_usize, 1..20),
            pieces in prop::collection::vec(1..2000_usize, 1..20),
        ) {
            let bodies: Vec<Vec<u8>> = sizes.iter().map(|&size| vec![size as u8; size]).collect();
            let stream: Vec<u8> = bodies.iter().flat_map(|body| frame(body)).collect();
            let mut buffer = FrameBuffer::new();
            let mut seen = Vec::new();
            let (mut rest, mut turn) = (&stream[..], pieces.iter().cycle());
            while !rest.is_empty() {
                let count = rest.len().min(*turn.next().unwrap());
                seen.extend(feed(&mut buffer, &rest[..count], usize::MAX));
                rest = &rest[count..];
                prop_assert!(nothing_but_held_bytes_is_left_in(&buffer));
            }
            prop_assert_eq!(seen, bodies);
        }

        #[test]
        fn any_bytes_at_all_break_nothing(stream in prop::collection::vec(any::<u8>(), 0..5000)) {
            let mut buffer = FrameBuffer::new();
            buffer.push(&stream);
            while let Ok(Some(body)) = buffer.next_frame() {
                prop_assert!(!body.is_empty());
            }
        }
    }
}
