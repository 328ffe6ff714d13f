//! Keys that nobody uses: when they are forgotten, and what is remembered of that.
//!
//! The time begins anew with each signature, beside the lifetime, which does not. Nothing here
//! walks over keys: the keyring does, and only when one of them may be due.

use std::collections::HashMap;
use std::time::Duration;

use crate::agent::Agent;
use crate::clock::{Moment, Now};
use crate::identity::Identity;
use crate::stored::ItemId;

impl Identity {
    /// When it is forgotten unless it is used before; never while there is nothing to forget.
    pub(crate) fn idle_end(&self, default: Option<Duration>) -> Option<Moment> {
        if self.is_away() {
            return None;
        }
        self.last_used.after(self.idle.or(default)?)
    }
}

/// When items of the store were last used whose private half is here no more. Not part of the key:
/// removed and shown again, it could be used without the passphrase its rest was to ask for.
#[derive(Default)]
pub(crate) struct LastUses(HashMap<ItemId, Moment>);

impl LastUses {
    /// A key goes, or its private half.
    pub(crate) fn note(&mut self, identity: &Identity) {
        if let (Some(origin), false) = (&identity.origin, identity.is_away()) {
            let last = self.0.entry(origin.item).or_insert(identity.last_used);
            *last = identity.last_used.max(*last);
        }
    }

    /// When this item was forgotten because nobody used it.
    pub(crate) fn ended(
        &self,
        item: ItemId,
        idle: Option<Duration>,
        now: Moment,
    ) -> Option<Moment> {
        self.0.get(&item)?.after(idle?).filter(|end| *end <= now)
    }

    #[cfg(fuzzing)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The passphrase of the store was given: that is as good as a use of each.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Agent {
    /// Wipes every signing object at once, and forgets what a person allowed: what was ready stays
    /// sealed until it is used again, and is asked about.
    /// For moments in which nothing more can be done, because nobody gave a passphrase to seal
    /// keys under.
    pub fn rest(&self, now: Now) {
        let mut state = self.state(now.moment);
        state.keyring.wipe_prepared();
        state.consent.forget_all();
    }

    /// How many keys it holds that are nowhere else.
    pub fn session_keys(&self, now: Now) -> usize {
        self.state(now.moment).keyring.iter().filter(|one| !one.comes_back()).count()
    }

    /// The session of its user is over: keys that are nowhere else go, those of the store are shown
    /// and locked. Says how many went.
    pub fn end_session(&self, now: Now) -> usize {
        let policy = self.policy();
        let mut state = self.state(now.moment);
        let before = state.keyring.len();
        state.lock_stored();
        state.keyring.retain(|identity| identity.origin.is_some());
        let gone = before - state.keyring.len();
        if state.sealed {
            // It holds nothing any more, and what opens it may be lost.
            state.sealed = self.shield.renew().is_err();
        }
        state.show_stored(policy.default_lifetime);
        gone
    }
}
