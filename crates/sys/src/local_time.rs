//! A moment by the clock on the wall of this place: the system's time zone, or the one in `TZ`.

#[cfg_attr(unix, path = "local_time/unix.rs")]
#[cfg_attr(windows, path = "local_time/windows.rs")]
mod system;

use std::fmt;

pub use system::at;

/// A moment, without the name of its zone. Shown as `2030-01-31T23:59:59`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_with_all_its_zeros() {
        let time = LocalTime { year: 987, month: 1, day: 2, hour: 3, minute: 4, second: 5 };
        assert_eq!(time.to_string(), "0987-01-02T03:04:05");
    }

    #[test]
    fn an_hour_later_the_minutes_are_the_same() {
        // Whatever the zone of this place is: all are off by whole quarters of an hour.
        let (first, second) = (at(1_700_000_000), at(1_700_003_600));
        let minute = |time: Option<LocalTime>| time.map(|time| (time.minute, time.second));
        assert!(first.is_some() && minute(first) == minute(second), "{first:?} {second:?}");
        assert_eq!(first.map(|time| time.second), Some(20));
    }

    #[test]
    fn where_the_calendar_ends_there_is_no_moment() {
        assert_eq!(at(u64::MAX), None);
        assert_eq!(at(i64::MAX.unsigned_abs()), None);
    }
}
