//! A list of who may do what with this process, and no reports of its memory.

use std::io;

use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, PROTECTED_DACL_SECURITY_INFORMATION, SetKernelObjectSecurity,
};
use windows_sys::Win32::System::Diagnostics::Debug::{
    SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SetErrorMode,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use crate::windows::account::Account;
use crate::windows::descriptor::Descriptor;

/// To be asked who it is, to be waited for and to be ended: `PROCESS_QUERY_LIMITED_INFORMATION`,
/// `SYNCHRONIZE` and `PROCESS_TERMINATE`. Its memory, its handles and this list itself are
/// nobody's but the system's. (An administrator's debugger may do what it likes. Its threads have lists of
/// their own, and who has a handle already keeps it: SECURITY.md, "On Windows".)
const ALLOWED: &str = "0x101001";

pub(super) fn hide() -> io::Result<()> {
    let own = Account::own()?;
    // Of an object's owner, who could else change this list, `OW` speaks.
    let list = format!("D:P(A;;{ALLOWED};;;OW)(A;;{ALLOWED};;;{own})(A;;GA;;;SY)");
    let descriptor = Descriptor::of(&list)?;
    let what = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    // SAFETY: a name for ourselves that is always valid.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the descriptor is one for as long as its value lives.
    match unsafe { SetKernelObjectSecurity(process, what, descriptor.as_ptr()) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
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
