//! One line of a known hosts file, split into its fields (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
//!
//! Does not compare names and does not decide what a marker means.

use base64ct::{Base64, Encoding as _};
use keyfob_keys::PublicKey;

/// What stands before the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Nothing: the host's own key.
    None,
    /// `@cert-authority`: a key that signs host keys.
    Authority,
    /// `@revoked`: never to be accepted.
    Revoked,
}

/// The fields, the key still as text: most lines are for other hosts, and
/// decoding their keys would be wasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) marker: Marker,
    /// Names and patterns with commas between, or one hashed name.
    pub(crate) names: &'a [u8],
    key: &'a [u8],
}

impl<'a> Line<'a> {
    /// Splits a line; comments and empty lines are `None`.
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Option<Self>, &'static str> {
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() || bytes.starts_with(b"#") {
            return Ok(None);
        }
        let (first, after) = word(bytes);
        let (marker, (names, key)) = match first {
            b"@cert-authority" => (Marker::Authority, word(after)),
            b"@revoked" => (Marker::Revoked, word(after)),
            [b'@', ..] => return Err("unknown marker"),
            names => (Marker::None, (names, after)),
        };
        if names.is_empty() || key.is_empty() {
            return Err("a field is missing");
        }
        Ok(Some(Self { marker, names, key }))
    }

    /// The key's bytes, not looked into: for a table of all the keys of a file, which is only ever
    /// searched for keys that somebody has read.
    pub(crate) fn blob(&self) -> Option<Vec<u8>> {
        let (_, rest) = word(self.key);
        let base64 = std::str::from_utf8(word(rest).0).ok()?;
        Base64::decode_vec(base64).ok().filter(|blob| !blob.is_empty())
    }

    /// Decodes the key; what follows it is a comment. A key no agent takes for a host's is no key.
    pub(crate) fn key(&self) -> keyfob_keys::Result<PublicKey> {
        let (key, _) = PublicKey::from_line(self.key)?;
        key.ensure_verifies()?;
        Ok(key)
    }
}

/// The first word and what follows it.
fn word(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(bytes.len());
    let (word, rest) = bytes.split_at(end);
    (word, rest.trim_ascii_start())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parse(text: &str) -> Line<'_> {
        Line::parse(text.as_bytes()).unwrap().unwrap()
    }

    #[test]
    fn blanks_of_any_kind_separate_the_fields() {
        let line = parse(" \t@revoked\t a,b  ssh-ed25519 AAAA  me\r");
        assert_eq!(line.marker, Marker::Revoked);
        assert_eq!(line.names, b"a,b");
        assert_eq!(line.key, b"ssh-ed25519 AAAA  me");
    }

    #[test]
    fn comments_and_empty_lines_are_nothing() {
        assert_eq!(Line::parse(b"  # x"), Ok(None));
        assert_eq!(Line::parse(b" \t\r"), Ok(None));
    }
}
