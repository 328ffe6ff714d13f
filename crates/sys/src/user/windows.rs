//! The account of this process, its profile and its machine.

use std::ffi::OsString;
use std::path::PathBuf;

use windows_sys::Win32::Security::TOKEN_QUERY;
use windows_sys::Win32::System::SystemInformation::{ComputerNameDnsHostname, GetComputerNameExW};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};
use windows_sys::Win32::System::WindowsProgramming::GetUserNameW;
use windows_sys::Win32::UI::Shell::GetUserProfileDirectoryW;

use crate::windows::account::Account;
use crate::windows::wide;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};

/// A number for this account ([`Account::number`]), to be shown.
pub fn effective_uid() -> u32 {
    Account::own().map_or(u32::MAX, |account| account.number())
}

/// The folder of this account's profile, by its token and not by `USERPROFILE`.
pub fn home_directory() -> Option<PathBuf> {
    let mut token = std::ptr::null_mut();
    // SAFETY: a name for ourselves that is always valid.
    let own = unsafe { GetCurrentProcess() };
    // SAFETY: the token is written to a variable of ours.
    if unsafe { OpenProcessToken(own, TOKEN_QUERY, &raw mut token) } == 0 {
        return None;
    }
    // SAFETY: just opened for us; nothing else owns it.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    wide::filled(|buffer, length| {
        // SAFETY: the system writes at most so many units.
        unsafe { GetUserProfileDirectoryW(token.as_raw_handle(), buffer, length) }
    })
    .ok()
    .filter(|home| !home.is_empty())
    .map(PathBuf::from)
}

/// The login name.
pub fn name() -> Option<OsString> {
    wide::filled(|buffer, length| {
        // SAFETY: the system writes at most so many units.
        unsafe { GetUserNameW(buffer, length) }
    })
    .ok()
}

/// The name of this machine.
pub fn host_name() -> OsString {
    wide::filled(|buffer, length| {
        // SAFETY: the system writes at most so many units.
        unsafe { GetComputerNameExW(ComputerNameDnsHostname, buffer, length) }
    })
    .unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn this_account_has_a_name_a_home_and_a_machine() {
        assert!(!name().unwrap().is_empty());
        assert!(home_directory().unwrap().is_dir());
        assert!(!host_name().is_empty());
    }
}
