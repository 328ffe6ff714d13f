//! Gives memory back to the system after much of it has become free: the allocator would keep what
//! a crowd of connections or large frames once took for as long as the agent runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyfob_sys::free_memory;
use tokio::sync::Notify;
use tokio::time::sleep;

use crate::limits::{FREED_GOES_BACK_AFTER, FREED_IS_MUCH};

/// How much became free since it was given back last, roughly.
#[derive(Default)]
pub(crate) struct Freed {
    bytes: AtomicUsize,
    much: Notify,
}

/// Memory that is free when this is dropped.
pub(crate) struct Held {
    freed: Arc<Freed>,
    bytes: usize,
}

impl Freed {
    /// Counts these bytes as soon as the guard is dropped.
    pub(crate) fn after(self: &Arc<Self>, bytes: usize) -> Held {
        Held { freed: Arc::clone(self), bytes }
    }

    /// Gives back whenever it is worth it, for ever; not at each of a thousand connections that
    /// close, but a moment after the first.
    pub(crate) async fn give_back(&self) {
        loop {
            self.much.notified().await;
            sleep(FREED_GOES_BACK_AFTER).await;
            self.bytes.store(0, Ordering::Relaxed);
            // It may take longer than a client should wait.
            let _ = tokio::task::spawn_blocking(free_memory::give_back).await;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let before = self.freed.bytes.fetch_add(self.bytes, Ordering::Relaxed);
        if before.saturating_add(self.bytes) >= FREED_IS_MUCH {
            self.freed.much.notify_one();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn is_much(freed: &Freed) -> bool {
        timeout(Duration::from_millis(50), freed.much.notified()).await.is_ok()
    }

    /// Lost otherwise: the heap is walked through after each login.
    #[tokio::test]
    async fn little_is_not_given_back_and_much_is_when_it_is_free() {
        let freed = Arc::new(Freed::default());
        drop(freed.after(FREED_IS_MUCH / 2));
        assert!(!is_much(&freed).await);
        let held = freed.after(FREED_IS_MUCH / 2);
        assert!(!is_much(&freed).await);
        drop(held);
        assert!(is_much(&freed).await);
    }
}
