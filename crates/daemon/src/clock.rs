//! The one place that reads the clocks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use keyfob_agent::{Moment, Now};

/// A moment on the clock of lifetimes. It counts the time a laptop sleeps, as
/// OpenSSH's does: ten minutes are over after ten minutes.
pub(crate) fn moment() -> Moment {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Moment(Duration::new(seconds, nanos))
}

/// Milliseconds since 1970, for the log.
pub(crate) fn unix_millis() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Both clocks. A system clock before 1970 reads as 1970: certificates are then
/// not yet valid, which is the safe mistake.
pub(crate) fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Now { moment: moment(), unix }
}
