//! Who was looked at just now: for notes of what was done, never for what is decided or asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use keyfob_agent::Moment;

use crate::limits::{MAX_LATELY, NAMES_STAY};
use crate::requester::Requester;

/// A process for ever: its number and its start.
type Process = (u32, u64);

/// Processes, with what was found out of them and when.
#[derive(Default)]
pub(crate) struct Lately {
    seen: Mutex<HashMap<Process, (Moment, Arc<Requester>)>>,
}

impl Lately {
    /// What was found out of this process a moment ago.
    pub(crate) fn seen(&self, process: Process, now: Moment) -> Option<Arc<Requester>> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, requester) = seen.get(&process)?;
        is_fresh(*at, now).then(|| Arc::clone(requester))
    }

    /// Keeps this for a moment. Of too many processes at a time the later ones are looked at again.
    pub(crate) fn keep(&self, process: Process, found: &Arc<Requester>, now: Moment) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MAX_LATELY {
            seen.retain(|_, (at, _)| is_fresh(*at, now));
        }
        if seen.len() < MAX_LATELY {
            seen.insert(process, (now, Arc::clone(found)));
        }
    }
}

fn is_fresh(at: Moment, now: Moment) -> bool {
    now.0.saturating_sub(at.0) < NAMES_STAY
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::Duration;

    use super::*;

    const NOW: Moment = Moment(Duration::from_secs(1000));

    fn somebody() -> Arc<Requester> {
        Arc::new(Requester::read(None, None))
    }

    #[test]
    fn what_was_seen_is_good_for_a_moment_and_for_that_process() {
        let (lately, found) = (Lately::default(), somebody());
        lately.keep((1, 2), &found, NOW);
        assert!(Arc::ptr_eq(&found, &lately.seen((1, 2), NOW).unwrap()));
        assert!(lately.seen((1, 3), NOW).is_none());
        assert!(lately.seen((1, 2), Moment(NOW.0 + NAMES_STAY)).is_none());
    }

    /// Lost otherwise: a program that starts others without end fills the agent's memory.
    #[test]
    fn no_more_than_so_many_are_kept() {
        let (lately, found) = (Lately::default(), somebody());
        for number in 0..1000 {
            lately.keep((number, 1), &found, NOW);
        }
        assert_eq!(lately.seen.lock().unwrap().len(), MAX_LATELY);
        let later = Moment(NOW.0 + NAMES_STAY);
        lately.keep((2000, 1), &found, later);
        assert!(lately.seen((2000, 1), later).is_some());
        assert_eq!(lately.seen.lock().unwrap().len(), 1);
    }
}
