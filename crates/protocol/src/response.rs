//! What the agent answers (RFC 9987 §4), as whole frames.

use std::borrow::Cow;
use std::sync::Arc;

use keyfob_keys::wire::Put as _;

pub use crate::identities::IdentitiesBuilder;
use crate::{Details, extension, number};

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
            Self::Details(details) => Cow::Owned(details.encode()),
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
        })
    }
}
