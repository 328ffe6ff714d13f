//! What happened, for the log: names and reasons, never a secret or a body.

use std::sync::Arc;

use keyfob_keys::PublicKey;
use keyfob_keys::signer::SignatureScheme;

use crate::destination::Forbidden;
use crate::policy::SchemeRefusal;
use crate::proved::Destination;
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
    /// The same, where a rule lets the connection see nothing; told once for each connection.
    ListDenied {
        /// Over which hosts the request came.
        way: Arc<Destination>,
        /// Which rule.
        why: Forbidden,
    },
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
        /// What the data and the session prove of it.
        destination: Arc<Destination>,
    },
    /// A signature was refused.
    SignRefused {
        /// The key, where the agent has it.
        key: Option<KeyName>,
        /// What it was wanted for.
        destination: Arc<Destination>,
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
    /// The private half of a key was forgotten, or of all keys, until it is needed: it is in a file
    /// or in the key store.
    Closed {
        /// Which; none for all.
        key: Option<KeyName>,
    },
    /// A key was removed.
    Removed(KeyName),
    /// A key left by the end of its lifetime.
    Expired(KeyName),
    /// A key left because nobody used it for so long.
    Unused(KeyName),
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
    /// The agent has locked what it could by itself.
    LockedByItself {
        /// Why.
        cause: LockCause,
        /// What came of it.
        locked: Locked,
    },
    /// Something was asked about the key store.
    StoreAsked,
    /// A wrong unlock passphrase, the nth since the last right one.
    UnlockFailed {
        /// n.
        failures: u32,
    },
    /// Somebody looks on.
    Watched,
    /// Somebody who looks on wanted the right to answer questions.
    Claimed {
        /// Why it was not given; it was, if there is none.
        refused: Option<&'static str>,
    },
    /// Something was asked about what is remembered of hosts.
    HostsAsked,
    /// What hosts took was forgotten.
    HostsForgotten {
        /// How much.
        count: usize,
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

/// Why the agent locks by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockCause {
    /// No key of the store was used.
    #[error("key store unused for so long")]
    StoreUnused,
    /// The session has lasted as long as it may.
    #[error("session time is up")]
    SessionTime,
    /// The machine goes to sleep.
    #[error("before sleep")]
    Sleep,
    /// The screen was locked.
    #[error("screen locked")]
    Screen,
    /// The last login session of the user ended.
    #[error("login session ended")]
    SessionEnd,
}

/// What was locked by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Locked {
    /// The key store, and all keys under it.
    All,
    /// The key store was locked before, or there is none: so many keys of this session stay as they
    /// are, because nobody has given a passphrase they could be sealed under.
    AllButSession(usize),
    /// The key store; so many keys of this session were removed.
    Removed(usize),
}

/// Why a signature was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// It has to be confirmed by rules that came while it waited.
    #[error("the rules changed while the request waited")]
    RulesChanged,
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
    /// The question was put to nobody, because of this.
    #[error("question was not asked: {0}")]
    CannotAsk(Arc<str>),
    /// The client went away before the answer.
    #[error("client went away while the question was open")]
    ClientGone,
    /// The key store is locked, and nobody gave its passphrase.
    #[error("key store is locked: {0}")]
    StoreLocked(&'static str),
    /// The key is in an encrypted file, and nobody gave its passphrase.
    #[error("key file is encrypted: {0}")]
    FileClosed(&'static str),
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
    /// There is no memory for what was asked.
    #[error("not enough memory")]
    NoMemory,
    /// A client beyond this machine asked about the key store, hosts or refusals, or wanted to look on.
    #[error("the key store, the hosts and refusals are the business of this machine only")]
    Remote,
    /// A client of a socket that shows some keys only wanted something that concerns all.
    #[error("a profile's socket serves its own keys only")]
    Profile,
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
    /// It was to be forgotten, and is nowhere else.
    #[error("no encrypted form of the key is here")]
    NoEncryptedForm,
    /// A key file that gave no key: what is the matter with it.
    #[error("{0}")]
    BadFile(Arc<str>),
    /// The key could not be sealed.
    #[error("key could not be sealed in memory")]
    CannotSeal,
}
