//! The mark of a file that `keyfob install` wrote: a first line, with a checksum of the rest.
//!
//! It tells three kinds of file apart, also those that another version wrote: ours as it was
//! written, ours with changes of somebody else, and somebody else's. It is no protection: who
//! can write to the folder can write the line too.

use sha2::{Digest as _, Sha256};

/// What the line says between the sign of a comment and the checksum.
const WORDS: &str =
    "Written by keyfob install; keyfob uninstall removes it unless it was changed. sha256:";

/// How a file writes comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Units, and files in environment.d.
    #[cfg_attr(target_os = "macos", allow(dead_code, reason = "of systemd"))]
    Lines,
    /// XML, whose very first line tells that it is that.
    #[cfg_attr(not(target_os = "macos"), allow(dead_code, reason = "of launchd"))]
    Xml,
}

impl Kind {
    const ALL: [Self; 2] = [Self::Lines, Self::Xml];

    /// What is in front of the words, and behind the checksum.
    fn around(self) -> (&'static str, &'static str) {
        match self {
            Self::Lines => ("# ", "\n"),
            Self::Xml => ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- ", " -->\n"),
        }
    }
}

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
pub(super) fn stamped(content: &[u8], kind: Kind) -> Vec<u8> {
    let (before, behind) = kind.around();
    let line = format!("{before}{WORDS}{}{behind}", checksum(content));
    [line.as_bytes(), content].concat()
}

/// Whose this file is.
pub(super) fn whose(file: &[u8]) -> Whose {
    let marked = Kind::ALL.into_iter().find_map(|kind| {
        let (before, behind) = kind.around();
        let rest = file.strip_prefix(before.as_bytes())?.strip_prefix(WORDS.as_bytes())?;
        Some((rest, behind.as_bytes()))
    });
    let Some((rest, behind)) = marked else { return Whose::Foreign };
    let (said, rest) = rest.split_at_checked(SUM).unwrap_or_default();
    match rest.strip_prefix(behind) {
        Some(content) if said == checksum(content).as_bytes() => Whose::Ours,
        _ => Whose::Changed,
    }
}

/// Digits of a checksum.
const SUM: usize = 64;

fn checksum(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_ours_to_the_last_byte() {
        for kind in Kind::ALL {
            let file = stamped(b"one\ntwo\n", kind);
            assert_eq!(whose(&file), Whose::Ours);
            assert_eq!(whose(&[file.as_slice(), b"three\n"].concat()), Whose::Changed);
            assert_eq!(whose(&file[..file.len() - 1]), Whose::Changed);
            assert_eq!(whose(&file[..file.len() - 9]), Whose::Changed);
            assert_eq!(whose(&[b"\n", file.as_slice()].concat()), Whose::Foreign);
            assert_eq!(whose(&stamped(b"", kind)), Whose::Ours);
        }
        assert_eq!(whose(format!("# {WORDS}").as_bytes()), Whose::Changed);
        assert_eq!(whose(b"one\ntwo\n"), Whose::Foreign);
        assert_eq!(whose(b"# one"), Whose::Foreign);
        assert_eq!(whose(b""), Whose::Foreign);
    }

    /// Those of the versions before are known.
    #[test]
    fn the_line_is_what_it_was() {
        let line = "# Written by keyfob install; keyfob uninstall removes it unless it was changed. \
                    sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n";
        assert_eq!(stamped(b"", Kind::Lines), line.as_bytes());
    }
}
