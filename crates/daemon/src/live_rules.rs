//! The rules that count at this moment: settings may change while the agent runs.
//!
//! Whoever needs several of them takes one set and uses that: two looks may see two sets. The lock
//! is held to copy a pointer, never for longer.

use std::sync::{Arc, PoisonError, RwLock};

use crate::options::Rules;

/// A set of rules that can be replaced by another.
pub(crate) struct LiveRules(RwLock<Arc<Rules>>);

impl LiveRules {
    pub(crate) fn new(rules: Rules) -> Self {
        Self(RwLock::new(Arc::new(rules)))
    }

    /// Those that count now.
    pub(crate) fn now(&self) -> Arc<Rules> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Others count from now on.
    pub(crate) fn replace(&self, rules: Rules) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}
