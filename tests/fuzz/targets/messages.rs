//! What the agent and its client read from each other: frames in pieces of any size, requests with
//! every extension, answers, and the data that is to be signed.
#![no_main]

use keyfob_protocol::destination::Constraint;
use keyfob_protocol::{FrameBuffer, Purpose, Reply, Request};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((piece, input)) = input.split_first() else { return };
    let _ = Request::decode(input);
    let _ = Reply::decode(input);
    let _ = Purpose::classify(input);
    if let Ok(constraint) = Constraint::from_bytes(input) {
        assert_eq!(Constraint::from_bytes(&constraint.to_bytes()).ok(), Some(constraint));
    }
    assert_eq!(bodies(input, input.len()), bodies(input, usize::from(*piece)));
});

/// The frames of a stream that comes in pieces of this size, until one is broken.
fn bodies(mut stream: &[u8], piece: usize) -> Vec<Vec<u8>> {
    let (mut buffer, mut bodies) = (FrameBuffer::new(), Vec::new());
    loop {
        loop {
            match buffer.next_frame() {
                Ok(Some(body)) => {
                    let _ = Request::decode(body);
                    bodies.push(body.to_vec());
                }
                Ok(None) => break,
                Err(_) => return bodies,
            }
            buffer.consume();
        }
        let taken = buffer.push(&stream[..stream.len().min(piece.max(1))]);
        if taken == 0 {
            return bodies;
        }
        stream = &stream[taken..];
    }
}
