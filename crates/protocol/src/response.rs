//! What the agent answers (RFC 9987 §5), as whole frames.

use std::borrow::Cow;
use std::sync::Arc;

use keyfob_keys::wire::Put as _;

use crate::hosts::HostsReply;
pub use crate::identities::IdentitiesBuilder;
use crate::log::{self, LogStatus};
use crate::refusals::{self, Refused};
use crate::security::{self, Process};
use crate::settings::{self, SettingsStatus};
use crate::watch::WatchReply;
use crate::{Details, StoreReply, extension, number};

/// One answer.
#[derive(Clone, PartialEq, Eq)]
pub enum Response {
    /// Done.
    Success,
    /// Refused, or not understood.
    Failure,
    /// A known extension failed.
    ExtensionFailure,
    /// A listing: the whole frame, made by [`IdentitiesBuilder`] and shared by all
    /// clients until the keys change.
    Identities(Arc<[u8]>),
    /// A signature, in SSH's own form: `string algorithm, string signature`.
    Signature(Vec<u8>),
    /// The answer to `query`.
    Extensions(&'static [&'static str]),
    /// The keys with their constraints.
    Details(Details),
    /// How the key store is, and what came of a request about it.
    Store(Box<StoreReply>),
    /// Which keys hosts took.
    Hosts(Box<HostsReply>),
    /// What was refused lately, the oldest first.
    Refusals(Vec<Refused>),
    /// Which settings count.
    Settings(Box<SettingsStatus>),
    /// Where the log stands.
    Log(Box<LogStatus>),
    /// What protects the process.
    Security(Box<Process>),
    /// What goes on.
    Watch(Box<WatchReply>),
    /// An answer to one of PuTTY's extensions: the whole frame ([`putty`](crate::putty)).
    Putty(Vec<u8>),
}

impl Response {
    /// The whole frame, length included; nothing is copied where it exists already.
    #[must_use]
    pub fn encode(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Success => Cow::Borrowed(&[0, 0, 0, 1, number::SUCCESS]),
            Self::Failure => Cow::Borrowed(&[0, 0, 0, 1, number::FAILURE]),
            Self::ExtensionFailure => Cow::Borrowed(&[0, 0, 0, 1, number::EXTENSION_FAILURE]),
            Self::Identities(frame) => Cow::Borrowed(frame),
            Self::Putty(frame) => Cow::Borrowed(frame),
            Self::Details(details) => Cow::Owned(details.encode()),
            Self::Store(reply) => Cow::Owned(reply.encode()),
            Self::Hosts(reply) => Cow::Owned(reply.encode()),
            Self::Refusals(refusals) => Cow::Owned(refusals::encode(refusals)),
            Self::Watch(reply) => Cow::Owned(reply.encode()),
            Self::Settings(status) => Cow::Owned(settings::encode(status)),
            Self::Log(status) => Cow::Owned(log::encode(status)),
            Self::Security(process) => Cow::Owned(security::encode(process)),
            Self::Signature(_) | Self::Extensions(_) => {
                let mut out = Vec::new();
                self.encode_into(&mut out);
                Cow::Owned(out)
            }
        }
    }

    /// Appends the whole frame, for a connection that collects its answers in one buffer.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        let body = match self {
            Self::Signature(blob) => {
                out.reserve(4 + 1 + 4 + blob.len());
                let body = begin(out, number::SIGN_RESPONSE);
                out.put_string(blob);
                body
            }
            Self::Extensions(names) => {
                let body = begin(out, number::EXTENSION_RESPONSE);
                out.put_string(extension::QUERY.as_bytes());
                for name in *names {
                    out.put_string(name.as_bytes());
                }
                body
            }
            ready => {
                out.extend_from_slice(&ready.encode());
                return;
            }
        };
        // Both are far below any limit: a signature is at most a few kilobytes long.
        let length = u32::try_from(out.len() - body).unwrap_or(u32::MAX);
        out[body - 4..body].copy_from_slice(&length.to_be_bytes());
    }
}

/// Room for the length, and the message number; returns where the body begins.
fn begin(out: &mut Vec<u8>, number: u8) -> usize {
    out.put_u32(0);
    let body = out.len();
    out.put_u8(number);
    body
}

/// Says what it is, never what is in it.
impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Success => "Success",
            Self::Failure => "Failure",
            Self::ExtensionFailure => "ExtensionFailure",
            Self::Identities(_) => "Identities",
            Self::Signature(_) => "Signature",
            Self::Extensions(_) => "Extensions",
            Self::Details(_) => "Details",
            Self::Store(_) => "Store",
            Self::Hosts(_) => "Hosts",
            Self::Refusals(_) => "Refusals",
            Self::Settings(_) => "Settings",
            Self::Log(_) => "Log",
            Self::Security(_) => "Security",
            Self::Watch(_) => "Watch",
            Self::Putty(_) => "Putty",
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_number_and_its_length() {
        assert_eq!(*Response::Success.encode(), [0, 0, 0, 1, 6]);
        assert_eq!(*Response::Failure.encode(), [0, 0, 0, 1, 5]);
        assert_eq!(*Response::ExtensionFailure.encode(), [0, 0, 0, 1, 28]);
        let signature = Response::Signature(b"blob".to_vec());
        assert_eq!(*signature.encode(), *b"\0\0\0\x09\x0e\0\0\0\x04blob");
    }

    /// As OpenSSH 10.5 answers it, byte for byte: no count, no outer length. Other agents put
    /// one there, and OpenSSH's client cannot read their answer.
    #[test]
    fn query_is_answered_in_openssh_s_form() {
        let answer = Response::Extensions(&["session-bind@openssh.com"]);
        let expected = b"\0\0\0\x26\x1d\0\0\0\x05query\0\0\0\x18session-bind@openssh.com";
        assert_eq!(*answer.encode(), *expected);
    }

    #[test]
    fn answers_collect_in_one_buffer_one_behind_the_other() {
        let mut out = Vec::new();
        Response::Signature(vec![1]).encode_into(&mut out);
        Response::Success.encode_into(&mut out);
        Response::Extensions(&[]).encode_into(&mut out);
        let expected = b"\0\0\0\x06\x0e\0\0\0\x01\x01\0\0\0\x01\x06\0\0\0\x0a\x1d\0\0\0\x05query";
        assert_eq!(out, expected);
    }
}
