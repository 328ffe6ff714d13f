//! The one place that reads the clocks.

use std::time::{SystemTime, UNIX_EPOCH};

use keyfob_agent::{Moment, Now};

/// A moment on the clock of lifetimes. It counts the time a laptop sleeps, as
/// OpenSSH's does: ten minutes are over after ten minutes.
pub(crate) fn moment() -> Moment {
    Moment(keyfob_sys::uptime::now())
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
