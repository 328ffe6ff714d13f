//! Processes that end with this one, whatever ends it.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle as _, FromRawHandle as _, OwnedHandle};

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};

/// A job that the system ends when its one handle is closed: when this is dropped, and also when this
/// process ends without a word.
#[derive(Debug)]
pub struct Job(OwnedHandle);

impl Job {
    /// One without processes. No program that is started inherits its handle.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn new() -> io::Result<Self> {
        // SAFETY: without attributes and without a name.
        let job = unsafe { CreateJobObjectW(std::ptr::null(), std::ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: just made for us; nothing else owns it.
        let job = unsafe { OwnedHandle::from_raw_handle(job) };
        let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
        // SAFETY: the handle is open; the structure is of the kind that is named, and of this size.
        let set = unsafe {
            SetInformationJobObject(
                job.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size_of_val(&limits) as u32,
            )
        };
        if set == 0 { Err(io::Error::last_os_error()) } else { Ok(Self(job)) }
    }

    /// From now on this process, and those it starts, end with the job.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn take(&self, process: impl AsHandle) -> io::Result<()> {
        let process = process.as_handle().as_raw_handle();
        // SAFETY: both handles are open.
        match unsafe { AssignProcessToJobObject(self.0.as_raw_handle(), process) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    /// Lost otherwise: an agent that was started for a command stays, with its keys.
    #[test]
    fn a_process_ends_with_the_job_it_is_of() {
        let mut child =
            Command::new("cmd").args(["/c", "set /p x="]).stdin(Stdio::piped()).spawn().unwrap();
        let job = Job::new().unwrap();
        job.take(&child).unwrap();
        assert_eq!(child.try_wait().unwrap(), None, "it goes on meanwhile");
        drop(job);
        child.wait().unwrap();
    }
}
