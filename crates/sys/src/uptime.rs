//! How long this machine has been running, sleep included: a clock nobody sets.

use std::time::Duration;

/// Since some moment before this process began. It counts the time a laptop sleeps on Linux and
/// Windows, as OpenSSH's does: ten minutes are over after ten minutes.
#[must_use]
#[cfg(unix)]
pub fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};

    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

/// Since some moment before this process began, sleep included.
#[must_use]
#[cfg(windows)]
pub fn now() -> Duration {
    // SAFETY: takes nothing.
    Duration::from_millis(unsafe {
        windows_sys::Win32::System::SystemInformation::GetTickCount64()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on() {
        let before = now();
        std::thread::sleep(Duration::from_millis(50));
        let passed = now() - before;
        assert!(passed >= Duration::from_millis(30), "{passed:?}");
    }
}
