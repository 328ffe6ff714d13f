//! Who may do what with an object, made from the text that Windows' own tools write (SDDL), or
//! asked for.

use std::io;
use std::os::windows::io::{AsRawHandle as _, BorrowedHandle};

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, GetSecurityInfo, SDDL_REVISION_1,
    SE_FILE_OBJECT, SE_KERNEL_OBJECT, SE_OBJECT_TYPE,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetSecurityDescriptorOwner, OWNER_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, PSID,
};

use super::account::Account;
use super::wide;

/// A security descriptor.
pub(crate) struct Descriptor {
    start: PSECURITY_DESCRIPTOR,
}

impl Descriptor {
    /// What this text says.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn of(text: &str) -> io::Result<Self> {
        let text = wide::ended(text);
        let mut start = std::ptr::null_mut();
        // SAFETY: the text has an end; the place of the descriptor goes to a variable of ours.
        let done = unsafe {
            ConvertStringSecurityDescriptorToSecurityDescriptorW(
                text.as_ptr(),
                SDDL_REVISION_1,
                &raw mut start,
                std::ptr::null_mut(),
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(Self { start }) }
    }

    /// For this account, the system and its administrators, and nobody else; `passed_on` says to what
    /// inside a folder too.
    ///
    /// # Errors
    /// The system's refusal to say which account this is.
    pub(crate) fn of_account_alone(passed_on: &str) -> io::Result<Self> {
        let own = Account::own()?;
        let lets_in = |who: &str| format!("(A;{passed_on};FA;;;{who})");
        let lists = [own.to_string().as_str(), "SY", "BA"].map(lets_in).concat();
        Self::of(&format!("O:{own}D:P{lists}"))
    }

    /// That of an open file or folder: its owner, and who may do what with it.
    ///
    /// # Errors
    /// The system's refusal.
    pub(crate) fn of_open(object: BorrowedHandle<'_>) -> io::Result<Self> {
        Self::told(object, SE_FILE_OBJECT)
    }

    /// That of a pipe, or of memory programs share.
    ///
    /// # Errors
    /// The system's refusal.
    pub(crate) fn of_kernel_object(object: BorrowedHandle<'_>) -> io::Result<Self> {
        Self::told(object, SE_KERNEL_OBJECT)
    }

    fn told(object: BorrowedHandle<'_>, kind: SE_OBJECT_TYPE) -> io::Result<Self> {
        let mut start = std::ptr::null_mut();
        // SAFETY: the handle is borrowed, so it is open; the place of the descriptor goes to a variable
        // of ours, and nothing is asked for that would lie in it.
        let code = unsafe {
            GetSecurityInfo(
                object.as_raw_handle(),
                kind,
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                &raw mut start,
            )
        };
        match code {
            ERROR_SUCCESS => Ok(Self { start }),
            code => Err(io::Error::from_raw_os_error(code.cast_signed())),
        }
    }

    /// Whose the object is.
    ///
    /// # Errors
    /// `InvalidData` when it is nobody's.
    pub(crate) fn owner(&self) -> io::Result<Account> {
        let mut owner: PSID = std::ptr::null_mut();
        let mut by_default = 0;
        // SAFETY: the descriptor lives; the rest are variables of ours.
        let done =
            unsafe { GetSecurityDescriptorOwner(self.start, &raw mut owner, &raw mut by_default) };
        if done == 0 || owner.is_null() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // SAFETY: it lies in the descriptor, which lives.
        unsafe { Account::at(owner) }
    }

    /// Where it is, as long as this lives.
    pub(crate) fn as_ptr(&self) -> PSECURITY_DESCRIPTOR {
        self.start
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        // SAFETY: allocated for us when it was made, and not used any more.
        unsafe { LocalFree(self.start) };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_descriptor_is_refused() {
        assert!(Descriptor::of("D:P(A;;GA;;;SY)").is_ok());
        assert!(Descriptor::of("everybody, please").is_err());
    }
}
