//! A good frame with a bad message in it: what the client is told, and what the log is told.

use crate::{Error, Response};

/// The message was refused. The client gets [`response`](Self::response) and the connection
/// lives on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("request {number} refused: {reason}")]
pub struct Refusal {
    /// The message number, 0 when there is none.
    pub number: u8,
    /// What the client is told.
    pub reply: RefusalReply,
    /// What the log is told.
    #[source]
    pub reason: Error,
    /// The client tried to bind its connection. It has to be treated as remote from now on:
    /// whoever garbles a binding must not gain by it (agents.md P5).
    pub was_session_bind: bool,
}

/// The two ways to say no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReply {
    /// The general one.
    Failure,
    /// A *known* extension failed; its own number (RFC 9987 §5.8) keeps the client from taking
    /// it for a missing one.
    ExtensionFailure,
}

impl Refusal {
    /// The reply as a response.
    #[must_use]
    pub fn response(&self) -> Response {
        match self.reply {
            RefusalReply::Failure => Response::Failure,
            RefusalReply::ExtensionFailure => Response::ExtensionFailure,
        }
    }

    /// A refused request.
    pub(crate) fn request(number: u8) -> impl FnOnce(Error) -> Self {
        move |reason| Self { number, reply: RefusalReply::Failure, reason, was_session_bind: false }
    }

    /// A refused extension whose name is known.
    pub(crate) fn extension(was_session_bind: bool) -> impl FnOnce(Error) -> Self {
        move |reason| Self {
            number: crate::number::EXTENSION,
            reply: RefusalReply::ExtensionFailure,
            reason,
            was_session_bind,
        }
    }
}
