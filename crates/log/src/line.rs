//! A line: its number, the bytes its hash is about, and the hash.

use crate::chain::Mac;
use crate::limits::MAX_SEQ;

/// What a line begins with.
const START: &[u8] = b"{\"seq\":";
/// What stands before the hash,
const BEFORE_MAC: &[u8] = b",\"mac\":\"";
/// and behind.
const BEHIND_MAC: &[u8] = b"\"}";

/// A line in its parts. That it says so does not make it true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number.
    pub seq: u64,
    /// All before the hash.
    pub body: &'a [u8],
    /// The hash.
    pub mac: Mac,
}

impl<'a> Line<'a> {
    /// Bytes of a line beside its body.
    pub(crate) const REST: usize = BEFORE_MAC.len() + 64 + BEHIND_MAC.len() + 1;

    /// Of its bytes without the line feed.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        let line = line.strip_suffix(BEHIND_MAC)?;
        let (rest, hex) = line.split_at_checked(line.len().checked_sub(64)?)?;
        let body = rest.strip_suffix(BEFORE_MAC)?;
        let (seq, _) = number(body.strip_prefix(START)?)?;
        (seq <= MAX_SEQ).then_some(())?;
        Some(Self { seq, body, mac: hash(hex)? })
    }

    /// Adds a whole line, line feed included.
    pub(crate) fn write(text: &mut Vec<u8>, body: &[u8], mac: &Mac) {
        let hex = base16ct::lower::encode_string(mac);
        for part in [body, BEFORE_MAC, hex.as_bytes(), BEHIND_MAC, b"\n"] {
            text.extend_from_slice(part);
        }
    }
}

/// A number and what follows it; it is written in one way only.
pub(crate) fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at_checked(digits)?;
    if number.len() > 1 && number.starts_with(b"0") {
        return None;
    }
    Some((std::str::from_utf8(number).ok()?.parse().ok()?, rest))
}

/// A hash from its 64 digits.
pub(crate) fn hash(hex: &[u8]) -> Option<Mac> {
    let mut mac = Mac::default();
    (hex.len() == 64).then_some(())?;
    base16ct::lower::decode(hex, &mut mac).ok()?;
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(body: &[u8], mac: &Mac) -> Vec<u8> {
        let mut line = Vec::new();
        Line::write(&mut line, body, mac);
        line
    }

    #[test]
    fn a_line_comes_apart_as_it_was_put_together() {
        let body = br#"{"seq":12,"a":"b,\"mac\":\"x"#;
        let line = written(body, &[7; 32]);
        let line = line.strip_suffix(b"\n").unwrap();
        assert_eq!(Line::parse(line), Some(Line { seq: 12, body, mac: [7; 32] }));
    }

    #[test]
    fn what_is_no_line_is_none() {
        let good = written(b"{\"seq\":1", &[0xab; 32]);
        let good = good.strip_suffix(b"\n").unwrap();
        assert!(Line::parse(good).is_some());
        for end in 0..good.len() {
            assert!(Line::parse(&good[..end]).is_none(), "cut at {end}");
        }
        let text = String::from_utf8(good.to_vec()).unwrap();
        assert!(Line::parse(text.replace("ab", "AB").as_bytes()).is_none(), "digits in capitals");
        assert!(Line::parse(text.replace(":1,", ":01,").as_bytes()).is_none());
        let last = text.replace(":1,", &format!(":{},", u64::MAX));
        assert!(Line::parse(last.as_bytes()).is_none(), "the next one would have no number");
        let large = text.replace(":1,", ":99999999999999999999,");
        assert!(Line::parse(large.as_bytes()).is_none());
    }
}
