//! One passphrase attempt at a time for each process.
//!
//! Attempts queue, and each wrong one makes those behind it wait up to ten
//! seconds. A server behind a forwarded agent can open any number of
//! connections, all of them through one `ssh`: with more than one place in the
//! queue it would keep the owner from unlocking. It counts; it asks nobody.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Who has an attempt under way, by process number; those in a foreign process
/// namespace have none and count as one.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    under_way: Mutex<BTreeSet<Option<u32>>>,
}

/// An attempt under way; it ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub(crate) struct Attempt<'a> {
    among: &'a Attempts,
    pid: Option<u32>,
}

impl Attempts {
    /// Begins one, unless this process has one under way.
    pub(crate) fn begin(&self, pid: Option<u32>) -> Option<Attempt<'_>> {
        let is_first = self.under_way().insert(pid);
        // Made only then: one that is dropped ends the attempt.
        is_first.then(|| Attempt { among: self, pid })
    }

    // A panic while this is held would leave nothing half done: one set.
    fn under_way(&self) -> MutexGuard<'_, BTreeSet<Option<u32>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        self.among.under_way().remove(&self.pid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_one_attempt_and_another_when_that_has_ended() {
        let attempts = Attempts::default();
        let first = attempts.begin(Some(1));
        assert!(first.is_some());
        assert!(attempts.begin(Some(1)).is_none());
        let other = attempts.begin(Some(2));
        assert!(other.is_some());
        assert!(attempts.begin(None).is_some());
        drop(first);
        assert!(attempts.begin(Some(1)).is_some());
        assert!(attempts.begin(Some(2)).is_none());
    }
}
