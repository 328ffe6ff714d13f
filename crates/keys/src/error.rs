//! What can be wrong with a key or a signature, as facts.

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fact about a key, a signature or the shield. Hints belong to whoever talks to a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes end before the field does.
    #[error("the data ends in the middle of a field")]
    Truncated,
    /// Bytes follow where the data should have ended.
    #[error("{0} bytes follow after the end")]
    Trailing(usize),
    /// A field holds something it may not hold.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// More than a named limit allows (see [`crate::limits`]).
    #[error("{what}: more than {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit it passes.
        limit: usize,
    },
    /// A key or signature type this crate has never heard of. The name is escaped.
    #[error("unknown key type {0}")]
    UnknownAlgorithm(String),
    /// Recognised, but not supported, because …
    #[error("{what} is not supported: {why}")]
    Unsupported {
        /// What was recognised.
        what: &'static str,
        /// The reason it cannot be used.
        why: &'static str,
    },
    /// The private and the public half, or the key and its certificate, are of two keys.
    #[error("{0} do not belong together")]
    Mismatch(&'static str),
    /// The signature is not one of this key over this data.
    #[error("the signature does not verify")]
    BadSignature,
    /// This key cannot make this kind of signature.
    #[error("a key of type {0} cannot make this kind of signature")]
    WrongScheme(&'static str),
    /// The backend refused to sign; nothing about the key is told.
    #[error("the signature could not be made")]
    SigningFailed,
    /// The system's random generator failed.
    #[error("the system's random generator failed")]
    Randomness,
    /// The search for a key was given up, as its watcher wished.
    #[error("stopped")]
    Stopped,
    /// Memory for the operation could not be had.
    #[error("not enough memory for {0}")]
    OutOfMemory(&'static str),
    /// The shield is locked: private keys cannot be sealed or opened.
    #[error("locked")]
    Locked,
    /// The shield is locked already.
    #[error("already locked")]
    AlreadyLocked,
    /// A sealed key does not open: it was sealed by another shield, or memory was damaged.
    #[error("the sealed key does not open")]
    BrokenSeal,
}

impl Error {
    /// Names an unknown type: escaped and cut, because the name comes from a stranger.
    pub(crate) fn unknown(name: &[u8]) -> Self {
        let shown = &name[..name.len().min(64)];
        Self::UnknownAlgorithm(format!("\"{}\"", shown.escape_ascii()))
    }
}
