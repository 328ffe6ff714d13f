//! When something began.

use std::fs;
use std::path::Path;

use keyfob_sys::peer;

/// Seconds from 1601 to 1970.
const TO_1970: u64 = 11_644_473_600;

/// When a process was started, in seconds since 1970. Windows counts tenths of microseconds since 1601.
pub(in super::super) fn started(pid: u32) -> Option<u64> {
    (peer::start_time(pid).ok()? / 10_000_000).checked_sub(TO_1970)
}

/// When a file got its name, in seconds since 1970.
pub(in super::super) fn put_in_place(file: &Path) -> Option<u64> {
    let made = fs::metadata(file).ok()?.created().ok()?;
    made.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::time::{SystemTime, UNIX_EPOCH};

    use super::*;

    /// Lost otherwise: each agent seems older than the program.
    #[test]
    fn this_process_began_a_moment_ago() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let began = started(std::process::id()).unwrap();
        assert!((now - 3600..=now + 1).contains(&began), "{began} of {now}");
    }
}
