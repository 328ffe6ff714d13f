//! Lines with a public key: `type base64 comment`, alone or behind something else, as in
//! `authorized_keys` (options) and `known_hosts` (a marker and the names of a host).
//!
//! What stands in front is handed on as it is and not understood here.

use keyfob_keys::{Algorithm, PublicKey};

use crate::error::{Error, escaped};
use crate::format::Format;
use crate::public::checked;

/// Words in front of the key: a marker and the names of a host are two.
const MOST_WORDS: usize = 2;

/// A key and its comment.
pub(crate) type Commented = (PublicKey, Vec<u8>);

/// Whether a line has a key: a type name and behind it the base64 of a string (whose length
/// has two zero bytes in front).
pub(crate) fn has_key(line: &[u8]) -> bool {
    split(line).is_some()
}

/// Reads a line: what is in front of the key, the key, its comment.
pub(crate) fn read(line: &[u8]) -> (&[u8], Result<Commented, Error>) {
    match split(line) {
        Some((before, key)) => (before, read_key(key)),
        None => (&[], Err(Error::NotAKey)),
    }
}

fn read_key(text: &[u8]) -> Result<Commented, Error> {
    let read = PublicKey::from_line(text).and_then(|(key, comment)| Ok((checked(key)?, comment)));
    read.map_err(|error| match error {
        keyfob_keys::Error::UnknownAlgorithm(_) if !has_known_name(text) => {
            Error::key_type(&escaped(word(text)))
        }
        keyfob_keys::Error::UnknownAlgorithm(_) => {
            Error::corrupt(Format::PublicLine, "type and key differ")
        }
        error => Error::of_key(Format::PublicLine, error),
    })
}

/// What is in front of the key, and the line from the key on.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = line;
    for _ in 0..=MOST_WORDS {
        if begins_with_key(key) {
            let before = &line[..line.len() - key.len()];
            return Some((before.trim_ascii_end(), key));
        }
        key = key[quoted_word(key).len()..].trim_ascii_start();
    }
    None
}

fn begins_with_key(text: &[u8]) -> bool {
    let name = word(text);
    let is_name = has_known_name(text)
        || [&b"ssh-"[..], b"ecdsa-", b"sk-"].iter().any(|prefix| name.starts_with(prefix));
    is_name && text[name.len()..].trim_ascii_start().starts_with(b"AAAA")
}

fn has_known_name(text: &[u8]) -> bool {
    std::str::from_utf8(word(text)).is_ok_and(|name| Algorithm::from_name(name).is_some())
}

/// The text up to the first blank.
fn word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| matches!(byte, b' ' | b'\t'));
    &text[..end.unwrap_or(text.len())]
}

/// As [`word`], but blanks between quotation marks do not end it (sshd(8), AUTHORIZED_KEYS
/// FILE FORMAT); a backslash keeps a quotation mark from being one.
fn quoted_word(text: &[u8]) -> &[u8] {
    let mut quoted = false;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' if text.get(at + 1) == Some(&b'"') => at += 1,
            b'"' => quoted = !quoted,
            b' ' | b'\t' if !quoted => break,
            _ => {}
        }
        at += 1;
    }
    &text[..at]
}

#[cfg(test)]
mod tests {
    use keyfob_keys::PrivateKey;

    use super::*;

    fn line(before: &str, after: &str) -> Vec<u8> {
        let key = PrivateKey::ed25519_from_seed(&[1; 32]).public().to_line(b"");
        [before.as_bytes(), &key, after.as_bytes()].concat()
    }

    #[test]
    fn what_stands_in_front_of_a_key_is_handed_on() {
        for before in [
            "",
            "restrict",
            "from=\"10.0.0.0/8, 192.168.0.1\",no-pty",
            r#"command="echo \"a b\" \",restrict",no-pty"#,
            "example.com,192.0.2.1",
            "[example.com]:2222",
            "|1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM=",
            "@cert-authority *.example.com",
            "@revoked *",
        ] {
            let blank = if before.is_empty() { "" } else { " \t" };
            let text = line(&format!("{before}{blank}"), " a comment");
            let (found, key) = read(&text);
            assert_eq!(found, before.as_bytes());
            assert_eq!(key.unwrap().1, b"a comment");
        }
    }

    #[test]
    fn a_key_inside_an_option_is_none() {
        let text = line("command=\"", "\"");
        assert!(!has_key(&text));
        let text = line("a key of mine: ", "");
        assert!(!has_key(&text), "words of a sentence");
        for text in ["", "ssh-ed25519", "ssh-ed25519 AAA", "host name", "\"", "a\\"] {
            assert!(!has_key(text.as_bytes()), "{text}");
        }
    }
}
