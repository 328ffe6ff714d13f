//! The request that brings a private key (RFC 9987 §5.2).

use keyfob_keys::PrivateKey;
use keyfob_keys::wire::{Put as _, Reader, string_len};
use zeroize::Zeroizing;

use crate::constraint::Constraints;
use crate::limits::MAX_COMMENT;
use crate::text::text;
use crate::{Error, Result};

/// A private key, its comment and what it may be used for.
pub struct AddIdentity {
    /// The key, with its certificate if it came with one.
    pub key: PrivateKey,
    /// For people; bytes, because nobody promises UTF-8. May be empty.
    pub comment: Vec<u8>,
    /// What to enforce.
    pub constraints: Constraints,
}

impl AddIdentity {
    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self> {
        let key = PrivateKey::decode(&mut reader).map_err(Error::field("private key"))?;
        // An agent that lists a key it cannot use only makes clients try it.
        key.ensure_signs().map_err(Error::field("private key"))?;
        let comment = text(&mut reader, "comment")?;
        if comment.len() > MAX_COMMENT {
            return Err(Error::TooLarge { what: "bytes in a comment", limit: MAX_COMMENT });
        }
        let constraints = Constraints::decode(&mut reader)?;
        Ok(Self { key, comment: comment.to_vec(), constraints })
    }

    pub(crate) fn encode(&self, out: &mut Zeroizing<Vec<u8>>) {
        self.key.encode(out);
        out.put_string(&self.comment);
        self.constraints.encode(out);
    }

    /// An upper bound. The private fields of no type are longer than three times its public
    /// blob (RSA comes nearest: n, e, d and half an n each for iqmp, p and q, against n and e);
    /// for the short keys of Ed25519 a constant covers it.
    pub(crate) fn encoded_len(&self) -> usize {
        let key = 4 * self.key.public().blob().len() + 512;
        key + string_len(self.comment.len()) + self.constraints.encoded_len()
    }
}

/// The public half only.
impl std::fmt::Debug for AddIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddIdentity")
            .field("constraints", &self.constraints)
            .finish_non_exhaustive()
    }
}
