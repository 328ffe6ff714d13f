//! The readers of what lies in a log's folder, for `tests/fuzz`: each must refuse what it would not
//! have written. Not a part of the crate otherwise.

use crate::head::Head;
use crate::key_file::KeyFile;
use crate::line::Line;

/// Gives these bytes to each reader.
///
/// # Panics
/// When a reader takes something that is not written the same again.
#[allow(clippy::expect_used, clippy::panic, reason = "a fuzz target says what is wrong by ending")]
pub fn read(bytes: &[u8]) {
    if let Some(line) = Line::parse(bytes) {
        let mut written = Vec::new();
        Line::write(&mut written, line.body, &line.mac);
        assert_eq!(written.strip_suffix(b"\n"), Some(bytes));
    }
    let _ = Head::parse(bytes);
    if let Some(file) = KeyFile::parse(bytes) {
        assert_eq!(*file.encode(), bytes);
    }
}
