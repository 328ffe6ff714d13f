//! One total for the receive buffers of all connections.
//!
//! A single frame is bounded by the protocol; a thousand connections that each send a long one
//! are not. A connection that is about to hold more than a small buffer takes the bytes it needs
//! from the budget first, and they return when its share is dropped.
//!
//! The rule for users: **one share per connection, taken whole**. Whoever holds a share and waits
//! for a second one can wait for ever on somebody who does the same. A peer that announces a long
//! frame and then sends nothing keeps its share, so a frame needs a deadline as well (the
//! daemon's business).

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A number of bytes that all connections share.
#[derive(Debug, Clone)]
pub struct Budget {
    free: Arc<Semaphore>,
    total: usize,
}

/// Bytes taken from a [`Budget`]; they return when this is dropped.
#[derive(Debug)]
#[must_use = "dropping the share gives its bytes back"]
pub struct Share {
    _permit: OwnedSemaphorePermit,
    bytes: usize,
}

/// More was asked for than the whole budget holds: waiting would never end.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{asked} bytes asked for, but all receive buffers together may hold {total}")]
pub struct OverBudget {
    /// Bytes asked for.
    pub asked: usize,
    /// Bytes there are.
    pub total: usize,
}

impl Budget {
    /// A budget of `total` bytes; at most what a 32-bit count holds.
    #[must_use]
    pub fn new(total: usize) -> Self {
        let total = total.min(u32::MAX as usize).min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(total)), total }
    }

    /// Waits until `bytes` are free and takes them. Those who wait are served in their order, so
    /// a large share is not starved by small ones.
    ///
    /// # Errors
    /// [`OverBudget`], at once, when there can never be that many.
    pub async fn take(&self, bytes: usize) -> Result<Share, OverBudget> {
        let over = OverBudget { asked: bytes, total: self.total };
        let Some(count) = self.count(bytes) else {
            return Err(over);
        };
        // The semaphore is never closed; were it, refusing is the safe answer.
        match Arc::clone(&self.free).acquire_many_owned(count).await {
            Ok(permit) => Ok(Share { _permit: permit, bytes }),
            Err(_) => Err(over),
        }
    }

    /// Takes `bytes` if they are free now.
    #[must_use]
    pub fn try_take(&self, bytes: usize) -> Option<Share> {
        let count = self.count(bytes)?;
        let permit = Arc::clone(&self.free).try_acquire_many_owned(count).ok()?;
        Some(Share { _permit: permit, bytes })
    }

    /// Bytes nobody holds.
    #[must_use]
    pub fn free(&self) -> usize {
        self.free.available_permits()
    }

    fn count(&self, bytes: usize) -> Option<u32> {
        u32::try_from(bytes).ok().filter(|_| bytes <= self.total)
    }
}

impl Share {
    /// How many bytes it is.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn bytes_return_when_the_share_is_dropped() {
        let budget = Budget::new(1000);
        let share = budget.take(600).await.unwrap();
        assert_eq!((share.bytes(), budget.free()), (600, 400));
        assert!(budget.try_take(401).is_none());
        drop(share);
        assert_eq!(budget.free(), 1000);
    }

    #[tokio::test]
    async fn who_finds_too_little_waits_and_goes_on_when_there_is_enough() {
        let budget = Budget::new(1000);
        let held = budget.take(800).await.unwrap();
        let waiting = tokio::spawn({
            let budget = budget.clone();
            async move { budget.take(500).await.unwrap().bytes() }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(!waiting.is_finished());
        drop(held);
        assert_eq!(timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap(), 500);
    }

    #[tokio::test]
    async fn a_share_larger_than_everything_is_refused_at_once_instead_of_waiting_for_ever() {
        let budget = Budget::new(1000);
        let refused = timeout(Duration::from_secs(5), budget.take(1001)).await.unwrap();
        assert_eq!(refused.unwrap_err(), OverBudget { asked: 1001, total: 1000 });
        assert!(budget.try_take(usize::MAX).is_none());
    }

    #[tokio::test]
    async fn a_waiter_that_gives_up_loses_nothing() {
        let budget = Budget::new(100);
        let held = budget.take(100).await.unwrap();
        assert!(timeout(Duration::from_millis(20), budget.take(50)).await.is_err());
        drop(held);
        assert_eq!(budget.free(), 100);
    }
}
