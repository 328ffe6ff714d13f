//! The last refusals, for who asks why.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use keyfob_protocol::limits::MAX_REFUSALS;
use keyfob_protocol::refusals::Refused;

use crate::clock;

/// As many as an answer holds. Their words are those of the log: names and reasons, no secret.
#[derive(Default)]
pub(crate) struct Refusals {
    last: Mutex<VecDeque<Refused>>,
}

impl Refusals {
    /// Notes one.
    pub(crate) fn note(&self, words: String) {
        let refused = Refused { unix: clock::now().unix, reason: words.into_bytes() };
        // A panic while this was held left a whole list.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == MAX_REFUSALS {
            last.pop_front();
        }
        last.push_back(refused);
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> Vec<Refused> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().cloned().collect()
    }
}
