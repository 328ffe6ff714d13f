//! Blocks of text with a key inside: `-----BEGIN …-----` (RFC 7468 and its forebears) and
//! `---- BEGIN … ----` (RFC 4716, ssh.com): label, header lines, base64.
//!
//! Lenient about what editors, mail and web forms do to text (line ends, blanks, line
//! lengths), strict about what they do not: the block must end, with its own label, and
//! its base64 must be whole. Knows nothing of what a label means.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use crate::limits::{MAX_HEADER, MAX_HEADERS};
use crate::text::{Lines, clean, indentation};

/// A BEGIN line.
#[derive(Clone, Copy)]
pub(crate) struct Begin<'a> {
    style: Style,
    label: &'a [u8],
    /// The blanks in front of it: they stand in front of each line then.
    indentation: &'a [u8],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    /// Five dashes; a header is one line.
    Pem,
    /// Four dashes and a blank; a header goes on where a line ends with a backslash.
    Ssh2,
}

/// A block. Its bytes may be a private key.
pub(crate) struct Armour {
    pub(crate) headers: Headers,
    pub(crate) body: Zeroizing<Vec<u8>>,
}

/// Header lines, `name: value`.
#[derive(Default)]
pub(crate) struct Headers(Vec<(Vec<u8>, Vec<u8>)>);

impl<'a> Begin<'a> {
    /// Reads a line, the blanks around it included.
    pub(crate) fn read(line: &'a [u8]) -> Option<Self> {
        let words = clean(line);
        let style = if words.starts_with(b"-----") { Style::Pem } else { Style::Ssh2 };
        let label = style.label(words, b"BEGIN ")?;
        let blanks = indentation(line).rsplit(|byte| !byte.is_ascii_whitespace()).next();
        Some(Self { style, label, indentation: blanks.unwrap_or_default() })
    }

    /// What stands after BEGIN.
    pub(crate) fn label(&self) -> &'a [u8] {
        self.label
    }

    /// Whether the label is this one, in the style of PEM.
    pub(crate) fn is_pem(&self) -> bool {
        self.style == Style::Pem
    }

    /// The lines up to the END line, and whatever follows that.
    ///
    /// # Errors
    /// When the block does not end as it should.
    pub(crate) fn split<'t>(&self, text: &'t [u8]) -> Result<(&'t [u8], &'t [u8]), &'static str> {
        let mut lines = Lines::new(text);
        loop {
            let before = text.len() - lines.rest().len();
            let line = lines.next().ok_or("the END line is missing, the file is cut short")?;
            if let Some(ending) = self.style.label(line, b"END ") {
                if ending != self.label {
                    return Err("the END line does not match the BEGIN line");
                }
                return Ok((&text[..before], lines.rest()));
            }
            if line.starts_with(self.style.dashes()) {
                return Err("another block begins before the first one ends");
            }
        }
    }
}

impl Style {
    fn dashes(self) -> &'static [u8] {
        match self {
            Self::Pem => b"-----",
            Self::Ssh2 => b"---- ",
        }
    }

    /// The label of a BEGIN or END line.
    fn label<'a>(self, line: &'a [u8], keyword: &[u8]) -> Option<&'a [u8]> {
        let end: &[u8] = match self {
            Self::Pem => b"-----",
            Self::Ssh2 => b" ----",
        };
        line.strip_prefix(self.dashes())?.strip_prefix(keyword)?.strip_suffix(end)
    }
}

impl Armour {
    /// Reads the block that begins so, from the line after it.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn read(begin: &Begin<'_>, text: &[u8]) -> Result<Self, &'static str> {
        let (block, _) = begin.split(text)?;
        let mut headers = Headers::default();
        // Room for all there can be: growing would leave pieces of the key in freed memory.
        let mut base64 = Zeroizing::new(Vec::with_capacity(block.len()));
        let mut lines = Lines::new(block);
        while let Some(whole) = lines.next_whole() {
            let line = clean(whole);
            // Base64 has no colon, so no blank line is needed to tell them apart.
            if base64.is_empty() && line.contains(&b':') {
                headers.push(&header(begin, line, &mut lines)?)?;
            } else {
                base64.extend(line.iter().filter(|byte| !byte.is_ascii_whitespace()));
            }
        }
        decode(&mut base64)?;
        Ok(Self { headers, body: base64 })
    }
}

/// A whole header, which may have more lines.
fn header(begin: &Begin<'_>, first: &[u8], more: &mut Lines<'_>) -> Result<Vec<u8>, &'static str> {
    let mut header = first.to_vec();
    while begin.style == Style::Ssh2 && header.last() == Some(&b'\\') {
        header.pop();
        let line = more.next_whole().ok_or("a header goes on after its end")?;
        // What is left in front of the line then belongs to the value.
        let line = line.strip_prefix(begin.indentation).unwrap_or(line);
        header.extend_from_slice(line.trim_ascii_end());
        if header.len() > MAX_HEADER {
            return Err(TOO_LONG);
        }
    }
    Ok(header)
}

