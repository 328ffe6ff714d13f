//! `watch@keyfob`: who may look on, and what is seen of the keys.
//!
//! Questions, uses and the right to answer are the driver's. Here it is decided that a watcher sits
//! at this machine: what is told says where its person works, and a server behind a forwarded agent
//! must not hear it.

use std::time::Duration;

use keyfob_keys::{HashKind, Secret};
use keyfob_protocol::limits::MAX_WATCHED_KEYS;
use keyfob_protocol::watch::{Choice, Key, Lock, QuestionId};
use keyfob_protocol::{WatchRequest, details::Place};

use crate::agent::Agent;
use crate::clock::Now;
use crate::identity::Identity;
use crate::record::{KeyName, Record, Refusal};
use crate::session::Session;
use crate::step::{Reply, Step};

/// What a watcher wants; it may look.
pub enum Watching {
    /// The state, when it is newer than this revision.
    Next(u64),
    /// The right to answer, for a passphrase that may be empty.
    Claim(Secret),
    /// This is the answer to that question. Whether it counts, the driver knows.
    Answer(QuestionId, Choice),
}

/// What a watcher sees of the keys.
#[derive(Debug, Default)]
pub struct Watched {
    /// What is locked.
    pub lock: Lock,
    /// How many keys there are.
    pub total: usize,
    /// The first of them.
    pub keys: Vec<Key>,
}

impl Agent {
    /// Who may ask is decided here. A connection that anything was bound to belongs to `ssh`, not to
    /// a person who looks on.
    pub(crate) fn about_watching(
        &self,
        session: &Session,
        request: WatchRequest<'_>,
        now: Now,
    ) -> Step {
        let refused = |why| Step::Reply(Reply::failure(Record::Refused(why)));
        if session.is_remote() || !session.bindings().is_empty() {
            return refused(Refusal::Remote);
        }
        Step::Watch(match request {
            WatchRequest::Next(revision) => Watching::Next(revision),
            // The passphrase must not come into the memory of an agent that is locked with one of
            // its own.
            WatchRequest::Claim(_) if self.is_locked(now) => return refused(Refusal::Locked),
            WatchRequest::Claim(passphrase) => Watching::Claim(Secret::from(passphrase.to_vec())),
            WatchRequest::Answer { id, choice } => Watching::Answer(id, choice),
        })
    }

    /// What a watcher sees of the keys: as much as their lister, and nothing while the agent is
    /// locked with a passphrase of its own.
    pub fn watched(&self, hash: HashKind, now: Now) -> Watched {
        let default_idle = self.policy().key_idle;
        let (lock, total, seen) = {
            let state = self.state(now.moment);
            if state.lock.locked {
                return Watched { lock: Lock::Locked, ..Watched::default() };
            }
            let lock = if state.sealed { Lock::Sealed } else { Lock::Open };
            let seen = state.keyring.iter().take(MAX_WATCHED_KEYS);
            let seen = seen.map(|identity| Seen::of(identity, now, default_idle));
            let seen: Vec<Seen> = seen.collect();
            (lock, state.keyring.len(), seen)
        };
        Watched { lock, total, keys: seen.into_iter().map(|seen| seen.told(hash)).collect() }
    }
}

/// A key as it was when somebody looked: its fingerprint is computed without the lock.
struct Seen {
    name: KeyName,
    confirm: bool,
    place: Place,
    expires_in: Option<u32>,
    idle_in: Option<u32>,
}

impl Seen {
    fn of(identity: &Identity, now: Now, default_idle: Option<Duration>) -> Self {
        let left = |end| u32::try_from(now.moment.until(end).as_secs()).unwrap_or(u32::MAX);
        Self {
            name: identity.name(),
            confirm: identity.confirm,
            place: identity.place(),
            expires_in: identity.expires.map(left),
            idle_in: identity.idle_end(default_idle).map(left),
        }
    }

    fn told(self, hash: HashKind) -> Key {
        Key {
            comment: self.name.comment.to_vec(),
            kind: self.name.public.short_name().as_bytes().to_vec(),
            fingerprint: self.name.public.fingerprint(hash).to_string().into_bytes(),
            confirm: self.confirm,
            place: self.place,
            expires_in: self.expires_in,
            idle_in: self.idle_in,
        }
    }
}
