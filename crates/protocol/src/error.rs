//! What can be wrong with a message, as facts.
//!
//! Text from outside is escaped and cut in here, so a fact can go into a log line as it is.

use crate::limits::MAX_SHOWN_NAME;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fact about one message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame with nothing in it.
    #[error("the message is empty")]
    Empty,
    /// A field cannot be read, or holds what it may not hold.
    #[error("{what}: {source}")]
    Field {
        /// The field.
        what: &'static str,
        /// What is wrong with it.
        source: keyfob_keys::Error,
    },
    /// A field that C programs will read as text has a NUL in its middle.
    #[error("{0}: contains a NUL byte")]
    Nul(&'static str),
    /// A field holds something it may not hold.
    #[error("{what}: {why}")]
    Invalid {
        /// The field.
        what: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// More than a named limit allows (see [`crate::limits`]).
    #[error("{what}: more than {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit it passes.
        limit: usize,
    },
    /// A constraint nobody has told us about. RFC 9987 §5.2.7: the add must fail.
    #[error("unknown constraint {0}")]
    UnknownConstraint(u8),
    /// The same as an extension; the name is escaped.
    #[error("unknown constraint {0}")]
    UnknownConstraintExtension(String),
    /// A constraint given twice.
    #[error("constraint {0} is given twice")]
    RepeatedConstraint(&'static str),
    /// Recognised, but not supported, because …
    #[error("{what} is not supported: {why}")]
    Unsupported {
        /// What was recognised.
        what: &'static str,
        /// The reason it cannot be used.
        why: &'static str,
    },
    /// An agent answered with a message that is not an answer.
    #[error("message {0} is not a reply")]
    NotAReply(u8),
}

impl Error {
    /// For `map_err`: says which field the reader stopped at.
    pub(crate) fn field(what: &'static str) -> impl FnOnce(keyfob_keys::Error) -> Self {
        move |source| Self::Field { what, source }
    }

    pub(crate) fn unknown_constraint_extension(name: &[u8]) -> Self {
        Self::UnknownConstraintExtension(shown(name))
    }
}

/// A name from outside, quoted, escaped and cut.
pub(crate) fn shown(name: &[u8]) -> String {
    let cut = &name[..name.len().min(MAX_SHOWN_NAME)];
    let more = if cut.len() < name.len() { "…" } else { "" };
    format!("\"{}{more}\"", cut.escape_ascii())
}
