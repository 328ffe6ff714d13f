//! The SSH wire encoding (RFC 4251 §5) over a slice in memory.
//!
//! [`Reader`] never copies, never allocates and never looks past its slice, so an
//! announced length costs nothing until its bytes are there. It does not know what the
//! fields mean.

use zeroize::Zeroizing;

use crate::{Error, Result};

/// Reads fields from the front of a slice.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes exactly `count` bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`] when fewer are left.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`Error::Truncated`] when none is left.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// `uint32`.
    ///
    /// # Errors
    /// [`Error::Truncated`] when fewer than four bytes are left.
    pub fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// `uint64`.
    ///
    /// # Errors
    /// [`Error::Truncated`] when fewer than eight bytes are left.
    pub fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// `boolean`: every non-zero value is true (RFC 4251 §5 says so for readers).
    ///
    /// # Errors
    /// [`Error::Truncated`] when no byte is left.
    pub fn bool(&mut self) -> Result<bool> {
        Ok(self.u8()? != 0)
    }

    /// `string`: a length and as many bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`] when the slice ends before the string does.
    pub fn string(&mut self) -> Result<&'a [u8]> {
        // `usize` has at least 32 bits on every system this builds for; where it had
        // fewer, such a string could not be in memory either.
        let length = usize::try_from(self.u32()?).map_err(|_| Error::Truncated)?;
        self.take(length)
    }

    /// `string` that must be UTF-8.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is not.
    pub fn utf8(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.string()?).map_err(|_| Error::Malformed("text (not UTF-8)"))
    }

    /// `mpint`, zero or positive and in its shortest form, as its magnitude without the
    /// sign byte (zero is the empty slice).
    ///
    /// # Errors
    /// [`Error::Malformed`] when negative or longer than needed: one number has one form,
    /// or two blobs could name one key.
    pub fn mpint(&mut self) -> Result<&'a [u8]> {
        match self.string()? {
            [0x80..=0xff, ..] => Err(Error::Malformed("number (negative)")),
            [0] | [0, 0..=0x7f, ..] => Err(Error::Malformed("number (superfluous zeros)")),
            [0, magnitude @ ..] => Ok(magnitude),
            magnitude => Ok(magnitude),
        }
    }

    /// As [`Reader::mpint`] but superfluous zeros in front are dropped, as OpenSSH does. For
    /// signatures and private numbers: they name no key, and some implementations pad them.
    ///
    /// # Errors
    /// [`Error::Malformed`] when negative.
    pub fn padded_mpint(&mut self) -> Result<&'a [u8]> {
        match self.string()? {
            [0x80..=0xff, ..] => Err(Error::Malformed("number (negative)")),
            padded => Ok(strip_zeros(padded)),
        }
    }

    /// Everything that is left, which is then consumed.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.rest)
    }

    /// How many bytes are left.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Says that the data must end here.
    ///
    /// # Errors
    /// [`Error::Trailing`] when it does not.
    pub fn finish(self) -> Result<()> {
        match self.rest.len() {
            0 => Ok(()),
            more => Err(Error::Trailing(more)),
        }
    }
}

/// Appends fields to a buffer.
pub trait Put {
    /// One byte.
    fn put_u8(&mut self, value: u8);
    /// `uint32`.
    fn put_u32(&mut self, value: u32);
    /// `uint64`.
    fn put_u64(&mut self, value: u64);
    /// `boolean`.
    fn put_bool(&mut self, value: bool);
    /// `string`. What does not fit a 32-bit length is cut off: no frame carries it, and
    /// the result stays well-formed.
    fn put_string(&mut self, value: &[u8]);
    /// `mpint` from a big-endian magnitude, with or without zeros in front.
    fn put_mpint(&mut self, magnitude: &[u8]);
}

impl Put for Vec<u8> {
    fn put_u8(&mut self, value: u8) {
        self.push(value);
    }

    fn put_u32(&mut self, value: u32) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_u64(&mut self, value: u64) {
        self.extend_from_slice(&value.to_be_bytes());
    }

    fn put_bool(&mut self, value: bool) {
        self.push(u8::from(value));
    }

    fn put_string(&mut self, value: &[u8]) {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.put_u32(length);
        self.extend_from_slice(&value[..value.len().min(length as usize)]);
    }

    fn put_mpint(&mut self, magnitude: &[u8]) {
        let magnitude = strip_zeros(magnitude);
        let sign = u32::from(needs_sign(magnitude));
        let length = u32::try_from(magnitude.len()).unwrap_or(u32::MAX - 1);
        self.put_u32(length + sign);
        if sign == 1 {
            self.push(0);
        }
        self.extend_from_slice(&magnitude[..magnitude.len().min(length as usize)]);
    }
}

/// Bytes [`Put::put_string`] writes for a string of `length` bytes.
#[must_use]
pub fn string_len(length: usize) -> usize {
    4 + length
}

/// Bytes [`Put::put_mpint`] writes.
#[must_use]
pub fn mpint_len(magnitude: &[u8]) -> usize {
    let magnitude = strip_zeros(magnitude);
    4 + magnitude.len() + usize::from(needs_sign(magnitude))
}

