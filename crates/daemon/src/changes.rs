//! That something has changed of what watchers see, and how often it was locked.
//!
//! A lock is counted where it happens, so that what must not outlive one can tell: whoever gives it
//! away notes the count, and it is good for as long as nobody has counted on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;

/// Shared by all that change something and all that look on.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Grows with each change.
    revision: watch::Sender<u64>,
    /// Grows with each lock.
    locks: AtomicU64,
}

/// How often it was locked at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Locks(u64);

impl Changes {
    /// Something has changed.
    pub(crate) fn happened(&self) {
        self.shared.revision.send_modify(|revision| *revision += 1);
    }

    /// It was locked, or what was open is closed.
    pub(crate) fn locked(&self) {
        self.shared.locks.fetch_add(1, Ordering::SeqCst);
        self.happened();
    }

    /// How often it was locked until now.
    pub(crate) fn locks(&self) -> Locks {
        Locks(self.shared.locks.load(Ordering::SeqCst))
    }

    /// Tells of each change; the value is the revision.
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.revision.subscribe()
    }
}
