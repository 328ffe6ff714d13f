//! Descriptors of processes, signals, and `fork`.

use crate::{Error, region};
use rustix::process::{Pid, Signal};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

#[path = "startup.rs"]
mod startup;

pub use startup::{Forked, Readiness, Startup, fork_with_report};

/// Which of the two one is.
#[derive(Debug, PartialEq, Eq)]
pub enum Fork {
    /// The process that called; with the child's number.
    Parent(u32),
    /// The new process.
    Child,
}

/// Makes a second process that goes on from here.
///
/// # Errors
/// [`Error::Fork`] with a second thread, with memory for secrets in use, or when the system
/// refuses.
pub fn fork() -> Result<Fork, Error> {
    if region::any_mapped() {
        return Err(Error::Fork("memory for secrets is in use".into()));
    }
    match threads() {
        Ok(1) => {}
        Ok(count) => return Err(Error::Fork(format!("there are {count} threads").into())),
        Err(error) => return Err(Error::Fork(format!("cannot count threads: {error}").into())),
    }
    // SAFETY: this is the only thread (checked above), so the child has everything the parent
    // has, with no lock held by a thread that does not exist in it.
    match unsafe { libc::fork() } {
        -1 => Err(Error::Fork(io::Error::last_os_error().into())),
        0 => Ok(Fork::Child),
        child => Ok(Fork::Parent(child.unsigned_abs())),
    }
}

/// Leaves terminal, session and folder behind: new session, `/`, standard streams to null.
///
/// # Errors
/// The first step that failed.
pub fn detach() -> io::Result<()> {
    rustix::process::setsid()?;
    std::env::set_current_dir("/")?;
    detach_stdio()
}

/// Points the three standard streams at `/dev/null`.
///
/// # Errors
/// When `/dev/null` cannot be opened.
pub fn detach_stdio() -> io::Result<()> {
    let null = std::fs::File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(())
}

/// Takes these variables out of the environment, so that programs started later do not take
/// them for theirs.
///
/// # Errors
/// [`Error::Fork`] with a second thread, which might be reading the environment; nothing was
/// changed then.
pub fn forget_variables(names: &[&str]) -> Result<(), Error> {
    match threads() {
        Ok(1) => {}
        Ok(count) => return Err(Error::Fork(format!("there are {count} threads").into())),
        Err(error) => return Err(Error::Fork(format!("cannot count threads: {error}").into())),
    }
    for name in names {
        // SAFETY: this is the only thread (checked above), so nobody reads the environment now.
        unsafe { std::env::remove_var(name) };
    }
    Ok(())
}

/// A descriptor that becomes readable when the process ends; at once, not by polling.
///
/// # Errors
/// `NotFound` when there is no such process (any more); `Unsupported` where this does not exist.
pub fn watch(pid: u32) -> io::Result<OwnedFd> {
    pidfd(process_number(pid)?)
}

/// [`watch`] for the process that started this one.
///
/// # Errors
/// As [`watch`]; `NotFound` also when it ended so early that somebody else has become our parent.
pub fn watch_parent(pid: u32) -> io::Result<OwnedFd> {
    let watched = watch(pid)?;
    // Opened first, compared afterwards: the number cannot have changed hands in between.
    if std::os::unix::process::parent_id() == pid {
        Ok(watched)
    } else {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
}

/// Waits until what [`watch`] gave has ended.
pub fn wait_for(process: impl AsFd) {
    use rustix::event::{PollFd, PollFlags, poll};
    let mut one = [PollFd::new(&process, PollFlags::IN)];
    while poll(&mut one, None) == Err(rustix::io::Errno::INTR) {}
}

/// Whether what [`watch`] or a socket's process handle gave has ended.
pub fn is_over(process: impl AsFd) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let mut one = [PollFd::new(&process, PollFlags::IN)];
    poll(&mut one, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok_and(|count| count > 0)
}

/// Asks a process to end (SIGTERM).
///
/// # Errors
/// `NotFound` when it does not exist, `PermissionDenied` when it is not ours.
pub fn terminate(pid: u32) -> io::Result<()> {
    rustix::process::kill_process(process_number(pid)?, Signal::TERM).map_err(not_found)
}

/// Ends this process at once when nobody holds the other end of this pipe any more.
///
/// The kernel sends SIGIO then, which ends a process that has not asked for anything else; and
/// whenever something is written into the pipe, so call it when all is read. Rejected: the death
/// signal of the parent, which comes when the *thread* that started us ends, and runtimes end
/// theirs as they like.
///
/// # Errors
/// `BrokenPipe` when nobody holds it now; the system's refusal; `Unsupported` where this does
/// not exist.
#[cfg(target_os = "linux")]
pub fn end_with(pipe: std::os::fd::BorrowedFd<'_>) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use std::os::fd::AsRawFd as _;

    let own = rustix::process::getpid().as_raw_nonzero().get();
    // SAFETY: takes and keeps integers only; the descriptor is borrowed, so it is open.
    let result = unsafe { libc::fcntl(pipe.as_raw_fd(), libc::F_SETOWN, own) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    fcntl_setfl(pipe, fcntl_getfl(pipe)? | OFlags::ASYNC)?;
    // It may have been closed before there was anybody to tell.
    let mut state = [PollFd::new(&pipe, PollFlags::empty())];
    poll(&mut state, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }))?;
    match state[0].revents().contains(PollFlags::HUP) {
        true => Err(io::Error::from(io::ErrorKind::BrokenPipe)),
        false => Ok(()),
    }
}

