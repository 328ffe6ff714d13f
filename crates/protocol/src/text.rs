//! Strings that programs written in C keep with a NUL at the end.
//!
//! We could carry any bytes. But OpenSSH's tools refuse a whole listing for one comment with a
//! NUL inside, and compare such names only up to it: what they would read differently than we
//! do is refused at the door.

use keyfob_keys::wire::Reader;

use crate::{Error, Result};

/// A `string` without a NUL in it; one at its very end is dropped, as OpenSSH does.
pub(crate) fn text<'a>(reader: &mut Reader<'a>, what: &'static str) -> Result<&'a [u8]> {
    let bytes = reader.string().map_err(Error::field(what))?;
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    if bytes.contains(&0) {
        return Err(Error::Nul(what));
    }
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<&[u8]> {
        text(&mut Reader::new(bytes), "name")
    }

    /// Lost otherwise: one comment with a NUL makes `ssh-add -l` fail for all keys.
    #[test]
    fn a_nul_inside_is_refused_and_one_at_the_end_dropped() {
        assert_eq!(read(b"\0\0\0\x03abc"), Ok(&b"abc"[..]));
        assert_eq!(read(b"\0\0\0\x04abc\0"), Ok(&b"abc"[..]));
        assert_eq!(read(b"\0\0\0\x03a\0c"), Err(Error::Nul("name")));
        assert_eq!(read(b"\0\0\0\x04ab\0\0"), Err(Error::Nul("name")));
        assert_eq!(read(b"\0\0\0\0"), Ok(&b""[..]));
    }
}
