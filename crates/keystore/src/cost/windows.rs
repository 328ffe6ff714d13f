//! Time, of the clock on the wall: what Windows counts for a thread goes by ticks of 16 ms and needs
//! an unsafe call. A machine that is busy while it is measured gets a cheaper derivation, never
//! one below the floor.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Counts on.
pub(super) fn worked() -> Duration {
    BEGAN.elapsed()
}
