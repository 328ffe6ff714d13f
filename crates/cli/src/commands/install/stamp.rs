//! The mark of a file that `keyfob install` wrote: a first line, with a checksum of the rest.
//!
//! It tells three kinds of file apart, also those that another version wrote: ours as it was
//! written, ours with changes of somebody else, and somebody else's. It is no protection: who
//! can write to the folder can write the line too.

use sha2::{Digest as _, Sha256};

/// What the line says in front of the checksum. A comment in units, and in environment.d.
const LINE: &str =
    "# Written by keyfob install; keyfob uninstall removes it unless it was changed. sha256:";

/// Whose a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// Ours, as it was written.
    Ours,
    /// Ours, and somebody changed it.
    Changed,
    /// Somebody else's.
    Foreign,
}

/// The content with the line in front.
pub(super) fn stamped(content: &[u8]) -> Vec<u8> {
    [LINE.as_bytes(), checksum(content).as_bytes(), b"\n", content].concat()
}

/// Whose this file is.
pub(super) fn whose(file: &[u8]) -> Whose {
    let Some(rest) = file.strip_prefix(LINE.as_bytes()) else { return Whose::Foreign };
    let end = rest.iter().position(|byte| *byte == b'\n');
    let parts = end.map(|end| (&rest[..end], &rest[end + 1..]));
    match parts {
        Some((said, content)) if said == checksum(content).as_bytes() => Whose::Ours,
        _ => Whose::Changed,
    }
}

fn checksum(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_ours_to_the_last_byte() {
        let file = stamped(b"one\ntwo\n");
        assert_eq!(whose(&file), Whose::Ours);
        assert_eq!(whose(&[file.as_slice(), b"three\n"].concat()), Whose::Changed);
        assert_eq!(whose(&file[..file.len() - 1]), Whose::Changed);
        assert_eq!(whose(LINE.as_bytes()), Whose::Changed);
        assert_eq!(whose(b"one\ntwo\n"), Whose::Foreign);
        assert_eq!(whose(&[b"\n", file.as_slice()].concat()), Whose::Foreign);
        assert_eq!(whose(&stamped(b"")), Whose::Ours);
    }
}
