//! What an item is called, which is also what its files are called.
//!
//! A name must be one file on every system the store may be copied to, and one word in an
//! `ssh_config`: ASCII, no separators, nothing a file system folds or reserves.

use std::fmt;

use crate::limits::MAX_NAME;

/// A name of an item.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is no name. The text comes from outside: escape it before it is shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key cannot be called {name:?}: {problem}")]
pub struct NameError {
    /// The text.
    pub name: String,
    /// What is wrong.
    pub problem: &'static str,
}

/// Names that Windows keeps for itself, with any ending.
const RESERVED: [&str; 22] = [
    "aux", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "con", "lpt1",
    "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn",
];

impl Name {
    /// Checks a text.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn new(text: &str) -> Result<Self, NameError> {
        match problem(text) {
            None => Ok(Self(text.to_owned())),
            Some(problem) => {
                Err(NameError { name: text.chars().take(MAX_NAME).collect(), problem })
            }
        }
    }

    /// A name made of any text: a comment, the name of a file. Empty when nothing of it serves.
    #[must_use]
    pub fn proposed(text: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(text);
        let mut made = String::new();
        for character in text.trim().chars() {
            let fits = if is_allowed(character) { character } else { '-' };
            // One for a whole run of what does not fit.
            if fits != '-' || !(made.is_empty() || made.ends_with('-')) {
                made.push(fits);
            }
        }
        let made: String = made.trim_start_matches(['.', '-']).chars().take(MAX_NAME - 8).collect();
        let mut made = made.as_str();
        for ending in [".pub", ".sealed", "-cert"] {
            made = made.trim_end_matches(['-', '.']);
            made = made.strip_suffix(ending).unwrap_or(made);
        }
        let made = made.trim_end_matches(['-', '.']);
        if made.is_empty() {
            return None;
        }
        Self::new(made).or_else(|_| Self::new(&format!("key-{made}"))).ok()
    }

    /// The name with a number behind it, for a second of its kind.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Option<Self> {
        let room = MAX_NAME.saturating_sub(8);
        let stem: String = self.0.chars().take(room).collect();
        Self::new(&format!("{stem}-{number}")).ok()
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both would be one file where file names have no case.
    #[must_use]
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.@+=".contains(character)
}

fn problem(text: &str) -> Option<&'static str> {
    let lower = text.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    if text.is_empty() {
        Some("it is empty")
    } else if text.len() > MAX_NAME {
        Some("it is longer than 64 characters")
    } else if !text.chars().all(is_allowed) {
        Some("only letters of ASCII, digits and - _ . @ + = can be in it")
    } else if text.starts_with(['-', '.']) {
        Some("it begins like a flag or a hidden file")
    } else if text.ends_with('.') {
        Some("it ends in a full stop, which Windows drops")
    } else if lower.ends_with("-cert") || lower.ends_with(".pub") || lower.ends_with(".sealed") {
        Some("it ends like one of the files of a key")
    } else if RESERVED.contains(&stem) {
        Some("Windows keeps this name for itself")
    } else {
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_file_everywhere() {
        for good in ["work", "me@host", "id_ed25519", "a.b-c+d=e", &"x".repeat(64)] {
            assert_eq!(Name::new(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            ".",
            "..",
            ".work",
            "-work",
            "a/b",
            "a\\b",
            "a b",
            "a\nb",
            "ä",
            "work.",
            "con",
            "NUL.txt",
            "x.pub",
            "x.PUB",
            "x.sealed",
            "x-cert",
            "a*",
            "a\0",
            &"x".repeat(65),
        ] {
            assert!(Name::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn any_text_proposes_a_name_or_none() {
        let proposed = |text: &str| Name::proposed(text.as_bytes()).map(|name| name.to_string());
        assert_eq!(proposed("me@host").as_deref(), Some("me@host"));
        assert_eq!(proposed("My old key (2019).pem").as_deref(), Some("My-old-key-2019-.pem"));
        assert_eq!(proposed("../../etc/passwd").as_deref(), Some("etc-passwd"));
        assert_eq!(proposed("con").as_deref(), Some("key-con"));
        assert_eq!(proposed("id-cert.pub").as_deref(), Some("id"));
        assert_eq!(proposed("漢字"), None);
        assert_eq!(proposed(""), None);
        assert!(Name::proposed(&[b'x'; 500]).unwrap().numbered(12).is_some());
    }

    #[test]
    fn names_that_differ_in_case_only_are_one_file() {
        let name = |text| Name::new(text).unwrap();
        assert!(name("Work").is_same_file(&name("work")));
        assert!(!name("work").is_same_file(&name("work2")));
    }
}
