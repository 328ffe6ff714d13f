//! Writes DER (X.690) of a tree that borrows what it holds.
//!
//! Not with the `der` crate: a document with private numbers is written once, into a buffer of
//! its exact length, and reads here as it does in the RFC that defines it.

use pkcs8::ObjectIdentifier;
use zeroize::Zeroizing;

/// A value. How deep a tree is, is written down in the code that makes it.
#[derive(Clone, Copy)]
pub(super) enum Der<'a> {
    /// A positive number below 128.
    Small(u8),
    /// A positive number, big-endian, zeros in front allowed.
    Integer(&'a [u8]),
    Null,
    Oid(&'a ObjectIdentifier),
    Octets(&'a [u8]),
    Bits(&'a [u8]),
    Sequence(&'a [Der<'a>]),
    /// An octet string with a document inside.
    InOctets(&'a Der<'a>),
    /// A bit string with a document inside.
    InBits(&'a Der<'a>),
    /// `[n] EXPLICIT`
    Explicit(u8, &'a Der<'a>),
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const CONTEXT: u8 = 0xa0;

impl Der<'_> {
    /// The document.
    pub(super) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let length = self.length();
        let mut out = Zeroizing::new(Vec::with_capacity(length));
        self.write(&mut out);
        debug_assert_eq!(out.len(), length);
        out
    }

    fn tag(&self) -> u8 {
        match self {
            Self::Small(_) | Self::Integer(_) => INTEGER,
            Self::Null => NULL,
            Self::Oid(_) => OBJECT_IDENTIFIER,
            Self::Octets(_) | Self::InOctets(_) => OCTET_STRING,
            Self::Bits(_) | Self::InBits(_) => BIT_STRING,
            Self::Sequence(_) => SEQUENCE,
            Self::Explicit(number, _) => CONTEXT | number,
        }
    }

    /// Bytes of the whole value: tag, length, content.
    fn length(&self) -> usize {
        let content = self.content_length();
        1 + length_bytes(content).count() + content
    }

    fn content_length(&self) -> usize {
        match self {
            Self::Small(_) => 1,
            Self::Integer(number) => {
                let number = minimal(number);
                number.len() + usize::from(needs_zero(number))
            }
            Self::Null => 0,
            Self::Oid(oid) => oid.as_bytes().len(),
            Self::Octets(bytes) => bytes.len(),
            // The first byte counts the bits that are not used.
            Self::Bits(bytes) => 1 + bytes.len(),
            Self::Sequence(values) => values.iter().map(Self::length).sum(),
            Self::InOctets(inner) | Self::Explicit(_, inner) => inner.length(),
            Self::InBits(inner) => 1 + inner.length(),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(self.tag());
        out.extend(length_bytes(self.content_length()));
        match self {
            Self::Small(number) => out.push(*number),
            Self::Integer(number) => {
                let number = minimal(number);
                out.extend(needs_zero(number).then_some(0));
                out.extend_from_slice(number);
            }
            Self::Null => {}
            Self::Oid(oid) => out.extend_from_slice(oid.as_bytes()),
            Self::Octets(bytes) => out.extend_from_slice(bytes),
            Self::Bits(bytes) => {
                out.push(0);
                out.extend_from_slice(bytes);
            }
            Self::Sequence(values) => values.iter().for_each(|value| value.write(out)),
            Self::InOctets(inner) | Self::Explicit(_, inner) => inner.write(out),
            Self::InBits(inner) => {
                out.push(0);
                inner.write(out);
            }
        }
    }
}

/// A length: one byte below 128, else its count of bytes and then these (X.690 §8.1.3).
fn length_bytes(length: usize) -> impl Iterator<Item = u8> {
    const LONG: u8 = 0x80;
    let bytes = length.to_be_bytes();
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count().min(bytes.len() - 1);
    let significant = bytes.len() - zeros;
    // At most eight, by the type.
    let prefix = (length >= usize::from(LONG)).then_some(LONG | significant as u8);
    prefix.into_iter().chain(bytes.into_iter().skip(zeros))
}

/// A number in as few bytes as there can be: one for zero.
fn minimal(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// Whether a number needs a zero in front: else it would be negative, or nothing.
fn needs_zero(number: &[u8]) -> bool {
    number.first().is_none_or(|&first| first >= 0x80)
}

#[cfg(test)]
mod tests {
    use pkcs8::der::asn1::{AnyRef, UintRef};
    use pkcs8::der::{Decode, Encode};

    use super::*;

    #[test]
    fn numbers_are_as_short_as_can_be_and_never_negative() {
        for number in [&[0][..], &[0, 0], &[1], &[0x7f], &[0x80], &[0, 0x80], &[1, 0, 0]] {
            let ours = Der::Integer(number).encode();
            let theirs = UintRef::new(number).unwrap().to_der().unwrap();
            assert_eq!(*ours, theirs, "{number:?}");
        }
        assert_eq!(*Der::Integer(&[]).encode(), [2, 1, 0]);
        assert_eq!(*Der::Small(5).encode(), [2, 1, 5]);
    }

    #[test]
    fn lengths_are_as_short_as_can_be() {
        for length in [0, 1, 127, 128, 255, 256, 65_535, 65_536] {
            let content = vec![7; length];
            let ours = Der::Octets(&content).encode();
            let read = AnyRef::from_der(&ours).unwrap();
            assert_eq!(read.value(), content);
            assert_eq!(*ours, read.to_der().unwrap());
        }
    }

    #[test]
    fn what_is_inside_counts() {
        let pair = Der::Sequence(&[Der::Null, Der::Small(1)]);
        assert_eq!(*pair.encode(), [0x30, 5, 5, 0, 2, 1, 1]);
        assert_eq!(*Der::InOctets(&pair).encode(), [4, 7, 0x30, 5, 5, 0, 2, 1, 1]);
        assert_eq!(*Der::InBits(&Der::Null).encode(), [3, 3, 0, 5, 0]);
        assert_eq!(*Der::Bits(&[9]).encode(), [3, 2, 0, 9]);
        assert_eq!(*Der::Explicit(1, &Der::Null).encode(), [0xa1, 2, 5, 0]);
    }
}
