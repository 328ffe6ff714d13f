//! The text around a key: lines, `-----BEGIN …-----`, header lines, base64.
//!
//! Lenient about what editors, mail and web forms do to text (line ends, blanks, line
//! lengths), strict about what they do not: the block must end, with its own label, and
//! its base64 must be whole. Knows nothing of what a label means.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// The lines of a text, without blanks around them. Lines end with LF, CRLF or CR.
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
}

/// A block: label, headers and decoded bytes. The bytes may be a private key.
pub(crate) struct Armour<'a> {
    label: &'a [u8],
    headers: Vec<(&'a [u8], &'a [u8])>,
    body: Zeroizing<Vec<u8>>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// What follows the line that came last.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let end = self.rest.iter().position(is_end);
        let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
        Some(line.trim_ascii())
    }
}

/// The label of a `-----BEGIN label-----` line.
pub(crate) fn begin_label(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"-----BEGIN ")?.strip_suffix(b"-----")
}

impl<'a> Armour<'a> {
    /// Reads the block whose BEGIN line said `label`, from the line after it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn read(label: &'a [u8], text: &'a [u8]) -> Result<Self, &'static str> {
        let mut headers = Vec::new();
        // Room for all there can be: growing would leave pieces of the key in freed memory.
        let mut base64 = Zeroizing::new(Vec::with_capacity(text.len()));
        let mut in_headers = true;
        for line in Lines::new(text) {
            if let Some(ending) = line.strip_prefix(b"-----END ") {
                if ending.strip_suffix(b"-----") != Some(label) {
                    return Err("the END line does not match the BEGIN line");
                }
                decode(&mut base64)?;
                return Ok(Self { label, headers, body: base64 });
            }
            if line.starts_with(b"-----") {
                return Err("another block begins before the first one ends");
            }
            if in_headers && let Some(header) = header(line) {
                headers.push(header);
            } else if !line.is_empty() {
                in_headers = false;
                base64.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
        }
        Err("the END line is missing, the file is cut short")
    }

    /// What stands after BEGIN.
    pub(crate) fn label(&self) -> &'a [u8] {
        self.label
    }

    /// The value of a header line (RFC 1421), if there is one of this name.
    pub(crate) fn header(&self, name: &str) -> Option<&'a [u8]> {
        let named = |header: &&(&[u8], &[u8])| header.0 == name.as_bytes();
        self.headers.iter().find(named).map(|header| header.1)
    }

    /// The decoded bytes.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }
}

/// `name: value`. Base64 has no colon, so no blank line is needed to tell them apart.
fn header(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = line.iter().position(|&byte| byte == b':')?;
    Some((line[..colon].trim_ascii(), line[colon + 1..].trim_ascii()))
}

/// Decodes in place and in constant time: the text is the key.
fn decode(base64: &mut Zeroizing<Vec<u8>>) -> Result<(), &'static str> {
    let length = Base64::decode_in_place(base64)
        .map_err(|_| "the base64 between BEGIN and END is broken")?
        .len();
    base64.truncate(length);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn a_line_ends_as_on_unix_windows_and_old_macs() {
        let lines: Vec<&[u8]> = Lines::new(b"one\ntwo\r\nthree\rfour").collect();
        assert_eq!(lines, [&b"one"[..], b"two", b"three", b"four"]);
        // A header block ends at the blank line: CRLF must not look like one.
        let lines: Vec<&[u8]> = Lines::new(b"a\r\n\r\nb\n\nc\r\rd\n").collect();
        assert_eq!(lines, [&b"a"[..], b"", b"b", b"", b"c", b"", b"d"]);
    }

    #[test]
    fn headers_are_told_from_base64_with_and_without_a_blank_line() {
        for text in [
            &b"A: b\nC: d e\n\nAAEC\n-----END X-----\n"[..],
            b"A: b\r\nC:d e\r\nAA\r\nEC\r\n-----END X-----",
        ] {
            let armour = Armour::read(b"X", text).map_err(str::to_owned).unwrap();
            assert_eq!(armour.header("A"), Some(&b"b"[..]));
            assert_eq!(armour.header("C"), Some(&b"d e"[..]));
            assert_eq!(armour.header("B"), None);
            assert_eq!(armour.body(), [0, 1, 2]);
        }
    }

    #[test]
    fn a_block_that_does_not_end_is_refused() {
        for text in [
            &b"AAEC\n"[..],
            b"",
            b"AAEC\n-----END Y-----\n",
            b"AAEC\n-----BEGIN X-----\nAAEC\n-----END X-----\n",
        ] {
            assert!(Armour::read(b"X", text).is_err(), "{}", text.escape_ascii());
        }
    }

    #[test]
    fn broken_base64_is_refused() {
        for text in ["AAE", "AA=C", "AAEC====", "A*EC", "AAEC\u{e9}A"] {
            let text = format!("{text}\n-----END X-----\n");
            assert!(Armour::read(b"X", text.as_bytes()).is_err(), "{text}");
        }
    }
}
