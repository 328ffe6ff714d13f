//! Processor time: other programs do not make a derivation look dearer.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Counts on while this thread works.
pub(super) fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
