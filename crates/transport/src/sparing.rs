//! Says whether a log line is due, so that a peer cannot fill the log.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets one line through per period and counts those it held back.
#[derive(Debug)]
pub(crate) struct Sparing {
    every: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Instant>,
    held_back: u64,
}

impl Sparing {
    pub(crate) fn new(every: Duration) -> Self {
        Self { every, state: Mutex::default() }
    }

    /// `Some(n)`: write the line, and say that `n` like it were held back since the last one.
    pub(crate) fn due(&self) -> Option<u64> {
        self.due_at(Instant::now())
    }

    fn due_at(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.last.is_some_and(|last| now.duration_since(last) < self.every) {
            state.held_back += 1;
            return None;
        }
        state.last = Some(now);
        Some(std::mem::take(&mut state.held_back))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_period_and_the_rest_are_counted() {
        let sparing = Sparing::new(Duration::from_secs(10));
        let start = Instant::now();
        assert_eq!(sparing.due_at(start), Some(0));
        assert_eq!(sparing.due_at(start + Duration::from_secs(1)), None);
        assert_eq!(sparing.due_at(start + Duration::from_secs(9)), None);
        assert_eq!(sparing.due_at(start + Duration::from_secs(10)), Some(2));
        assert_eq!(sparing.due_at(start + Duration::from_secs(20)), Some(0));
    }
}
