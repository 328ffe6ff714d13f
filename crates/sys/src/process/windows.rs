//! Handles of processes. There is no `fork`, and nobody inherits what was not meant for him.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::windows::io::{AsHandle, AsRawHandle as _, BorrowedHandle, OwnedHandle};

use windows_sys::Win32::System::Threading::{
    INFINITE, PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, TerminateProcess,
};

use crate::Error;
use crate::windows::process::{entry, is_signalled, open};

/// Ends this process at once when nobody holds the other end of this pipe any more. Nothing else may
/// read from it.
///
/// # Errors
/// The system's refusal.
pub fn end_with(pipe: BorrowedHandle<'_>) -> io::Result<()> {
    let mut pipe = File::from(pipe.try_clone_to_owned()?);
    let waits = std::thread::Builder::new().name("leash".to_owned());
    waits.spawn(move || {
        // Whoever holds it says nothing more.
        let mut byte = [0];
        while matches!(pipe.read(&mut byte), Ok(1..)) {}
        std::process::exit(1);
    })?;
    Ok(())
}

/// A handle that is signalled when the process ends.
///
/// # Errors
/// `NotFound` when there is no such process (any more).
pub fn watch(pid: u32) -> io::Result<OwnedHandle> {
    open(pid, PROCESS_SYNCHRONIZE)
}

/// [`watch`] for the process that started this one.
///
/// # Errors
/// As [`watch`]; `NotFound` also when it is not our parent.
pub fn watch_parent(pid: u32) -> io::Result<OwnedHandle> {
    let watched = watch(pid)?;
    match entry(std::process::id())?.parent == pid {
        true => Ok(watched),
        false => Err(io::ErrorKind::NotFound.into()),
    }
}

/// Waits until what [`watch`] gave has ended.
pub fn wait_for(process: impl AsHandle) {
    is_signalled(process.as_handle(), INFINITE);
}

/// Whether what [`watch`] or a pipe's process handle gave has ended.
pub fn is_over(process: impl AsHandle) -> bool {
    is_signalled(process.as_handle(), 0)
}

/// Ends a process: it is not asked.
///
/// # Errors
/// `NotFound` when it does not exist, `PermissionDenied` when it is not ours.
pub fn terminate(pid: u32) -> io::Result<()> {
    let process = open(pid, PROCESS_TERMINATE)?;
    // SAFETY: the handle is open.
    match unsafe { TerminateProcess(process.as_raw_handle(), 1) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Takes these variables out of the environment, so that programs started later do not take
/// them for theirs.
///
/// # Errors
/// None: here threads may read the environment meanwhile.
pub fn forget_variables(names: &[&str]) -> Result<(), Error> {
    for name in names {
        // SAFETY: on Windows the environment is the system's, which keeps threads apart.
        unsafe { std::env::remove_var(name) };
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn no_number_means_everybody() {
        for pid in [0, u32::MAX, 1 << 31] {
            assert!(terminate(pid).is_err(), "{pid}");
        }
    }

    #[test]
    fn a_watched_process_announces_its_end() {
        let mut child = std::process::Command::new("cmd")
            .args(["/c", "set /p x="])
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let watched = watch(child.id()).unwrap();
        assert!(!is_over(&watched), "it is still running");
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(is_over(&watched), "it ended and nobody was told");
    }

    #[test]
    fn a_stranger_is_not_our_parent() {
        let error = watch_parent(std::process::id()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
