//! As the C library has it.

use std::mem::MaybeUninit;

use super::LocalTime;

/// The moment so many seconds after the beginning of 1970; `None` where the system's calendar
/// ends.
pub fn at(seconds: u64) -> Option<LocalTime> {
    #[cfg_attr(
        target_env = "musl",
        allow(deprecated, reason = "libc will make it wider on 32 bits; here it is what it is")
    )]
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
