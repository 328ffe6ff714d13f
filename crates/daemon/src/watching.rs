//! `keyfob watch`: who looks on, what they see, and who of them may answer.
//!
//! Any process of the user may look on; it learns what `keyfob list` and `keyfob why` tell. To answer
//! takes the right, or a process would allow its own requests: see `claim`. The right belongs to one
//! connection and is good until that ends or anything is locked. And whoever was started by a
//! watcher is never allowed anything by it.

mod claim;
mod kin;
mod state;
mod telling;
mod watcher;
mod watchers;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyfob_protocol::limits::MAX_WATCHED_USES;
use keyfob_protocol::watch::Use;

use crate::changes::{Changes, Locks};
use crate::clock;
use crate::limits::MAX_WATCHERS;
use crate::peer::Peer;
use crate::questions::Askers;

use claim::Claims;
pub(crate) use kin::{Ancestry, Process};
pub(crate) use watcher::Watcher;
pub(crate) use watchers::Watchers;

/// What all watchers share.
pub(crate) struct Watching {
    changes: Changes,
    held: Mutex<Held>,
    claims: Claims,
}

/// Held for moments only.
#[derive(Default)]
struct Held {
    /// The newest first.
    uses: VecDeque<Use>,
    watchers: HashMap<u64, Attached>,
    last: u64,
}

/// A connection that looks on.
struct Attached {
    /// `None` in a namespace we cannot see into: nobody can say what it has started.
    process: Option<Process>,
    /// May answer while it was locked so often.
    right: Option<Locks>,
}

/// Why nobody who looks on can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unattended {
    #[error("no `keyfob watch` is running")]
    Nobody,
    #[error("no `keyfob watch` has the right to answer")]
    NoRight,
    #[error("the `keyfob watch` that could answer has started who asks")]
    OwnRequest,
}

impl Watching {
    pub(crate) fn new(changes: Changes) -> Self {
        Self { changes, held: Mutex::default(), claims: Claims::default() }
    }

    /// A use of a key, or a refusal, in words that are safe to show.
    pub(crate) fn note(&self, allowed: bool, words: String) {
        let noted = Use { unix: clock::now().unix, allowed, text: words.into_bytes() };
        {
            let mut held = self.held();
            held.uses.truncate(MAX_WATCHED_USES - 1);
            held.uses.push_front(noted);
        }
        self.changes.happened();
    }

    /// Takes a connection in; `None` when there are too many.
    pub(crate) fn attach(self: &Arc<Self>, peer: &Peer) -> Option<Watcher> {
        let mut held = self.held();
        if held.watchers.len() >= MAX_WATCHERS {
            return None;
        }
        held.last += 1;
        let number = held.last;
        held.watchers.insert(number, Attached { process: peer.process(), right: None });
        drop(held);
        Some(Watcher::new(Arc::clone(self), number))
    }

    /// Whether somebody who looks on can answer what these processes ask.
    fn attended(&self, askers: &Askers) -> Result<(), Unattended> {
        let (held, locks) = (self.held(), self.changes.locks());
        if held.watchers.is_empty() {
            return Err(Unattended::Nobody);
        }
        let mut entitled = held.watchers.values().filter(|one| one.right == Some(locks)).peekable();
        if entitled.peek().is_none() {
            return Err(Unattended::NoRight);
        }
        match entitled.any(|one| !one.has_started(askers)) {
            true => Ok(()),
            false => Err(Unattended::OwnRequest),
        }
    }

    fn detach(&self, number: u64) {
        self.held().watchers.remove(&number);
        self.changes.happened();
    }

    /// Gives a connection the right, if nothing was locked since it was asked for.
    fn entitle(&self, number: u64, since: Locks) -> bool {
        let is_good = since == self.changes.locks();
        if let Some(watcher) = self.held().watchers.get_mut(&number) {
            watcher.right = Some(since);
        }
        self.changes.happened();
        is_good
    }

    /// Whether this connection may answer at all.
    fn is_entitled(&self, number: u64) -> bool {
        let locks = self.changes.locks();
        self.held().watchers.get(&number).is_some_and(|one| one.right == Some(locks))
    }

    /// Whether this connection is, or has started, one of those who ask.
    fn is_kin(&self, number: u64, askers: &Askers) -> bool {
        self.held().watchers.get(&number).is_none_or(|one| one.has_started(askers))
    }

    /// A panic while this was held left whole lists.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Attached {
    /// Whether it is, or has started, one of these.
    fn has_started(&self, askers: &Askers) -> bool {
        let is_kin = |process| askers.iter().any(|one| one.comes_from(process));
        self.process.is_none_or(is_kin)
    }
}

#[cfg(test)]
mod tests;
