//! What the agent and the process that asks for it tell each other on two pipes.

use keyfob_daemon::ways::{Answer, Request};
use keyfob_sys::fuzzing::taken_by;

/// Reads these bytes as a question, with and without the length that goes in front, and as an
/// answer.
///
/// # Panics
/// When something is not read as it was written, or takes more memory than it has bytes.
pub fn read(bytes: &[u8]) {
    question(bytes);
    let length = u32::try_from(bytes.len()).expect("an input is short");
    question(&[&length.to_be_bytes(), bytes].concat());
    answer(bytes);
}

fn question(bytes: &[u8]) {
    let mut pipe = bytes;
    let (read, taken) = taken_by(|| Request::read(&mut pipe));
    assert!(taken <= room(bytes), "{taken} bytes for {}", bytes.len());
    let Ok(request) = read else { return };
    let written = request.encode().expect("as long as what was read");
    assert_eq!(written.len(), bytes.len() - pipe.len(), "it takes what is its own");
    assert_eq!(Request::read(&mut &*written).ok(), Some(request));
}

fn answer(bytes: &[u8]) {
    let (read, taken) = taken_by(|| Answer::decode(bytes));
    assert!(taken <= room(bytes), "{taken} bytes for {}", bytes.len());
    let Ok(answer) = read else { return };
    let written = answer.encode();
    // A reason is made harmless, and shortened.
    assert!(*written == *bytes || matches!(answer, Answer::Unreachable(_)));
    let again = Answer::decode(&written).expect("what was written");
    assert_eq!(*again.encode(), *written);
}

/// A buffer that grows, a text spelt out, and the text of an error.
fn room(bytes: &[u8]) -> usize {
    16 * bytes.len() + 1024
}
