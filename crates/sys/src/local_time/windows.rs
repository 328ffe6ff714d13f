//! As the system has it, which knows no `TZ`.

use windows_sys::Win32::Foundation::{FILETIME, SYSTEMTIME};
use windows_sys::Win32::System::Time::{FileTimeToSystemTime, SystemTimeToTzSpecificLocalTime};

use super::LocalTime;

/// Tenths of microseconds from 1601, where its calendar begins, to 1970.
const EPOCH: u64 = 116_444_736_000_000_000;

/// The moment so many seconds after the beginning of 1970; `None` where the system's calendar
/// ends.
pub fn at(seconds: u64) -> Option<LocalTime> {
    let ticks = seconds.checked_mul(10_000_000)?.checked_add(EPOCH)?;
    let [low, high] = [ticks as u32, (ticks >> 32) as u32];
    let time = FILETIME { dwLowDateTime: low, dwHighDateTime: high };
    let (mut universal, mut local) = (SYSTEMTIME::default(), SYSTEMTIME::default());
    // SAFETY: both are variables of ours.
    if unsafe { FileTimeToSystemTime(&raw const time, &raw mut universal) } == 0 {
        return None;
    }
    let zone = std::ptr::null();
    // SAFETY: without a zone it is the current one; both are variables of ours.
    if unsafe { SystemTimeToTzSpecificLocalTime(zone, &raw const universal, &raw mut local) } == 0 {
        return None;
    }
    let small = |number: u16| u8::try_from(number).ok();
    Some(LocalTime {
        year: i64::from(local.wYear),
        month: small(local.wMonth)?,
        day: small(local.wDay)?,
        hour: small(local.wHour)?,
        minute: small(local.wMinute)?,
        second: small(local.wSecond)?,
    })
}
