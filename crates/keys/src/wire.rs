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

    /// As [`Reader::mpint`] but superfluous zeros in front are dropped, as OpenSSH does.
    /// For signatures only: they are not compared, and some implementations pad them.
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
