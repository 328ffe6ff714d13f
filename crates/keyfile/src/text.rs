//! The text of a file, as it was before editors, mail and web forms had it: in UTF-8 (or
//! bytes of an older coding), without byte order marks, cut into lines.
//!
//! The text may be a private key: what is copied here is wiped. Knows nothing of keys.

use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::MAX_FILE;

/// The mark Windows programs put in front of UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

/// The text of a file.
pub(crate) enum Text<'a> {
    /// As it stands in the file.
    Given(&'a [u8]),
    /// Out of UTF-16.
    Converted(Zeroizing<Vec<u8>>),
}

/// The order of the two bytes of a UTF-16 unit.
#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl<'a> Text<'a> {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`Error::TooLarge`]
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_FILE {
            return Err(Error::TooLarge);
        }
        Ok(match Order::of(bytes) {
            Some(order) => Self::Converted(from_utf16(bytes, order)),
            None => Self::Given(bytes),
        })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Given(bytes) => bytes,
            Self::Converted(bytes) => bytes,
        }
    }
}

impl Order {
    /// The order of a text in UTF-16, told by its mark; without a mark by the zeros in every
    /// other byte of its ASCII, which no other text and no binary key has.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xfe, ..] => return Some(Self::Little),
            [0xfe, 0xff, ..] => return Some(Self::Big),
            _ => {}
        }
        let zeros = |start: usize| bytes.iter().skip(start).step_by(2).filter(|&&b| b == 0).count();
        let (even, odd, enough) = (zeros(0), zeros(1), bytes.len() / 4);
        match (even, odd) {
            _ if bytes.len() < 4 => None,
            (0, odd) if odd > enough => Some(Self::Little),
            (even, 0) if even > enough => Some(Self::Big),
            _ => None,
        }
    }
}

/// Half a character becomes the sign for an unreadable one: it can only stand in the text
/// around a key.
fn from_utf16(bytes: &[u8], order: Order) -> Zeroizing<Vec<u8>> {
    /// Bytes of UTF-8 one unit becomes at most.
    const WIDEST: usize = 3;
    let units = bytes.chunks_exact(2).map(|pair| match (order, pair) {
        (Order::Little, &[low, high]) | (Order::Big, &[high, low]) => {
            u16::from_be_bytes([high, low])
        }
        // Not reached: the chunks are pairs.
        _ => 0,
    });
    // Room for all there can be: growing would leave pieces of a key in freed memory.
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len() / 2 * WIDEST));
    for character in char::decode_utf16(units) {
        let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
        let mut encoded = Zeroizing::new([0; 4]);
        text.extend_from_slice(character.encode_utf8(&mut *encoded).as_bytes());
    }
    text
}

/// The lines of a text, without blanks around them. Lines end with LF, CRLF or CR.
#[derive(Clone)]
pub(crate) struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// What follows the line that came last.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next line with the blanks around it, for those few places where they count.
    pub(crate) fn next_whole(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let end = self.rest.iter().position(is_end);
        let (line, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.strip_prefix(b"\r\n").or_else(|| rest.get(1..)).unwrap_or_default();
        Some(line)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.next_whole().map(clean)
    }
}

/// A line without the blanks around it, and without byte order marks in front: files are
/// glued together, and then one stands in the middle.
pub(crate) fn clean(line: &[u8]) -> &[u8] {
    line[indentation(line).len()..].trim_ascii_end()
}

/// The blanks and byte order marks in front of a line.
pub(crate) fn indentation(line: &[u8]) -> &[u8] {
    let mut rest = line.trim_ascii_start();
    while let Some(behind) = rest.strip_prefix(BOM) {
        rest = behind.trim_ascii_start();
    }
    &line[..line.len() - rest.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> Vec<u8> {
        Text::read(bytes).unwrap().bytes().to_vec()
    }

    fn utf16(text: &str, order: Order) -> Vec<u8> {
        let bytes = |unit: u16| match order {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf16_is_told_with_and_without_its_mark() {
        for words in ["-----BEGIN", "Schlüssel für Žižkov 🔑: ssh-ed25519 AAAA", "key\r\n"] {
            for order in [Order::Little, Order::Big] {
                assert_eq!(text(&utf16(words, order)), words.as_bytes(), "{words}");
                let marked = utf16(&format!("\u{feff}{words}"), order);
                let lines: Vec<u8> = Lines::new(&text(&marked)).flatten().copied().collect();
                assert_eq!(lines, words.trim().as_bytes(), "{words}");
            }
        }
    }

    #[test]
    fn other_bytes_stay_as_they_are() {
        let short = [&b""[..], b"\0", b"a\0", b"0\0\0"];
        let binary = [&b"\x30\x82\x01\x00\x02\x01\x00"[..], b"SSH PRIVATE\n\0\0\0\0\0\0\0\0\0\0"];
        for bytes in short.into_iter().chain(binary).chain([&b"caf\xe9 \xff"[..]]) {
            assert_eq!(text(bytes), bytes);
        }
    }

    #[test]
    fn half_a_character_spoils_no_other() {
        let mut bytes = utf16("\u{feff}a", Order::Little);
        bytes.extend([0x00, 0xd8, b'b', 0, b'c']);
        assert_eq!(text(&bytes), "\u{feff}a\u{fffd}b".as_bytes());
    }

    #[test]
    fn a_line_ends_as_on_unix_windows_and_old_macs() {
        let lines: Vec<&[u8]> = Lines::new(b"one\ntwo\r\nthree\rfour").collect();
        assert_eq!(lines, [&b"one"[..], b"two", b"three", b"four"]);
        // A header block ends at the blank line: CRLF must not look like one.
        let lines: Vec<&[u8]> = Lines::new(b"a\r\n\r\nb\n\nc\r\rd\n").collect();
        assert_eq!(lines, [&b"a"[..], b"", b"b", b"", b"c", b"", b"d"]);
    }

    #[test]
    fn blanks_and_marks_around_a_line_are_no_part_of_it() {
        let lines: Vec<&[u8]> =
            Lines::new(b"\xef\xbb\xbf a\t\n \xef\xbb\xbf\xef\xbb\xbfb \n\t").collect();
        assert_eq!(lines, [&b"a"[..], b"b", b""]);
        let mut lines = Lines::new(b" \ta b \nc");
        let whole = lines.next_whole().unwrap();
        assert_eq!((whole, indentation(whole)), (&b" \ta b "[..], &b" \t"[..]));
        assert_eq!(lines.rest(), b"c");
    }
}
