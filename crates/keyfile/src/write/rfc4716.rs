//! Public keys in the form of RFC 4716.
//!
//! The RFC leaves open how a quotation mark stands inside a quoted comment. It is written as
//! PuTTY does, with a backslash in front of it and of every backslash: PuTTY takes every
//! backslash in a comment for such a one, and `DOMAIN\user` would lose its own.

use base64ct::{Base64, Encoding};
use keyfob_keys::PublicKey;

use super::armour::put_lines;
use crate::error::Error;

/// Bytes of a line without its end (RFC 4716 §3.1).
const MAX_LINE: usize = 72;

/// Bytes of a header's value (RFC 4716 §3.3).
const MAX_VALUE: usize = 1024;

/// Columns of base64: as ssh-keygen.
const COLUMNS: usize = 70;

const BEGIN: &[u8] = b"---- BEGIN SSH2 PUBLIC KEY ----\n";
const END: &[u8] = b"---- END SSH2 PUBLIC KEY ----\n";

/// Writes the file. A key without a comment has no Comment header.
pub(super) fn write(key: &PublicKey, comment: &[u8]) -> Result<Vec<u8>, Error> {
    let mut text = BEGIN.to_vec();
    if !comment.is_empty() {
        put_comment(&mut text, comment)?;
    }
    put_lines(&mut text, Base64::encode_string(key.blob()).as_bytes(), COLUMNS);
    text.extend_from_slice(END);
    Ok(text)
}

/// `Comment: "…"`, in as many lines as it needs, each but the last with a backslash behind it.
fn put_comment(text: &mut Vec<u8>, comment: &[u8]) -> Result<(), Error> {
    let value = quoted(comment);
    if value.len() > MAX_VALUE {
        return Err(Error::Comment("it is longer than the 1024 bytes of RFC 4716"));
    }
    let header = [b"Comment: ", &value[..]].concat();
    let mut rest = &header[..];
    let mut is_first = true;
    while let Some((piece, more)) = split(rest, is_first) {
        text.extend_from_slice(piece);
        text.extend_from_slice(b"\\\n");
        (rest, is_first) = (more, false);
    }
    text.extend_from_slice(rest);
    text.push(b'\n');
    Ok(())
}

fn quoted(comment: &[u8]) -> Vec<u8> {
    let mut value = vec![b'"'];
    for &byte in comment {
        if matches!(byte, b'"' | b'\\') {
            value.push(b'\\');
        }
        value.push(byte);
    }
    value.push(b'"');
    value
}

/// Cuts off the first line of what is left of a header, or tells that it is the last one.
fn split(header: &[u8], is_first: bool) -> Option<(&[u8], &[u8])> {
    let too_long = (header.len() > MAX_LINE).then(|| before_letter(header, MAX_LINE - 1));
    let misread = if is_first { misread_first(header) } else { misread_later(header) };
    let at = too_long.into_iter().chain(misread).min()?;
    Some(header.split_at(at))
}

/// ssh-keygen takes a header with this for the end of the key, before its beginning.
fn misread_first(header: &[u8]) -> Option<usize> {
    position(header, b" END ").map(|at| at + 4)
}

/// ssh-keygen takes a line for a header also when it continues another one; it then counts the
/// first line of base64 as what continues it.
fn misread_later(header: &[u8]) -> Option<usize> {
    if header.starts_with(b"----") {
        return Some(3);
    }
    position(header, b": ").map(|at| at + 1)
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// The last place up to `at` that is not within a letter of UTF-8; `at` where there is none.
fn before_letter(text: &[u8], at: usize) -> usize {
    let begins = |&place: &usize| text.get(place).is_none_or(|byte| byte & 0xc0 != 0x80);
    (at.saturating_sub(3)..=at).rev().find(begins).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment_lines(comment: &[u8]) -> Vec<Vec<u8>> {
        let mut text = Vec::new();
        put_comment(&mut text, comment).unwrap();
        let text = text.strip_suffix(b"\n").unwrap();
        text.split(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
    }

    /// As the RFC says it: a backslash at the end of a line joins it to the next one.
    fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
        let (last, others) = lines.split_last().unwrap();
        let others = others.iter().map(|line| line.strip_suffix(b"\\").unwrap().to_vec());
        [others.flatten().collect(), last.clone()].concat()
    }

    #[test]
    fn a_comment_that_fits_is_one_line() {
        assert_eq!(comment_lines(b"a@b"), [b"Comment: \"a@b\"".to_vec()]);
        assert_eq!(comment_lines(&[b'x'; 61]).len(), 1);
        assert_eq!(comment_lines(b"D\\u \"q\""), [br#"Comment: "D\\u \"q\"""#.to_vec()]);
    }

    #[test]
    fn a_longer_one_is_continued_and_no_line_is_longer_than_72_bytes() {
        for length in [62, 63, 140, 1000] {
            for letter in ["x", "ä", "€", "\\", "\u{1f511}"] {
                let comment = letter.repeat(length / letter.len());
                if quoted(comment.as_bytes()).len() > MAX_VALUE {
                    continue;
                }
                let lines = comment_lines(comment.as_bytes());
                assert!(lines.iter().all(|line| line.len() <= MAX_LINE), "{comment}");
                let expected = [b"Comment: ", &quoted(comment.as_bytes())[..]].concat();
                assert_eq!(joined(&lines), expected);
                let whole = lines.iter().all(|line| std::str::from_utf8(line).is_ok());
                assert!(whole, "{comment}: a letter is cut");
            }
        }
    }

    #[test]
    fn what_ssh_keygen_would_take_for_a_header_or_an_end_is_cut_apart() {
        assert_eq!(comment_lines(b"one: two: three").len(), 1);
        let comment = format!("a: the END of {}: two: three", "x".repeat(60));
        let lines = comment_lines(comment.as_bytes());
        assert_eq!(joined(&lines), format!("Comment: \"{comment}\"").as_bytes());
        assert_eq!(lines.len(), 4);
        assert!(position(&lines[0], b" END ").is_none());
        assert!(lines[1..].iter().all(|line| position(line, b": ").is_none()));
    }

    #[test]
    fn a_comment_longer_than_the_rfc_allows_is_refused() {
        assert!(put_comment(&mut Vec::new(), &[b'x'; 1022]).is_ok());
        for comment in [[b'x'; 1023], [b'"'; 1023]] {
            assert!(matches!(put_comment(&mut Vec::new(), &comment), Err(Error::Comment(_))));
        }
    }
}
