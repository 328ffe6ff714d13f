//! What happened, for the log: names and reasons, never a secret or a body.

use std::sync::Arc;

use keyfob_keys::PublicKey;
use keyfob_keys::signer::SignatureScheme;

use crate::destination::Forbidden;
use crate::policy::SchemeRefusal;
use crate::session::BindRefusal;

/// A key as the log names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName {
    /// The public key.
    pub public: PublicKey,
    /// Its comment: text from outside, to be escaped before it is shown.
    pub comment: Arc<[u8]>,
}

/// What a request came to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Record {
    /// The keys were listed.
    Listed,
    /// A list request met a locked agent and got an empty list.
    ListedLocked,
    /// The agent's extensions were listed.
    Queried,
    /// A signature was made.
    Signed {
        /// With this key,
        key: KeyName,
        /// in this way,
        scheme: SignatureScheme,
        /// over this data, which tells what it is for.
        data: Vec<u8>,
    },
    /// A signature was refused.
    SignRefused {
        /// The key, where the agent has it.
        key: Option<KeyName>,
        /// Why.
        why: SignRefusal,
    },
    /// A key was added; `replaced` says whether it took the place of an
    /// earlier addition.
    Added {
        /// The key.
        key: KeyName,
        /// It was there before.
        replaced: bool,
    },
    /// A key was removed.
    Removed(KeyName),
    /// A key left by the end of its lifetime.
    Expired(KeyName),
    /// All keys were removed.
    RemovedAll {
        /// How many there were.
        count: usize,
    },
    /// The agent was locked.
    Locked,
    /// The agent was unlocked.
    Unlocked,
    /// The key store was unlocked.
    StoreUnlocked,
    /// The key store was locked, and all keys with it.
    StoreLocked,
    /// Something was asked about the key store.
    StoreAsked,
    /// A wrong unlock passphrase, the nth since the last right one.
    UnlockFailed {
        /// n.
        failures: u32,
    },
    /// A session binding was recorded.
    Bound {
        /// The host it leads to.
        host_key: PublicKey,
        /// The agent is forwarded to it.
        forwarding: bool,
    },
    /// A session binding was refused.
    BindRefused(BindRefusal),
    /// A request was refused.
    Refused(Refusal),
}

/// Why a signature was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignRefusal {
    /// No such key, or none any more.
    #[error("no such key")]
    NoSuchKey,
    /// It was removed, or its time was up, while the request waited.
    #[error("key was removed while the request waited")]
    Removed,
    /// It was added anew, perhaps with other rules, while the request waited.
    #[error("key was replaced while the request waited")]
    Replaced,
    /// The agent is locked.
    #[error("agent is locked")]
    Locked,
    /// A destination constraint forbids it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The request's flags.
    #[error(transparent)]
    Scheme(#[from] SchemeRefusal),
    /// A person said no.
    #[error("denied at the question")]
    Denied,
    /// Nobody answered in time.
    #[error("question was not answered in time")]
    Unanswered,
    /// No way to ask a person: see the log for the reason.
    #[error("question could not be asked")]
    CannotAsk,
    /// The client went away before the answer.
    #[error("client went away while the question was open")]
    ClientGone,
    /// The key store is locked, and nobody gave its passphrase.
    #[error("key store is locked: {0}")]
    StoreLocked(&'static str),
    /// The key could not be fetched from the key store: see the log for the reason.
    #[error("key could not be fetched from the key store")]
    NotFetched,
    /// The key cannot make this signature.
    #[error("signing failed")]
    Failed,
}

/// Why a request that is not about signing was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It could not be read to its last byte, or must not be read as if it
    /// could.
    #[error(transparent)]
    Malformed(#[from] keyfob_protocol::Refusal),
    /// A message number this agent does not serve.
    #[error("unsupported message {0}")]
    Unsupported(u8),
    /// An extension this agent does not know.
    #[error("unknown extension")]
    UnknownExtension,
    /// The agent is locked.
    #[error("agent is locked")]
    Locked,
    /// Unlock without lock.
    #[error("agent is not locked")]
    NotLocked,
    /// A lock that an empty passphrase would open is none.
    #[error("empty lock passphrase")]
    EmptyPassphrase,
    /// The passphrase could not be turned into a key.
    #[error("not enough memory to derive the lock key")]
    NoMemory,
    /// A client beyond this machine asked about the key store, or about refusals.
    #[error("the key store and refusals are the business of this machine only")]
    Remote,
    /// Removal of a key that is not there.
    #[error("no such key")]
    NoSuchKey,
    /// The key is hidden from this connection by its destination constraints.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The driver could not do the work.
    #[error("too much work is waiting")]
    Abandoned,
    /// A key that would be gone before it could be used.
    #[error("lifetime of 0 seconds")]
    NoLifetime,
    /// The key could not be sealed.
    #[error("key could not be sealed in memory")]
    CannotSeal,
}
