//! How much the agent holds, for `tests/fuzz`. Not a part of the crate otherwise.

use std::collections::HashSet;

use crate::agent::Agent;
use crate::clock::Now;

/// How many of each it holds.
#[derive(Debug)]
pub struct Holdings {
    /// Keys.
    pub keys: usize,
    /// Bytes of their public halves and comments.
    pub text: usize,
    /// Destinations of all of them.
    pub destinations: usize,
    /// What is known to be in the key store.
    pub stored: usize,
    /// What of it is hidden.
    pub hidden: usize,
    /// Items of the store whose end or last use is known.
    pub known_items: usize,
    /// Answers that are remembered.
    pub approvals: usize,
    /// Those about keys that are not here.
    pub stale_approvals: usize,
    /// Accounts whose key is remembered.
    pub remembered: usize,
    /// Keys whose last use is.
    pub uses: usize,
    /// Hosts that were shown only what is remembered of them.
    pub narrowed: usize,
    /// Hosts that were forgotten and may still be kept elsewhere.
    pub forgotten: usize,
    /// Keys that have expired and were not told of.
    pub expired: usize,
}

impl Agent {
    /// Counts.
    pub fn holdings(&self, now: Now) -> Holdings {
        let state = self.state(now.moment);
        let [remembered, uses, narrowed, forgotten] = state.memory.counts();
        let here = state.keyring.iter().filter(|key| !key.is_away());
        let here: HashSet<_> = here.map(|key| key.id).collect();
        let text = |blob: &[u8], comment: &[u8]| blob.len() + comment.len();
        let keys = state.keyring.iter().map(|key| text(key.public.blob(), &key.comment));
        let stored = state.stored.iter().map(|key| text(key.public.blob(), &key.comment));
        Holdings {
            keys: state.keyring.len(),
            text: keys.chain(stored).sum(),
            destinations: state.keyring.iter().map(|key| key.destinations.len()).sum(),
            stored: state.stored.len(),
            hidden: state.hidden.len(),
            known_items: state.keyring.known_items(),
            approvals: state.consent.keys().count(),
            stale_approvals: state.consent.keys().filter(|id| !here.contains(id)).count(),
            remembered,
            uses,
            narrowed,
            forgotten,
            expired: state.expired(),
        }
    }
}
