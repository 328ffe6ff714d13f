//! What a key is remembered and compared by: the SHA-256 of its blob.
//!
//! A certificate counts as the key it certifies: a new certificate for the same key, or for the
//! same host, is nothing new.

use std::fmt;

use keyfob_keys::{Fingerprint, HashKind, PublicKey};

/// The SHA-256 fingerprint of a key, without its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Print(pub [u8; 32]);

impl Print {
    /// Of this key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        match key.fingerprint(HashKind::Sha256) {
            Fingerprint::Sha256(hash) => Self(hash),
            // Asked for SHA-256, it is that.
            _ => Self([0; 32]),
        }
    }
}

/// As OpenSSH shows it: `SHA256:…`.
impl fmt::Display for Print {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fingerprint::Sha256(self.0).fmt(f)
    }
}
