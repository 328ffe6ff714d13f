//! The pause after a failed `accept`: what it is now, and when it ends.
//!
//! It lives in the listener, not in the `accept` future, so that a caller that drops the future
//! in a `select!` and asks again does not begin to spin.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::limits::{ACCEPT_PAUSE_FIRST, ACCEPT_PAUSE_LONGEST};

/// Grows from 10 ms to 1 s while failures follow one another.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: Option<Duration>,
    until: Option<Instant>,
}

impl Backoff {
    /// When the next attempt may be made; `None`: now.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.state().until
    }

    /// The pause is over, by time or because a descriptor came free. The next failure still
    /// waits longer than this one did.
    pub(crate) fn end_pause(&self) {
        self.state().until = None;
    }

    /// An attempt succeeded.
    pub(crate) fn reset(&self) {
        *self.state() = State::default();
    }

    /// An attempt failed.
    pub(crate) fn lengthen(&self) {
        let mut state = self.state();
        let pause = next_pause(state.last);
        *state = State { last: Some(pause), until: Some(Instant::now() + pause) };
    }

    // A panic while this is held would leave nothing half done: two plain values.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn next_pause(last: Option<Duration>) -> Duration {
    last.map_or(ACCEPT_PAUSE_FIRST, |last| (last * 2).min(ACCEPT_PAUSE_LONGEST))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_second() {
        let mut pause = None;
        let seen: Vec<u128> = (0..9)
            .map(|_| {
                pause = Some(next_pause(pause));
                pause.unwrap().as_millis()
            })
            .collect();
        assert_eq!(seen, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
    }

    #[test]
    fn a_success_forgets_the_failures_before_it() {
        let backoff = Backoff::default();
        backoff.lengthen();
        backoff.lengthen();
        assert!(backoff.until().is_some());
        backoff.reset();
        assert!(backoff.until().is_none());
        backoff.lengthen();
        assert_eq!(backoff.state().last, Some(ACCEPT_PAUSE_FIRST));
    }
}
