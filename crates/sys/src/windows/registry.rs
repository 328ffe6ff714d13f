//! Values in the registry, of this account alone (`HKEY_CURRENT_USER`).

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::windows::ffi::OsStringExt as _;

use windows_sys::Win32::Foundation::{ERROR_FILE_NOT_FOUND, ERROR_SUCCESS, WIN32_ERROR};
use windows_sys::Win32::System::Registry::{
    HKEY_CURRENT_USER, REG_BINARY, REG_SZ, RRF_RT_ANY, RegDeleteKeyValueW, RegGetValueW,
    RegSetKeyValueW,
};

use super::wide;

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, in which nothing is replaced when it is read.
    Text(OsString),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Of another kind.
    Other,
}

/// The value of this name in a key; `None` when there is none, or no such key.
///
/// # Errors
/// The system's refusal; a value longer than any that belongs there is one too.
pub fn value(key: &str, name: &str) -> io::Result<Option<Value>> {
    let (key, name) = (wide::ended(key), wide::ended(name));
    // Units, for a text is at least as aligned as bytes are.
    let mut space = vec![0_u16; LONGEST];
    let mut bytes = (LONGEST * size_of::<u16>()) as u32;
    let mut kind = 0;
    // SAFETY: both texts have an end; the system writes at most `bytes` bytes, which the buffer has.
    let answer = unsafe {
        RegGetValueW(
            HKEY_CURRENT_USER,
            key.as_ptr(),
            name.as_ptr(),
            RRF_RT_ANY,
            &raw mut kind,
            space.as_mut_ptr().cast(),
            &raw mut bytes,
        )
    };
    if answer == ERROR_FILE_NOT_FOUND {
        return Ok(None);
    }
    succeeded(answer)?;
    let units = space.get(..(bytes as usize).div_ceil(2)).unwrap_or_default();
    Ok(Some(match kind {
        REG_SZ => {
            let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
            Value::Text(OsString::from_wide(units.get(..end).unwrap_or_default()))
        }
        REG_BINARY => {
            let all = units.iter().flat_map(|unit| unit.to_le_bytes());
            Value::Bytes(all.take(bytes as usize).collect())
        }
        _ => Value::Other,
    }))
}

/// Gives a value this text. The key is made if need be.
///
/// # Errors
/// The system's refusal.
pub fn set(key: &str, name: &str, text: &OsStr) -> io::Result<()> {
    let (key, name, text) = (wide::ended(key), wide::ended(name), wide::ended(text));
    // SAFETY: the names have an end; the system reads as many bytes as the text has.
    succeeded(unsafe {
        RegSetKeyValueW(
            HKEY_CURRENT_USER,
            key.as_ptr(),
            name.as_ptr(),
            REG_SZ,
            text.as_ptr().cast(),
            size_of_val(text.as_slice()) as u32,
        )
    })
}

/// Takes a value away; that there is none is no error.
///
/// # Errors
/// The system's refusal.
pub fn remove(key: &str, name: &str) -> io::Result<()> {
    let (key, name) = (wide::ended(key), wide::ended(name));
    // SAFETY: both texts have an end.
    match unsafe { RegDeleteKeyValueW(HKEY_CURRENT_USER, key.as_ptr(), name.as_ptr()) } {
        ERROR_FILE_NOT_FOUND => Ok(()),
        answer => succeeded(answer),
    }
}

/// As many units as are read of a value.
const LONGEST: usize = 32 * 1024;

fn succeeded(answer: WIN32_ERROR) -> io::Result<()> {
    match answer {
        ERROR_SUCCESS => Ok(()),
        error => Err(io::Error::from_raw_os_error(error.cast_signed())),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// There on every Windows, so no key is left behind.
    const KEY: &str = "Environment";

    #[test]
    fn a_text_is_there_until_it_is_removed() {
        let name = format!("keyfob-test-{}", std::process::id());
        assert_eq!(value(KEY, &name).unwrap(), None);
        for text in ["\"C:\\a b\\ä 🔑.exe\" agent", "", "%TEMP%"] {
            set(KEY, &name, text.as_ref()).unwrap();
            assert_eq!(value(KEY, &name).unwrap(), Some(Value::Text(text.into())));
        }
        remove(KEY, &name).unwrap();
        assert_eq!(value(KEY, &name).unwrap(), None);
        remove(KEY, &name).unwrap();
    }

    #[test]
    fn what_is_in_no_key_is_not_there() {
        assert_eq!(value(r"Software\keyfob has no such key", "x").unwrap(), None);
    }
}
