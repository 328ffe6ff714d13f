//! Tells what a file of bare DER is, by the kinds of its first elements. Nothing else is
//! looked at: whether the document is whole its reader says.

use pkcs8::der::{Decode, Header, Length, Reader, SliceReader, Tag};

use crate::document::Content;

/// What the document is, if it looks like a key.
pub(crate) fn recognise(bytes: &[u8]) -> Option<Content> {
    let elements = Elements::of(bytes)?;
    let version = elements.is_version;
    Some(match (elements.tags(), version) {
        ([Tag::Integer, Tag::Sequence, ..], true) => Content::Pkcs8,
        ([Tag::Integer, Tag::OctetString, ..], true) => Content::Sec1,
        // Version and five numbers; RSA has eight.
        ([_, _, _, _, _, Tag::Integer], true) if elements.all(Tag::Integer) => Content::Dsa,
        ([Tag::Integer, Tag::Integer, ..], true) => Content::Pkcs1,
        ([Tag::Integer, Tag::Integer], false) => Content::Pkcs1Public,
        ([Tag::Sequence, Tag::OctetString], _) => Content::EncryptedPkcs8,
        ([Tag::Sequence, Tag::BitString], _) => Content::Spki,
        _ => return None,
    })
}

/// The first elements of a sequence.
struct Elements {
    tags: [Tag; Self::MOST],
    count: usize,
    /// Whether the first one is a number of one byte.
    is_version: bool,
}

impl Elements {
    /// More than the most a key has, so that a longer document is seen to be longer.
    const MOST: usize = 12;

    /// Of as much of the document as there is: a part of a key is a damaged key, not none.
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(bytes).ok()?;
        let outer = Header::decode(&mut reader).ok()?;
        if outer.tag() != Tag::Sequence {
            return None;
        }
        let mut found = Self { tags: [Tag::Null; Self::MOST], count: 0, is_version: false };
        while found.count < Self::MOST {
            let Ok(header) = Header::decode(&mut reader) else { break };
            if found.count == 0 {
                found.is_version = header.length() == Length::ONE;
            }
            found.tags[found.count] = header.tag();
            found.count += 1;
            if reader.read_slice(header.length()).is_err() {
                break;
            }
        }
        Some(found)
    }

    fn tags(&self) -> &[Tag] {
        &self.tags[..self.count]
    }

    fn all(&self, tag: Tag) -> bool {
        self.tags().iter().all(|&one| one == tag)
    }
}
