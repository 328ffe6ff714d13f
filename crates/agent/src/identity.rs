//! One key in the agent: its public half, its sealed private half, its rules.

use std::sync::Arc;

use keyfob_keys::PublicKey;
use keyfob_keys::shield::Sealed;
use keyfob_keys::signer::Signer;
use keyfob_protocol::destination::Constraint;
use keyfob_protocol::details::Detail;

use crate::clock::Moment;
use crate::record::KeyName;

/// Names one key in the agent for as long as it is there. A key that is
/// replaced gets a new number, so that what was decided for the old one cannot
/// be used for the new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentityId(pub(crate) u64);

/// A key the agent holds.
pub(crate) struct Identity {
    pub(crate) id: IdentityId,
    pub(crate) public: PublicKey,
    pub(crate) comment: Arc<[u8]>,
    pub(crate) sealed: Arc<Sealed>,
    pub(crate) expires: Option<Moment>,
    pub(crate) confirm: bool,
    pub(crate) destinations: Arc<[Constraint]>,
    pub(crate) prepared: Option<Prepared>,
}

/// The key's signing object, kept from one signature to the next because
/// building it costs more than most signatures do.
pub(crate) struct Prepared {
    pub(crate) signer: Arc<Signer>,
    pub(crate) last_used: Moment,
}

impl Identity {
    /// The key as the log and a question name it.
    pub(crate) fn name(&self) -> KeyName {
        KeyName { public: self.public.clone(), comment: Arc::clone(&self.comment) }
    }

    /// The key as its lister sees it.
    pub(crate) fn detail(&self, now: Moment) -> Detail {
        let remaining = self.expires.map(|end| now.until(end).as_secs());
        Detail {
            key_blob: self.public.blob().to_vec(),
            comment: self.comment.to_vec(),
            confirm: self.confirm,
            destinations: u32::try_from(self.destinations.len()).unwrap_or(u32::MAX),
            expires_in: remaining.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)),
        }
    }

    pub(crate) fn expired(&self, now: Moment) -> bool {
        self.expires.is_some_and(|end| end <= now)
    }
}
