//! Keys in lines of text: `.pub` files, `authorized_keys`, `known_hosts`.
//!
//! Not `keyfile`'s reader of such files: `ssh-keygen` shows what stands in
//! front of a key where there is no comment, whatever it is.

use keyfob_keys::{Error, PublicKey};

use crate::text;

/// A key and what stands around it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) key: PublicKey,
    /// What follows it, or else what stood in front.
    pub(super) comment: Option<&'a [u8]>,
}

/// The key in a line that may begin with options or host names.
pub(super) fn find(line: &[u8]) -> Option<Line<'_>> {
    let line = trim_start(line);
    if is_remark(line) {
        return None;
    }
    if let Ok((key, rest)) = key_at(line) {
        return Some(Line { key, comment: comment(rest) });
    }
    let (front, rest) = split_front(unmarked(line))?;
    let (key, rest) = key_at(rest).ok()?;
    Some(Line { key, comment: comment(rest).or(Some(front)) })
}

/// Whether nothing in a line counts.
pub(super) fn is_remark(line: &[u8]) -> bool {
    matches!(line.first(), None | Some(b'#'))
}

/// The key a text begins with, and what follows it.
pub(super) fn key_at(text: &[u8]) -> Result<(PublicKey, &[u8]), Error> {
    let (name, rest) = split_word(text);
    let (base64, rest) = split_word(trim_start(rest));
    // A line may end as other systems end lines.
    let base64 = base64.trim_ascii_end();
    let (key, _) = PublicKey::from_line(&text![name, " ", base64])?;
    Ok((key, rest))
}

/// Behind the blanks at the beginning.
pub(super) fn trim_start(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| is_blank(**byte)).count();
    text.get(blanks..).unwrap_or_default()
}

/// What is worth showing of what follows a key.
fn comment(rest: &[u8]) -> Option<&[u8]> {
    Some(trim_start(rest)).filter(|comment| !is_remark(comment))
}

/// Behind `@cert-authority` or `@revoked`.
fn unmarked(line: &[u8]) -> &[u8] {
    if line.starts_with(b"@") { trim_start(split_word(line).1) } else { line }
}

/// Options or host names, and what follows them: blanks within quotation marks do not end them.
/// A mere number stood there in the keys of version 1 of the protocol.
fn split_front(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut quoted = false;
    let mut escaped = false;
    let end = line.iter().position(|&byte| {
        match byte {
            b'"' if !escaped => quoted = !quoted,
            byte if is_blank(byte) && !quoted => return true,
            _ => {}
        }
        escaped = byte == b'\\';
        false
    })?;
    let (front, rest) = line.split_at(end);
    (!front.iter().all(u8::is_ascii_digit)).then(|| (front, trim_start(rest)))
}

fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| is_blank(*byte));
    text.split_at(end.unwrap_or(text.len()))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const KEY: &str = "ssh-ed25519 \
        AAAAC3NzaC1lZDI1NTE5AAAAICHDA8lQqRzKCQ+98CQBcLdxXOy3JA5e4XcQYGKyExJN";

    fn comment_of(line: &str) -> Option<Option<String>> {
        let found = find(line.as_bytes())?;
        Some(found.comment.map(|comment| String::from_utf8(comment.to_vec()).unwrap()))
    }

    #[test]
    fn a_comment_stands_behind_the_key_or_else_in_front() {
        for (line, comment) in [
            (KEY.to_owned(), None),
            (format!("{KEY} a b"), Some("a b")),
            (format!("{KEY}\r"), None),
            (format!(" \t{KEY}\t# a"), None),
            (format!("no-pty {KEY}"), Some("no-pty")),
            (format!("no-pty {KEY} # a"), Some("no-pty")),
            (format!("command=\"a \\\" b\",no-pty  {KEY} c"), Some("c")),
            (format!("host,10.0.0.1 {KEY}"), Some("host,10.0.0.1")),
            (format!("10.0.0.1 {KEY}"), Some("10.0.0.1")),
            (format!("@revoked host {KEY}"), Some("host")),
        ] {
            assert_eq!(comment_of(&line), Some(comment.map(str::to_owned)), "{line}");
        }
    }

    #[test]
    fn what_is_no_line_with_a_key_is_none() {
        for line in [
            String::new(),
            "  ".to_owned(),
            format!("# {KEY}"),
            format!("one two {KEY}"),
            format!("10 {KEY}"),
            format!("\"never ended {KEY}"),
            KEY.replace("ssh-ed25519", "ssh-rsa"),
            "ssh-ed25519".to_owned(),
            "ssh-ed25519 AAAA".to_owned(),
        ] {
            assert_eq!(comment_of(&line), None, "{line}");
        }
    }
}
