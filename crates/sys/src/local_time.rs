//! A moment by the clock on the wall of this place: the system's time zone, or the one in `TZ`.

use std::fmt;
use std::mem::MaybeUninit;

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

/// The moment so many seconds after the beginning of 1970; `None` where the system's calendar
/// ends.
pub fn at(seconds: u64) -> Option<LocalTime> {
    let seconds = libc::time_t::try_from(seconds).ok()?;
    let mut found = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are to live variables. The environment it may read the zone from is
    // never changed by this program.
    let result = unsafe { libc::localtime_r(&raw const seconds, found.as_mut_ptr()) };
    if result.is_null() {
        return None;
    }
    // SAFETY: filled by the successful call above; all-zero is valid too.
    let found = unsafe { found.assume_init() };
    let small = |number: libc::c_int| u8::try_from(number).ok();
    Some(LocalTime {
        year: i64::from(found.tm_year) + 1900,
        month: small(found.tm_mon + 1)?,
        day: small(found.tm_mday)?,
        hour: small(found.tm_hour)?,
        minute: small(found.tm_min)?,
        second: small(found.tm_sec)?,
    })
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
