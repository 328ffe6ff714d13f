//! Who an account is: its SID, in the form in which people and descriptors write it.

use std::fmt;
use std::io;
use std::os::windows::io::{AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::Foundation::{HLOCAL, LocalFree};
use windows_sys::Win32::Security::Authorization::{ConvertSidToStringSidW, ConvertStringSidToSidW};
use windows_sys::Win32::Security::{
    GetTokenInformation, LookupAccountSidW, PSID, TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TokenOwner,
    TokenUser,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

use super::wide;

/// An account of this machine or its domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    sid: String,
}

/// The system's own account, whose services may do everything anyway.
const SYSTEM: &str = "S-1-5-18";
/// `BUILTIN\Administrators`.
const ADMINISTRATORS: &str = "S-1-5-32-544";
/// `NT SERVICE\TrustedInstaller`, whose files administrators cannot change by accident.
const INSTALLER: &str = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464";
/// `OWNER RIGHTS`, in a list only.
const OWNER_RIGHTS: &str = "S-1-3-4";
/// `Everyone`.
const EVERYBODY: &str = "S-1-1-0";

/// Units of the longest name of an account, and of a domain.
const LONGEST_NAME: u32 = 512;

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

    /// The name people know it by, with its machine or domain in front; none where nobody knows one.
    /// A domain may have to be asked for it.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let text = wide::ended(&self.sid);
        let mut sid: PSID = std::ptr::null_mut();
        // SAFETY: the text has an end; the SID's place goes to a variable of ours.
        if unsafe { ConvertStringSidToSidW(text.as_ptr(), &raw mut sid) } == 0 {
            return None;
        }
        let mut kind = 0;
        let mut domain = vec![0_u16; LONGEST_NAME as usize];
        let mut domain_length = LONGEST_NAME;
        let name = wide::filled(|space, length| {
            // SAFETY: the SID was just made for us; both buffers have the lengths that are told.
            unsafe {
                LookupAccountSidW(
                    std::ptr::null(),
                    sid,
                    space,
                    length,
                    domain.as_mut_ptr(),
                    &raw mut domain_length,
                    &raw mut kind,
                )
            }
        });
        // SAFETY: allocated for us by the call above, and not used any more.
        unsafe { LocalFree(sid as HLOCAL) };
        let name = name.ok()?.to_string_lossy().into_owned();
        let end = domain.iter().position(|unit| *unit == 0).unwrap_or(domain.len());
        let domain = String::from_utf16_lossy(&domain[..end]);
        Some(if domain.is_empty() { name } else { format!("{domain}\\{name}") })
    }

    /// The system, its administrators and its installer may do everything with every file anyway.
    #[must_use]
    pub fn may_everything(&self) -> bool {
        [SYSTEM, ADMINISTRATORS, INSTALLER].contains(&self.sid.as_str())
    }

    /// It stands for whoever owns the object in question.
    pub(crate) fn is_the_owner(&self) -> bool {
        self.sid == OWNER_RIGHTS
    }

    /// It stands for everybody.
    pub(crate) fn everybody() -> Self {
        Self { sid: EVERYBODY.to_owned() }
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
        // Some others end in a zero, that of the host of fonts for one.
        if self.is_system() { 0 } else { last.filter(|last| *last != 0).unwrap_or(u32::MAX) }
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
    fn the_system_alone_has_the_number_zero() {
        let number = |sid: &str| Account { sid: sid.to_owned() }.number();
        assert_eq!(number(SYSTEM), 0);
        assert_eq!(number("S-1-5-96-0-0"), u32::MAX);
        assert_eq!(number("S-1-5-21-1-2-3-1001"), 1001);
    }

    #[test]
    fn our_own_account_has_a_sid_and_is_not_the_system() {
        let own = Account::own().unwrap();
        assert!(own.to_string().starts_with("S-1-5-21-"), "{own}");
        assert!(!own.is_system());
        assert_eq!(own.to_string().rsplit('-').next(), Some(own.number().to_string().as_str()));
    }

    #[test]
    fn a_name_is_that_of_an_account() {
        let own = Account::own().unwrap().name().unwrap();
        assert!(own.contains('\\') && !own.ends_with('\\'), "{own}");
        assert!(Account::everybody().name().is_some());
        let nobody = Account { sid: "S-1-5-21-1-2-3-4".to_owned() };
        assert_eq!(nobody.name(), None);
    }

    #[test]
    fn only_who_may_everything_does() {
        for (sid, expected) in [
            (SYSTEM, true),
            (ADMINISTRATORS, true),
            (INSTALLER, true),
            (EVERYBODY, false),
            (OWNER_RIGHTS, false),
            ("S-1-5-32-545", false),
            ("S-1-5-180", false),
        ] {
            assert_eq!(Account { sid: sid.to_owned() }.may_everything(), expected, "{sid}");
        }
    }

    #[test]
    fn the_system_is_number_zero() {
        assert_eq!(Account { sid: SYSTEM.to_owned() }.number(), 0);
    }
}
