//! The variables of this account, which every program has that is started from now on.

use std::ffi::OsStr;
use std::io;
use std::ptr::null_mut;

use windows_sys::Win32::UI::WindowsAndMessaging::{
    HWND_BROADCAST, SMTO_ABORTIFHUNG, SendMessageTimeoutW, WM_SETTINGCHANGE,
};

use super::registry::{self, Value};
use super::wide;

/// Where Windows keeps them.
const KEY: &str = "Environment";

/// How long, in milliseconds, one window may take to hear of it.
const PATIENCE: u32 = 1000;

/// What a variable is; `None` when there is none.
///
/// # Errors
/// As [`registry::value`].
pub fn value(name: &str) -> io::Result<Option<Value>> {
    registry::value(KEY, name)
}

/// Sets one.
///
/// # Errors
/// As [`registry::set`].
pub fn set(name: &str, text: &OsStr) -> io::Result<()> {
    registry::set(KEY, name, text)?;
    tell();
    Ok(())
}

/// Takes one away.
///
/// # Errors
/// As [`registry::remove`].
pub fn remove(name: &str) -> io::Result<()> {
    registry::remove(KEY, name)?;
    tell();
    Ok(())
}

/// Tells all windows: whoever starts programs reads the variables anew. A window that does not listen
/// hears of it at the next logon.
fn tell() {
    let what = wide::ended(KEY);
    // SAFETY: the text has an end, and is there until all windows have seen it or time is up; the answer
    // goes nowhere.
    unsafe {
        SendMessageTimeoutW(
            HWND_BROADCAST,
            WM_SETTINGCHANGE,
            0,
            what.as_ptr() as isize,
            SMTO_ABORTIFHUNG,
            PATIENCE,
            null_mut(),
        );
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_there_until_it_is_taken_away() {
        let name = format!("KEYFOB_TEST_VARIABLE_{}", std::process::id());
        assert_eq!(value(&name).unwrap(), None);
        set(&name, r"\\.\pipe\ä".as_ref()).unwrap();
        assert_eq!(value(&name).unwrap(), Some(Value::Text(r"\\.\pipe\ä".into())));
        remove(&name).unwrap();
        assert_eq!(value(&name).unwrap(), None);
    }
}