/// Ends this process at once when nobody holds the other end of this pipe any more.
///
/// # Errors
/// Always: nobody is told of it here.
#[cfg(not(target_os = "linux"))]
pub fn end_with(_pipe: std::os::fd::BorrowedFd<'_>) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Lets no program started later inherit a descriptor beyond the standard streams.
///
/// A daemon started from a script would otherwise keep the script's lock files and pipes open
/// for as long as it lives.
///
/// # Errors
/// The system's refusal; `Unsupported` where this does not exist.
#[cfg(target_os = "linux")]
pub fn close_others_on_exec() -> io::Result<()> {
    // SAFETY: takes integers only, and with this flag it closes nothing now: descriptors that
    // other code owns stay valid.
    let result =
        unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, CLOSE_RANGE_CLOEXEC) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Lets no program started later inherit a descriptor beyond the standard streams.
///
/// # Errors
/// Always: there is no such call here.
#[cfg(not(target_os = "linux"))]
pub fn close_others_on_exec() -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Closes everything but the standard streams and this one, for a process that has just been forked
/// and will never return to the code that owned the others.
pub(crate) fn keep_only(kept: &OwnedFd) {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd as _;
        let kept = libc::c_uint::try_from(kept.as_raw_fd()).unwrap_or(3);
        for (first, last) in [(3, kept.saturating_sub(1)), (kept + 1, libc::c_uint::MAX)] {
            if first <= last {
                // SAFETY: integers only. The owners of these descriptors are in the process this
                // one was copied from; here nothing runs that knows them.
                unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
            }
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = kept;
}

#[cfg(target_os = "linux")]
const CLOSE_RANGE_CLOEXEC: libc::c_uint = 4;

#[cfg(target_os = "linux")]
fn pidfd(pid: Pid) -> io::Result<OwnedFd> {
    use rustix::process::{PidfdFlags, pidfd_open};
    pidfd_open(pid, PidfdFlags::empty()).map_err(not_found)
}

#[cfg(not(target_os = "linux"))]
fn pidfd(_pid: Pid) -> io::Result<OwnedFd> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Positive and within what a process number can be: 0 and negative ones mean groups to `kill`.
fn process_number(pid: u32) -> io::Result<Pid> {
    i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
}

fn not_found(errno: rustix::io::Errno) -> io::Error {
    match errno {
        rustix::io::Errno::SRCH => io::Error::from(io::ErrorKind::NotFound),
        other => other.into(),
    }
}

fn threads() -> Result<u32, Error> {
    Ok(crate::peer::status(std::process::id())?.threads)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn no_number_means_a_group_or_everybody() {
        for pid in [0, u32::MAX, 1 << 31] {
            assert_eq!(terminate(pid).unwrap_err().kind(), io::ErrorKind::NotFound, "{pid}");
            assert_eq!(watch(pid).unwrap_err().kind(), io::ErrorKind::NotFound, "{pid}");
        }
    }

    #[test]
    fn a_fork_of_a_threaded_process_is_refused() {
        // The test harness itself is the second thread.
        let message = fork().unwrap_err().to_string();
        assert!(message.contains("thread") || message.contains("secret"), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_watched_process_announces_its_end() {
        let mut child = std::process::Command::new("/bin/cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let watched = watch(child.id()).unwrap();
        assert!(!ended(&watched, 0), "it is still running");
        drop(child.stdin.take());
        assert!(ended(&watched, 10), "it ended and nobody was told");
        child.wait().unwrap();
    }

    #[cfg(target_os = "linux")]
    fn ended(watched: &OwnedFd, seconds: i64) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let limit = Timespec { tv_sec: seconds, tv_nsec: 0 };
        poll(&mut [PollFd::new(watched, PollFlags::IN)], Some(&limit)).unwrap() == 1
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_stranger_is_not_our_parent() {
        let mut child = std::process::Command::new("/bin/sleep").arg("5").spawn().unwrap();
        let error = watch_parent(child.id()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
