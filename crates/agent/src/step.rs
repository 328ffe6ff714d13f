//! What the driver is to do next.
//!
//! The agent never waits, asks or signs: it returns a step, the driver carries
//! it out and hands the result back. What must happen next is a value that is
//! consumed, so it happens once.

use std::time::Duration;

use keyfob_keys::Secret;
use keyfob_protocol::Response;

use crate::lock::Derivation;
use crate::question::Question;
use crate::record::{Record, Refusal};
use crate::sign::{PendingSign, Permit};
use crate::stored::Wanted;
use crate::watching::Watching;

/// The next thing to do for one request.
#[must_use]
pub enum Step {
    /// Answer the client.
    Reply(Reply),
    /// [`Agent::recalled`](crate::Agent::recalled); ask a person where nothing is remembered, then
    /// [`Agent::answered`](crate::Agent::answered).
    Ask(Question, PendingSign),
    /// Fetch something from the key store, then [`Agent::fetched`](crate::Agent::fetched).
    Fetch(Wanted, PendingSign),
    /// Look into this key file, then [`Agent::given`](crate::Agent::given).
    Look(Secret),
    /// Do something with the key store, and answer.
    Store(Command),
    /// Show a watcher what goes on, or take its answer.
    Watch(Watching),
    /// [`Permit::sign`], then reply; [`Permit::queue`] where it has to wait first.
    Sign(Permit),
    /// [`Derivation::run`], which is slow, then
    /// [`Agent::derived`](crate::Agent::derived).
    Derive(Derivation),
}

/// What a client on this machine wants of the key store.
pub enum Command {
    /// Seal everything, with the passphrase if it is needed for that.
    Lock(Option<Secret>),
    /// Open the store.
    Unlock(Secret),
    /// Tell how it is.
    Status,
    /// Tell what was refused lately. Not about the store, but as it the driver's to know.
    Refusals,
    /// Tell which settings count; the driver's to know as well.
    Settings,
    /// Tell where the log stands; the driver's to know as well.
    Log,
    /// Tell what protects the process; the driver's to know as well.
    Security,
}

/// An answer, and what to write into the log.
#[derive(Debug)]
#[must_use]
pub struct Reply {
    /// What the client is told.
    pub response: Response,
    /// How long to wait before telling it: wrong unlocks are slowed down.
    pub after: Duration,
    /// What the log is told.
    pub record: Record,
}

impl Reply {
    pub(crate) fn now(response: Response, record: Record) -> Self {
        Self { response, after: Duration::ZERO, record }
    }

    /// An answer the driver has found.
    pub fn with(response: Response, record: Record) -> Self {
        Self::now(response, record)
    }

    /// The answer when the driver could not carry a step through: the work was
    /// cut off or too much was waiting already.
    pub fn abandoned() -> Self {
        Self::failure(Record::Refused(Refusal::Abandoned))
    }

    pub(crate) fn failure(record: Record) -> Self {
        Self::now(Response::Failure, record)
    }

    pub(crate) fn success(record: Record) -> Self {
        Self::now(Response::Success, record)
    }
}
