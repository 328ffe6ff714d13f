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
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::Poll;
    use std::time::Duration;

    use tokio::task::unconstrained;
    use tokio::time::timeout;

    use super::*;

    const HOSTILE: Option<u32> = Some(1);
    const OTHER: Option<u32> = Some(2);

    /// Asks once for what it waits for, and stands in the queue then.
    async fn is_waiting<F: Future>(one: &mut Pin<Box<F>>) -> bool {
        let once = poll_fn(|context| Poll::Ready(one.as_mut().poll(context).is_pending()));
        // tokio would have a task that asks so often come again later.
        unconstrained(once).await
    }

    /// Lost otherwise: a server behind a forwarded agent keeps the owner from unlocking, from
    /// logging in and from signing, by mere numbers.
    #[tokio::test]
    async fn a_process_with_a_thousand_requests_makes_others_wait_for_one_of_them() {
        for together in [1, 2] {
            let turns = Turns::new(together);
            let mut held: Vec<_> = (0..together).filter_map(|_| turns.free(HOSTILE)).collect();
            assert_eq!(held.len(), together);
            assert!(turns.free(HOSTILE).is_none() && turns.free(OTHER).is_none());
            let mut waiting: Vec<_> = (0..1000).map(|_| Box::pin(turns.next(HOSTILE))).collect();
            for one in &mut waiting {
                assert!(is_waiting(one).await);
            }
            let mut other = Box::pin(turns.next(OTHER));
            assert!(is_waiting(&mut other).await);
            drop(held.pop());
            assert!(!is_waiting(&mut other).await, "starved");
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
