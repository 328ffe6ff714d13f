//! A frame being written: the length is filled in when it is closed.

use std::ops::{Deref, DerefMut};

use zeroize::Zeroizing;

use crate::limits::MAX_FRAME;
use crate::{Error, Result};

/// Begun with the message number; the fields are put through `DerefMut`.
pub(crate) struct Outgoing(Zeroizing<Vec<u8>>, usize);

impl Outgoing {
    /// `content` is an upper bound of the bytes to come. It matters: a `Vec` that grows leaves
    /// what it held in freed memory.
    pub(crate) fn new(number: u8, content: usize) -> Self {
        let reserved = 5 + content;
        let mut frame = Zeroizing::new(Vec::with_capacity(reserved));
        frame.extend_from_slice(&[0, 0, 0, 0, number]);
        Self(frame, reserved)
    }

    /// The whole frame.
    pub(crate) fn close(mut self) -> Result<Zeroizing<Vec<u8>>> {
        // Every request of every test is measured here. A bound that is too low costs no more
        // than a copy, `PrivateKey::encode` and `Zeroizing` being careful; it shall not happen.
        debug_assert!(self.0.len() <= self.1, "more was written than reserved");
        let body = self.0.len() - 4;
        match u32::try_from(body) {
            Ok(length) if body <= MAX_FRAME => {
                self.0[..4].copy_from_slice(&length.to_be_bytes());
                Ok(self.0)
            }
            _ => Err(Error::TooLarge { what: "bytes in a message", limit: MAX_FRAME }),
        }
    }
}

impl Deref for Outgoing {
    type Target = Zeroizing<Vec<u8>>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Outgoing {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
