//! The listing (RFC 9987 §5.5), built once per change of the keys and then sent as it is.
//!
//! It never gets longer than OpenSSH's clients accept: they would throw all of it away
//! (agents.md P7). What does not fit is left out, and whoever builds it is told.

use std::sync::Arc;

use keyfob_keys::wire::{Put as _, string_len};

use crate::limits::{MAX_FRAME, MAX_IDENTITIES};
use crate::number;

/// Length, message number, count.
const HEAD: usize = 4 + 1 + 4;

/// A listing being built.
#[derive(Debug)]
pub struct IdentitiesBuilder {
    frame: Vec<u8>,
    count: usize,
}

impl IdentitiesBuilder {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        let mut frame = Vec::with_capacity(HEAD);
        frame.put_u32(0);
        frame.put_u8(number::IDENTITIES_ANSWER);
        frame.put_u32(0);
        Self { frame, count: 0 }
    }

    /// Adds a key, or says `false` and leaves it out because the listing would become longer
    /// than a client accepts. A shorter one may still fit afterwards.
    ///
    /// A comment ends at its first NUL: what follows could not be read by a C program, and
    /// OpenSSH's refuse the whole listing for it.
    #[must_use]
    pub fn push(&mut self, blob: &[u8], comment: &[u8]) -> bool {
        let end = comment.iter().position(|&byte| byte == 0);
        let comment = &comment[..end.unwrap_or(comment.len())];
        let more = string_len(blob.len()) + string_len(comment.len());
        if self.count == MAX_IDENTITIES || self.frame.len() - 4 + more > MAX_FRAME {
            return false;
        }
        self.frame.put_string(blob);
        self.frame.put_string(comment);
        self.count += 1;
        true
    }

    /// The whole frame, for [`Response::Identities`](crate::Response::Identities).
    #[must_use]
    pub fn finish(mut self) -> Arc<[u8]> {
        // Both are bounded by `push`, far below 2^32.
        let length = u32::try_from(self.frame.len() - 4).unwrap_or(u32::MAX);
        let count = u32::try_from(self.count).unwrap_or(u32::MAX);
        self.frame[..4].copy_from_slice(&length.to_be_bytes());
        self.frame[5..HEAD].copy_from_slice(&count.to_be_bytes());
        self.frame.into()
    }
}

impl Default for IdentitiesBuilder {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Identity, Reply};

    fn read(frame: &[u8]) -> Vec<Identity> {
        let length = u32::from_be_bytes(*frame.first_chunk().unwrap()) as usize;
        assert_eq!(length, frame.len() - 4, "the length fits");
        assert!(length <= MAX_FRAME);
        match Reply::decode(&frame[4..]).unwrap() {
            Reply::Identities(list) => list,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_empty_listing_is_nine_bytes() {
        let frame = IdentitiesBuilder::new().finish();
        assert_eq!(*frame, [0, 0, 0, 5, 12, 0, 0, 0, 0]);
    }

    #[test]
    fn keys_are_listed_in_the_order_they_were_pushed() {
        let mut listing = IdentitiesBuilder::new();
        assert!(listing.push(b"first", b"\xff not UTF-8") && listing.push(b"second", b""));
        let list = read(&listing.finish());
        assert_eq!(list[0].key_blob, b"first");
        assert_eq!(list[0].comment, b"\xff not UTF-8");
        assert_eq!(list[1].key_blob, b"second");
        assert_eq!(list[1].comment, b"");
    }

    /// Lost otherwise: with many keys OpenSSH's clients see none at all.
    #[test]
    fn p7_what_would_make_the_listing_too_long_is_left_out_and_said() {
        let mut listing = IdentitiesBuilder::new();
        let mut pushed = 0;
        while listing.push(&[7; 1500], b"comment") {
            pushed += 1;
        }
        assert!(listing.push(b"small", b""), "a smaller one still fits");
        assert_eq!(read(&listing.finish()).len(), pushed + 1);
        let mut listing = IdentitiesBuilder::new();
        let room = MAX_FRAME - 5 - 4 - 4;
        assert!(!listing.push(&vec![7; room + 1], b""));
        assert!(listing.push(&vec![7; room], b""), "to the last byte");
        assert_eq!(listing.finish().len(), 4 + MAX_FRAME);
    }

    #[test]
    fn p7_a_listing_has_no_more_keys_than_openssh_s_clients_accept() {
        let mut listing = IdentitiesBuilder::new();
        let pushed = (0..3000).filter(|_| listing.push(b"key", b"")).count();
        assert_eq!(pushed, MAX_IDENTITIES);
        assert_eq!(read(&listing.finish()).len(), MAX_IDENTITIES);
    }

    /// Lost otherwise: one comment spoils the listing of all keys.
    #[test]
    fn a_comment_ends_at_its_first_nul() {
        let mut listing = IdentitiesBuilder::new();
        assert!(listing.push(b"key", b"seen\0unseen"));
        assert_eq!(read(&listing.finish())[0].comment, b"seen");
    }
}
