//! A list of who may do what with this process, and no reports of its memory.

use std::io;

use windows_sys::Win32::Foundation::LocalFree;
use windows_sys::Win32::Security::Authorization::{
    ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, SetKernelObjectSecurity,
};
use windows_sys::Win32::System::Diagnostics::Debug::{
    SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use crate::windows::account::Account;
use crate::windows::wide;

/// To be asked who it is, to be waited for and to be ended: `PROCESS_QUERY_LIMITED_INFORMATION`,
/// `SYNCHRONIZE` and `PROCESS_TERMINATE`. Its memory, its threads, its handles and this list itself
/// are nobody's but the system's. (An administrator's debugger may do what it likes.)
const ALLOWED: &str = "0x101001";

pub(super) fn hide() -> io::Result<()> {
    let own = Account::own()?;
    // Of an object's owner, who could else change this list, `OW` speaks.
    let list = format!("D:P(A;;{ALLOWED};;;OW)(A;;{ALLOWED};;;{own})(A;;GA;;;SY)");
    let text = wide::ended(list);
    let mut descriptor = std::ptr::null_mut();
    // SAFETY: the text has an end; the place of the descriptor goes to a variable of ours.
    let done = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            std::ptr::null_mut(),
        )
    };
    if done == 0 {
        return Err(io::Error::last_os_error());
    }
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: a name for ourselves that is always valid.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the descriptor was made by the call above.
    let done = unsafe { SetKernelObjectSecurity(process, what, descriptor) };
    let result = if done == 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    // SAFETY: allocated for us by the first call, and not used any more.
    unsafe { LocalFree(descriptor) };
    result
}

/// No report of an error, which would have the memory in it, and no window that waits for a person.
pub(super) fn forbid_core() -> io::Result<()> {
    // SAFETY: takes a number.
    unsafe { SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX) };
    Ok(())
}

/// There are no programs that give rights to whoever starts them.
pub(super) fn forbid_new_privileges() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
