//! The first line of each file: what it is, in a fixed order of fields between single blanks.
//!
//! The bytes of the line are bound to what is sealed behind it, so there is one way to write each
//! line and no other is read.

use crate::Problem;
use crate::id::{Id, hex};
use crate::limits::MAX_HEADER;

/// The format this release writes and reads.
pub(crate) const VERSION: u32 = 1;

/// The line, and what stands behind its end.
pub(crate) fn split(file: &[u8]) -> Result<(&str, &[u8]), Problem> {
    let head = file.get(..file.len().min(MAX_HEADER + 1)).unwrap_or(file);
    let end = head.iter().position(|byte| *byte == b'\n').ok_or(Problem::Header)?;
    let (line, rest) = file.split_at(end);
    let line = std::str::from_utf8(line).map_err(|_| Problem::Header)?;
    Ok((line, rest.get(1..).unwrap_or_default()))
}

/// Reads the fields of a line, from the left.
pub(crate) struct Fields<'a> {
    rest: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// The fields behind `kind` and the version.
    pub(crate) fn of(line: &'a str, kind: &str) -> Result<Self, Problem> {
        Self::of_either(line, kind, VERSION).map(|(fields, _)| fields)
    }

    /// The same where there is another version too.
    pub(crate) fn of_either(line: &'a str, kind: &str, newer: u32) -> Result<(Self, u32), Problem> {
        let mut fields = Self { rest: Some(line) };
        if fields.text()? != kind {
            return Err(Problem::Header);
        }
        match fields.number::<u32>()? {
            version if version == VERSION || version == newer => Ok((fields, version)),
            other => Err(Problem::Version(other)),
        }
    }

    /// The next field.
    pub(crate) fn text(&mut self) -> Result<&'a str, Problem> {
        let rest = self.rest.take().ok_or(Problem::Header)?;
        let field = match rest.split_once(' ') {
            Some((field, rest)) => {
                self.rest = Some(rest);
                field
            }
            None => rest,
        };
        let is_field = !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_graphic());
        if is_field { Ok(field) } else { Err(Problem::Header) }
    }

    /// A decimal number without zeros in front.
    pub(crate) fn number<T: std::str::FromStr>(&mut self) -> Result<T, Problem> {
        number(self.text()?).ok_or(Problem::Header)
    }

    /// A random name.
    pub(crate) fn id<const N: usize>(&mut self) -> Result<Id<N>, Problem> {
        Id::parse(self.text()?).ok_or(Problem::Header)
    }

    /// Bytes in hex.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        hex(self.text()?).ok_or(Problem::Header)
    }

    /// The line ends here.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.rest.is_none() { Ok(()) } else { Err(Problem::Header) }
    }
}

/// A decimal number as it is written, and in no other form.
pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let canonical = text == "0" || !text.starts_with('0');
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && digits { text.parse().ok() } else { None }
}

/// Puts a line together, without its end.
pub(crate) fn line(kind: &str, fields: &[&dyn std::fmt::Display]) -> String {
    line_of(VERSION, kind, fields)
}

/// The same in another version.
pub(crate) fn line_of(version: u32, kind: &str, fields: &[&dyn std::fmt::Display]) -> String {
    let mut line = format!("{kind} {version}");
    for field in fields {
        line.push(' ');
        line.push_str(&field.to_string());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_one_form() {
        let read = |line: &str| -> Result<(u64, [u8; 2]), Problem> {
            let mut fields = Fields::of(line, "keyfob-test")?;
            let read = (fields.number()?, fields.bytes()?);
            fields.finish()?;
            Ok(read)
        };
        let written = line("keyfob-test", &[&7_u64, &"0aff"]);
        assert_eq!(written, "keyfob-test 1 7 0aff");
        assert_eq!(read(&written), Ok((7, [0x0a, 0xff])));
        assert_eq!(read("keyfob-test 2 7 0aff"), Err(Problem::Version(2)));
        for wrong in [
            "",
            "keyfob-test",
            "keyfob-test 1",
            "keyfob-test 1 7",
            "keyfob-test 1 07 0aff",
            "keyfob-test 1 +7 0aff",
            "keyfob-test 1 7 0AFF",
            "keyfob-test 1  7 0aff",
            "keyfob-test 1 7 0aff ",
            " keyfob-test 1 7 0aff",
            "keyfob-test 1 7 0aff00",
            "keyfob-other 1 7 0aff",
            "keyfob-test 1 7 0aff 1",
            "keyfob-test 1 7\t0aff",
            "keyfob-test 1 99999999999999999999 0aff",
            "keyfob-test 1 -1 0aff",
        ] {
            assert_eq!(read(wrong), Err(Problem::Header), "{wrong:?}");
        }
    }

    #[test]
    fn a_file_without_a_line_end_has_no_line() {
        assert_eq!(split(b"line\nrest\n"), Ok(("line", &b"rest\n"[..])));
        assert_eq!(split(b"line\n"), Ok(("line", &b""[..])));
        for wrong in [&b""[..], b"line", &[b'x'; 5000], b"\xff\nrest"] {
            assert_eq!(split(wrong), Err(Problem::Header));
        }
    }
}
