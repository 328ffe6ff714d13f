//! Work that takes long, in turns that are fair to each process.
//!
//! A server behind a forwarded agent can open any number of connections, all of
//! them through one `ssh`. In one queue for all it would be in front of everybody
//! with its thousand RSA signatures, host keys or guesses. So each process queues
//! by itself first, and only as much of it as runs at the same time stands in the
//! queue for all: whoever comes waits for the work under way, not for the work
//! that waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Turns for one kind of work.
pub(crate) struct Turns {
    together: usize,
    all: Arc<Semaphore>,
    /// By process number; those in a foreign process namespace have none and
    /// count as one.
    by_process: Mutex<HashMap<Option<u32>, Weak<Semaphore>>>,
}

/// The right to do a piece of work now; it returns when this is dropped.
#[must_use]
pub(crate) struct Turn {
    // First: another process shall have it before the next one of this process.
    _all: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
}

impl Turns {
    /// So many pieces of work run together.
    pub(crate) fn new(together: usize) -> Self {
        let all = Arc::new(Semaphore::new(together));
        Self { together, all, by_process: Mutex::default() }
    }

    /// A turn without waiting.
    pub(crate) fn free(&self, process: Option<u32>) -> Option<Turn> {
        let own = self.of(process).try_acquire_owned().ok()?;
        let all = Arc::clone(&self.all).try_acquire_owned().ok()?;
        Some(Turn { _all: all, _own: own })
    }

    /// Waits for a turn. `None` never comes: it would mean that no turns are
    /// given any more.
    pub(crate) async fn next(&self, process: Option<u32>) -> Option<Turn> {
        let own = self.of(process).acquire_owned().await.ok()?;
        let all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Turn { _all: all, _own: own })
    }

    /// Turns nobody has.
    #[cfg(test)]
    pub(crate) fn left(&self) -> usize {
        self.all.available_permits()
    }

    /// The process's own queue, there as long as it stands in it.
    fn of(&self, process: Option<u32>) -> Arc<Semaphore> {
        // A panic while this is held would leave nothing half done: one entry.
        let mut queues = self.by_process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(&process).and_then(Weak::upgrade) {
            return queue;
        }
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::new(Semaphore::new(self.together));
        queues.insert(process, Arc::downgrade(&queue));
        queue
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::{sleep, timeout};

    use super::*;

    const HOSTILE: Option<u32> = Some(1);
    const OTHER: Option<u32> = Some(2);

    /// Lost otherwise: a server behind a forwarded agent keeps the owner from unlocking, from
    /// logging in and from signing, by mere numbers.
    #[tokio::test]
    async fn a_process_with_a_thousand_requests_makes_others_wait_for_one_of_them() {
        for together in [1, 2] {
            let turns = Arc::new(Turns::new(together));
            let mut held: Vec<_> = (0..together).filter_map(|_| turns.free(HOSTILE)).collect();
            assert_eq!(held.len(), together);
            assert!(turns.free(HOSTILE).is_none() && turns.free(OTHER).is_none());
            let waiting: Vec<_> = (0..1000)
                .map(|_| {
                    let turns = Arc::clone(&turns);
                    tokio::spawn(async move { turns.next(HOSTILE).await })
                })
                .collect();
            sleep(Duration::from_millis(20)).await;
            let other = tokio::spawn({
                let turns = Arc::clone(&turns);
                async move { turns.next(OTHER).await.is_some() }
            });
            sleep(Duration::from_millis(20)).await;
            assert!(!other.is_finished());
            drop(held.pop());
            assert!(timeout(Duration::from_secs(5), other).await.expect("starved").unwrap());
            waiting.iter().for_each(tokio::task::JoinHandle::abort);
        }
    }

    #[tokio::test]
    async fn a_turn_that_is_given_up_while_waiting_is_not_lost() {
        let turns = Turns::new(1);
        let held = turns.free(HOSTILE);
        for process in [HOSTILE, OTHER] {
            let wait = timeout(Duration::from_millis(10), turns.next(process)).await;
            assert!(wait.is_err());
        }
        drop(held);
        assert!(turns.free(OTHER).is_some());
        assert!(turns.free(HOSTILE).is_some());
    }

    #[test]
    fn a_process_that_waits_for_nothing_is_forgotten() {
        let turns = Turns::new(1);
        for process in 0..100 {
            assert!(turns.free(Some(process)).is_some());
        }
        assert!(turns.by_process.lock().unwrap().len() <= 2);
    }
}
