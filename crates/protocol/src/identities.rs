//! The listing (RFC 9987 §4.4), built once per change of the keys and then sent as it is.
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
