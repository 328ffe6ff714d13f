//! One connection that looks on.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use keyfob_protocol::watch::{self as told, Question};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::changes::Locks;
use crate::clock;
use crate::limits::{WATCHERS_ARE_TOLD_AFTER, WATCHERS_WAIT};

use crate::questions::{Askers, QuestionId, Standing};

use super::Watching;

/// Looks on until it is dropped.
pub(crate) struct Watcher {
    pub(super) watching: Arc<Watching>,
    pub(super) number: u64,
    changes: watch::Receiver<u64>,
    /// What open questions are called for this watcher.
    names: HashMap<QuestionId, told::QuestionId>,
}

impl Watcher {
    pub(super) fn new(watching: Arc<Watching>, number: u64) -> Self {
        let changes = watching.changes.subscribe();
        Self { watching, number, changes, names: HashMap::new() }
    }

    /// The state as it is now.
    pub(super) fn revision(&self) -> u64 {
        // Zero is what a watcher names that has seen nothing.
        self.changes.borrow().saturating_add(1)
    }

    /// Returns when there is something newer than this, or it has waited long enough.
    pub(crate) async fn news(&mut self, seen: u64) {
        self.news_within(seen, WATCHERS_WAIT).await;
    }

    pub(super) async fn news_within(&mut self, seen: u64, limit: Duration) {
        if seen == 0 || seen > self.revision() {
            return;
        }
        let is_new = self.changes.wait_for(|revision| revision.saturating_add(1) != seen);
        if timeout(limit, is_new).await.is_ok() {
            // What happens together is told together: a thousand signatures are not a thousand
            // states.
            sleep(WATCHERS_ARE_TOLD_AFTER).await;
        }
    }

    /// Open questions as this watcher is told them. Those it cannot be given a name for it does not
    /// see.
    pub(super) fn told(&mut self, open: Vec<Standing>) -> Vec<Question> {
        self.names.retain(|id, _| open.iter().any(|one| one.id == *id));
        open.into_iter().filter_map(|one| self.told_of(one)).collect()
    }

    fn told_of(&mut self, standing: Standing) -> Option<Question> {
        let Standing { id, shown, askers } = standing;
        let name = match self.names.get(&id) {
            Some(name) => *name,
            None => {
                let mut bytes = [0; 16];
                getrandom::fill(&mut bytes).ok()?;
                *self.names.entry(id).or_insert(told::QuestionId(bytes))
            }
        };
        let age = clock::now().unix.saturating_sub(shown.since);
        let span = shown.offered.for_a_while.map(|span| span.as_secs());
        let seconds = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Some(Question {
            id: name,
            text: shown.text.as_bytes().to_vec(),
            age: seconds(age),
            answerable: !self.is_kin(&askers),
            session: shown.offered.session,
            for_a_while: span.map(seconds),
        })
    }

    /// The question it calls so.
    pub(super) fn question(&self, name: told::QuestionId) -> Option<QuestionId> {
        self.names.iter().find(|(_, known)| **known == name).map(|(id, _)| *id)
    }

    /// Whether it is, or has started, one of these.
    pub(super) fn is_kin(&self, askers: &Askers) -> bool {
        self.watching.is_kin(self.number, askers)
    }

    /// Whether it may answer.
    pub(crate) fn is_entitled(&self) -> bool {
        self.watching.is_entitled(self.number)
    }

    /// May answer from now on, if nothing was locked since.
    pub(super) fn entitle(&self, since: Locks) -> bool {
        self.watching.entitle(self.number, since)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.watching.detach(self.number);
    }
}