/// Makes room for `more` bytes in a buffer of secrets. A plain `Vec` that grows leaves its
/// old bytes in freed memory; this one wipes what it leaves behind.
pub fn reserve_wiping(buffer: &mut Zeroizing<Vec<u8>>, more: usize) {
    if buffer.capacity() - buffer.len() < more {
        let mut roomier = Zeroizing::new(Vec::with_capacity(buffer.len() + more));
        roomier.extend_from_slice(buffer);
        *buffer = roomier;
    }
}

/// The number without zeros in front.
pub(crate) fn strip_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}

/// Whether a magnitude would read as negative without a zero in front.
fn needs_sign(magnitude: &[u8]) -> bool {
    magnitude.first().is_some_and(|&first| first & 0x80 != 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_read_back() {
        let mut bytes = Vec::new();
        bytes.put_u8(1);
        bytes.put_u32(2);
        bytes.put_u64(3);
        bytes.put_bool(true);
        bytes.put_string(b"four");
        bytes.put_string("fünf".as_bytes());
        bytes.put_mpint(&[0, 0, 6]);
        bytes.put_mpint(&[0x80]);
        bytes.put_mpint(&[]);
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.u32(), Ok(2));
        assert_eq!(reader.u64(), Ok(3));
        assert_eq!(reader.bool(), Ok(true));
        assert_eq!(reader.string(), Ok(b"four".as_slice()));
        assert_eq!(reader.utf8(), Ok("fünf"));
        assert_eq!(reader.mpint(), Ok([6].as_slice()));
        assert_eq!(reader.mpint(), Ok([0x80].as_slice()));
        assert_eq!(reader.mpint(), Ok([].as_slice()));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn p6_an_announced_length_is_nothing_until_its_bytes_are_there() {
        for announced in [1_u32, 0x7fff_ffff, u32::MAX] {
            let bytes = announced.to_be_bytes();
            assert_eq!(Reader::new(&bytes).string(), Err(Error::Truncated));
        }
    }

    #[test]
    fn a_field_cut_anywhere_is_truncated_and_never_read_beyond() {
        let mut bytes = Vec::new();
        bytes.put_string(b"abc");
        for end in 0..bytes.len() {
            assert_eq!(Reader::new(&bytes[..end]).string(), Err(Error::Truncated));
        }
        assert_eq!(Reader::new(&[0; 3]).u32(), Err(Error::Truncated));
        assert_eq!(Reader::new(&[0; 7]).u64(), Err(Error::Truncated));
        assert_eq!(Reader::new(&[]).u8(), Err(Error::Truncated));
    }

    #[test]
    fn leftover_bytes_are_counted() {
        let mut reader = Reader::new(&[1, 2, 3]);
        reader.u8().unwrap();
        assert_eq!(reader.remaining(), 2);
        assert_eq!(reader.finish(), Err(Error::Trailing(2)));
        assert_eq!(reader.rest(), [2, 3]);
        assert!(reader.is_empty());
    }

    #[test]
    fn a_number_has_one_form() {
        let read = |content: &[u8]| {
            let mut bytes = Vec::new();
            bytes.put_string(content);
            let strict = Reader::new(&bytes).mpint().map(<[u8]>::to_vec);
            let padded = Reader::new(&bytes).padded_mpint().map(<[u8]>::to_vec);
            (strict, padded)
        };
        let negative = Err(Error::Malformed("number (negative)"));
        let zeros = Err(Error::Malformed("number (superfluous zeros)"));
        assert_eq!(read(&[0x80]), (negative.clone(), negative));
        assert_eq!(read(&[0]), (zeros.clone(), Ok(vec![])));
        assert_eq!(read(&[0, 1]), (zeros.clone(), Ok(vec![1])));
        assert_eq!(read(&[0, 0, 0x80]), (zeros, Ok(vec![0x80])));
        assert_eq!(read(&[0, 0x80]), (Ok(vec![0x80]), Ok(vec![0x80])));
    }

    #[test]
    fn every_non_zero_boolean_is_true() {
        let read = |byte| Reader::new(&[byte]).bool();
        assert_eq!((read(0), read(1), read(0xff)), (Ok(false), Ok(true), Ok(true)));
    }

    #[test]
    fn lengths_are_what_is_put() {
        for magnitude in [&[][..], &[0, 0], &[1], &[0x80], &[0, 0xff, 1]] {
            let mut bytes = Vec::new();
            bytes.put_mpint(magnitude);
            assert_eq!(bytes.len(), mpint_len(magnitude));
        }
        assert_eq!(string_len(3), 7);
    }

    #[test]
    fn a_buffer_of_secrets_grows_once_and_keeps_its_content() {
        let mut buffer = Zeroizing::new(b"content".to_vec());
        reserve_wiping(&mut buffer, 100);
        assert!(buffer.capacity() >= 107);
        assert_eq!(&**buffer, b"content");
        let before = buffer.as_ptr();
        reserve_wiping(&mut buffer, 100);
        assert_eq!(buffer.as_ptr(), before, "there is room already");
    }
}
