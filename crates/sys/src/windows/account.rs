//! Who an account is: its SID, in the form in which people and descriptors write it.

use std::fmt;
use std::io;
use std::os::windows::io::{AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{HLOCAL, LocalFree};
use windows_sys::Win32::Security::Authorization::ConvertSidToStringSidW;
use windows_sys::Win32::Security::{
    GetTokenInformation, PSID, TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TokenOwner, TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// An account of this machine or its domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    sid: String,
}

/// The system's own account, whose services may do everything anyway.
const SYSTEM: &str = "S-1-5-18";

impl Account {
    /// Whom this process runs as.
    ///
    /// # Errors
    /// The system's refusal, which it has no reason for.
    pub fn own() -> io::Result<Self> {
        Self::of(ourselves())
    }

    /// To whom belongs what this process makes: itself, or a group of an administrator's.
    ///
    /// # Errors
    /// As [`Account::own`].
    pub(crate) fn default_owner() -> io::Result<Self> {
        Self::told(ourselves(), TokenOwner)
    }

    /// Whom a process runs as; the handle may ask for limited information.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn of(process: BorrowedHandle<'_>) -> io::Result<Self> {
        Self::told(process, TokenUser)
    }

    /// What a process's token tells that begins with the place of a SID.
    fn told(process: BorrowedHandle<'_>, what: TOKEN_INFORMATION_CLASS) -> io::Result<Self> {
        let mut token = std::ptr::null_mut();
        // SAFETY: the handle is borrowed, so it is open; the token is written to a variable of ours.
        let done =
            unsafe { OpenProcessToken(process.as_raw_handle(), TOKEN_QUERY, &raw mut token) };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just opened for us; nothing else owns it.
        let token = unsafe { OwnedHandle::from_raw_handle(token) };
        // Eight-byte words, for the structure begins with a pointer. It and the longest SID are below.
        let mut space = [0_u64; 32];
        let size = size_of_val(&space) as u32;
        let mut written = 0;
        // SAFETY: the system writes at most `size` bytes, which the buffer has.
        let done = unsafe {
            GetTokenInformation(
                token.as_raw_handle(),
                what,
                space.as_mut_ptr().cast(),
                size,
                &raw mut written,
            )
        };
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: both structures that are asked for begin with it, and the buffer is aligned.
        let sid: PSID = unsafe { space.as_ptr().cast::<PSID>().read() };
        // SAFETY: the SID lies in the buffer, which lives.
        unsafe { Self::at(sid) }
    }

    /// Whose SID is there.
    ///
    /// # Safety
    /// It must be one, and stay there meanwhile.
    pub(crate) unsafe fn at(sid: PSID) -> io::Result<Self> {
        let mut text = std::ptr::null_mut();
        // SAFETY: the caller's promise; the text's place goes to a variable of ours.
        if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: a text with a zero at its end, which is ours until it is freed below.
        let length = unsafe { windows_sys::Win32::Globalization::lstrlenW(text) };
        let length = usize::try_from(length).unwrap_or_default();
        // SAFETY: so many units were just counted there.
        let units = unsafe { std::slice::from_raw_parts(text, length) };
        let sid = String::from_utf16_lossy(units);
        // SAFETY: allocated for us by the call above, and not used any more.
        unsafe { LocalFree(text as HLOCAL) };
        Ok(Self { sid })
    }

    /// It is the system's own.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.sid == SYSTEM
    }

    /// A number for it, as Unix has them: 0 for the system, else the last number of its SID. Another
    /// machine's account may have the same one, so this is to be shown and never to be compared.
    #[must_use]
    pub fn number(&self) -> u32 {
        let last = self.sid.rsplit('-').next().and_then(|last| last.parse().ok());
        if self.is_system() { 0 } else { last.unwrap_or(u32::MAX) }
    }
}

/// This process.
fn ourselves() -> BorrowedHandle<'static> {
    // SAFETY: a name for ourselves that is always valid.
    let own = unsafe { GetCurrentProcess() };
    // SAFETY: valid for as long as this process lives.
    unsafe { BorrowedHandle::borrow_raw(own) }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sid)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn our_own_account_has_a_sid_and_is_not_the_system() {
        let own = Account::own().unwrap();
        assert!(own.to_string().starts_with("S-1-5-21-"), "{own}");
        assert!(!own.is_system());
        assert_eq!(own.to_string().rsplit('-').next(), Some(own.number().to_string().as_str()));
    }

    #[test]
    fn the_system_is_number_zero() {
        assert_eq!(Account { sid: SYSTEM.to_owned() }.number(), 0);
    }
}