const TOO_LONG: &str = "a header is longer than any program writes";

impl Headers {
    fn push(&mut self, header: &[u8]) -> Result<(), &'static str> {
        if header.len() > MAX_HEADER {
            return Err(TOO_LONG);
        }
        if self.0.len() == MAX_HEADERS {
            return Err("more headers than any program writes");
        }
        // The caller saw one; without it the header would be all name.
        let colon = header.iter().position(|&byte| byte == b':').unwrap_or(header.len());
        let (name, value) = header.split_at(colon);
        let value = value.strip_prefix(b":").unwrap_or(value);
        self.0.push((name.trim_ascii().to_vec(), value.trim_ascii().to_vec()));
        Ok(())
    }

    /// The value of the first header of this name, in whatever case (RFC 4716 §3.3).
    pub(crate) fn value(&self, name: &str) -> Option<&[u8]> {
        let named = |header: &&(Vec<u8>, Vec<u8>)| header.0.eq_ignore_ascii_case(name.as_bytes());
        self.0.iter().find(named).map(|header| header.1.as_slice())
    }
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

    fn pem(text: &[u8]) -> Result<Armour, &'static str> {
        Armour::read(&Begin::read(b"-----BEGIN X-----").unwrap(), text)
    }

    fn ssh2(text: &[u8]) -> Result<Armour, &'static str> {
        Armour::read(&Begin::read(b"  ---- BEGIN X ----").unwrap(), text)
    }

    #[test]
    fn headers_are_told_from_base64_with_and_without_a_blank_line() {
        for text in [
            &b"A: b\nC: d e\n\nAAEC\n-----END X-----\n"[..],
            b"a: b\r\nC:d e\r\nAA\r\nEC\r\n-----END X-----",
        ] {
            let armour = pem(text).map_err(str::to_owned).unwrap();
            assert_eq!(armour.headers.value("A"), Some(&b"b"[..]));
            assert_eq!(armour.headers.value("C"), Some(&b"d e"[..]));
            assert_eq!(armour.headers.value("B"), None);
            assert_eq!(*armour.body, [0, 1, 2]);
        }
    }

    /// The blank at the start of the second line is in the comment, the indentation is not.
    #[test]
    fn a_header_goes_on_after_a_backslash() {
        let text =
            b"  Comment: one\\\n   two \\  \n  three: \\\n\n  x-a: b\n  AAEC\n---- END X ----";
        let armour = ssh2(text).map_err(str::to_owned).unwrap();
        assert_eq!(armour.headers.value("comment"), Some(&b"one two three:"[..]));
        assert_eq!(armour.headers.value("X-A"), Some(&b"b"[..]));
        assert_eq!(*armour.body, [0, 1, 2]);
        assert!(ssh2(b"Comment: one\\\n---- END X ----").is_err());
        // In PEM it is a character like others.
        let armour = pem(b"A: b\\\nAAEC\n-----END X-----").map_err(str::to_owned).unwrap();
        assert_eq!(armour.headers.value("A"), Some(&b"b\\"[..]));
    }

    #[test]
    fn headers_have_an_end() {
        let long = [&b"A: "[..], &[b'x'; MAX_HEADER - 3], b"\nAAEC\n---- END X ----"].concat();
        assert!(ssh2(&long).is_ok());
        let longer = [&b"A: x"[..], &long[3..]].concat();
        assert!(ssh2(&longer).is_err());
        let endless = [&b"A: b\\\n".repeat(MAX_HEADER)[..], b"AAEC\n---- END X ----"].concat();
        assert!(ssh2(&endless).is_err());
        let many = [&b"A: b\n".repeat(MAX_HEADERS + 1)[..], b"AAEC\n---- END X ----"].concat();
        assert!(ssh2(&many).is_err());
    }

    #[test]
    fn a_block_that_does_not_end_is_refused() {
        for text in [
            &b"AAEC\n"[..],
            b"",
            b"AAEC\n-----END Y-----\n",
            b"AAEC\n-----BEGIN X-----\nAAEC\n-----END X-----\n",
            b"AAEC\n---- END X ----\n",
        ] {
            assert!(pem(text).is_err(), "{}", text.escape_ascii());
        }
        assert!(ssh2(b"AAEC\n-----END X-----\n").is_err());
        assert!(ssh2(b"AAEC\n---- BEGIN X ----\n---- END X ----").is_err());
    }

    #[test]
    fn what_follows_a_block_is_left() {
        let begin = Begin::read(b"-----BEGIN X-----").unwrap();
        let (block, rest) = begin.split(b"AAEC\r\n -----END X-----\r\nmore").unwrap();
        assert_eq!((block, rest), (&b"AAEC\r\n"[..], &b"more"[..]));
    }

    #[test]
    fn broken_base64_is_refused() {
        for text in ["AAE", "AA=C", "AAEC====", "A*EC", "AAEC\u{e9}A", "AAEC\nA: b"] {
            let text = format!("{text}\n-----END X-----\n");
            assert!(pem(text.as_bytes()).is_err(), "{text}");
        }
    }
}
