//! A descriptor for signals on Linux; elsewhere they act at once, as without this module.

use rustix::process::Signal;
use std::io;
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// As long as this lives, signals that would end or stop the process wait.
#[derive(Debug)]
pub struct Held {
    system: holding::Held,
    /// The mask belongs to the thread that set it.
    _not_send: PhantomData<*const ()>,
}

/// Lets no signal interrupt or end this thread and those it makes, but those nobody can hold back.
pub(crate) fn block_all() {
    let mut set = std::mem::MaybeUninit::uninit();
    // SAFETY: fills the set, which is ours.
    unsafe { libc::sigfillset(set.as_mut_ptr()) };
    // SAFETY: filled by the line above.
    let set = unsafe { set.assume_init() };
    // SAFETY: reads our set; the mask of before is not asked for.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut()) };
}

/// What came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The descriptor can be read.
    Readable,
    /// A signal is due: put things right, then [`Held::deliver`] it.
    Signal(Signal),
}

impl Held {
    /// Holds back SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, and SIGIO, by which
    /// [`end_with`](crate::process::end_with) ends a process.
    ///
    /// # Errors
    /// When the system has no descriptors left.
    pub fn new() -> io::Result<Self> {
        Ok(Self { system: holding::Held::new()?, _not_send: PhantomData })
    }

    /// Waits until the descriptor can be read or a held signal arrives.
    ///
    /// # Errors
    /// The system's refusal to wait.
    pub fn wait(&self, descriptor: BorrowedFd<'_>) -> io::Result<Event> {
        // Without a limit something comes.
        self.system.wait(descriptor, None).map(|event| event.unwrap_or(Event::Readable))
    }

    /// The same, no longer than this; `None` when nothing came.
    ///
    /// # Errors
    /// The system's refusal to wait.
    pub fn wait_within(
        &self,
        descriptor: BorrowedFd<'_>,
        limit: Duration,
    ) -> io::Result<Option<Event>> {
        self.system.wait(descriptor, Some(limit))
    }

    /// Lets signals through again and sends this one to ourselves.
    ///
    /// Usually that is the end. It returns when the signal is ignored or handled, and after a
    /// stopped process was continued.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn deliver(self, signal: Signal) -> io::Result<()> {
        self.system.let_through();
        Ok(rustix::process::kill_process(rustix::process::getpid(), signal)?)
    }
}

#[cfg(target_os = "linux")]
mod holding {
    use super::Event;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use rustix::process::Signal;
    use std::io;
    use std::mem::MaybeUninit;
    use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd};
    use std::time::{Duration, Instant};

    const HELD: [libc::c_int; 6] =
        [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP, libc::SIGIO];

    pub(super) struct Held {
        arrived: OwnedFd,
        before: libc::sigset_t,
    }

    impl std::fmt::Debug for Held {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("Held")
        }
    }

    impl Held {
        pub(super) fn new() -> io::Result<Self> {
            let set = held_set();
            // SAFETY: the set is initialised; -1 asks for a new descriptor.
            let raw = unsafe { libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC) };
            if raw < 0 {
                return Err(io::Error::last_os_error());
            }
            // SAFETY: made by the call above for us.
            let arrived = unsafe { OwnedFd::from_raw_fd(raw) };
            let mut before = MaybeUninit::zeroed();
            // SAFETY: both sets are ours; the second is written whole on success.
            let error = unsafe {
                libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, before.as_mut_ptr())
            };
            if error != 0 {
                return Err(io::Error::from_raw_os_error(error));
            }
            // SAFETY: filled by the successful call above.
            let before = unsafe { before.assume_init() };
            Ok(Self { arrived, before })
        }

        pub(super) fn wait(
            &self,
            descriptor: BorrowedFd<'_>,
            limit: Option<Duration>,
        ) -> io::Result<Option<Event>> {
            let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
            let mut both = [
                PollFd::new(&self.arrived, PollFlags::IN),
                PollFd::from_borrowed_fd(descriptor, PollFlags::IN),
            ];
            loop {
                let left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
                let left = left.and_then(|left| Timespec::try_from(left).ok());
                match poll(&mut both, left.as_ref()) {
                    Ok(0) => return Ok(None),
                    Ok(_) => break,
                    Err(Errno::INTR) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            if both[0].revents().is_empty() {
                return Ok(Some(Event::Readable));
            }
            // `struct signalfd_siginfo` is 128 bytes and begins with the signal's number.
            let mut info = [0_u8; 128];
            rustix::io::read(&self.arrived, &mut info)?;
            let number = i32::from_ne_bytes([info[0], info[1], info[2], info[3]]);
            let signal = Signal::from_named_raw(number);
            signal.map(Event::Signal).map(Some).ok_or_else(|| io::ErrorKind::InvalidData.into())
        }
    }

    impl Held {
        pub(super) fn let_through(self) {
            drop(self);
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            // SAFETY: the mask this thread had before (the type cannot change threads).
            unsafe {
                libc::pthread_sigmask(
                    libc::SIG_SETMASK,
                    &raw const self.before,
                    std::ptr::null_mut(),
                );
            }
        }
    }

    fn held_set() -> libc::sigset_t {
        let mut set = MaybeUninit::zeroed();
        // SAFETY: writes the whole set.
        unsafe { libc::sigemptyset(set.as_mut_ptr()) };
        for signal in HELD {
            // SAFETY: the set was initialised above, the number is a real signal's.
            unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
        }
        // SAFETY: initialised by `sigemptyset`.
        unsafe { set.assume_init() }
    }
}

/// Elsewhere there is no descriptor for signals: they act at once, as without this module.
#[cfg(not(target_os = "linux"))]
mod holding {
    use super::Event;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    use std::io;
    use std::os::fd::BorrowedFd;
    use std::time::Duration;

    #[derive(Debug)]
    pub(super) struct Held;

    impl Held {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self)
        }

        pub(super) fn let_through(self) {}

        pub(super) fn wait(
            &self,
            descriptor: BorrowedFd<'_>,
            limit: Option<Duration>,
        ) -> io::Result<Option<Event>> {
            let Some(limit) = limit else { return Ok(Some(Event::Readable)) };
            let mut one = [PollFd::from_borrowed_fd(descriptor, PollFlags::IN)];
            match poll(&mut one, Timespec::try_from(limit).ok().as_ref()) {
                Ok(0) | Err(Errno::INTR) => Ok(None),
                Ok(_) => Ok(Some(Event::Readable)),
                Err(errno) => Err(errno.into()),
            }
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsFd;

    #[test]
    fn input_is_noticed_while_signals_wait() {
        let held = Held::new().unwrap();
        let (read, mut write) = std::io::pipe().unwrap();
        write.write_all(b"x").unwrap();
        assert_eq!(held.wait(read.as_fd()).unwrap(), Event::Readable);
    }

    #[test]
    fn nothing_comes_within_a_limit_and_input_does() {
        let held = Held::new().unwrap();
        let (read, mut write) = std::io::pipe().unwrap();
        let soon = Duration::from_millis(20);
        assert_eq!(held.wait_within(read.as_fd(), soon).unwrap(), None);
        write.write_all(b"x").unwrap();
        assert_eq!(held.wait_within(read.as_fd(), soon).unwrap(), Some(Event::Readable));
    }

    #[test]
    fn a_signal_of_this_thread_is_noticed_and_does_nothing_yet() {
        let held = Held::new().unwrap();
        let (read, _write) = std::io::pipe().unwrap();
        // SAFETY: asks for this thread's own handle.
        let this = unsafe { libc::pthread_self() };
        // SAFETY: this thread, and a signal it holds back.
        unsafe { libc::pthread_kill(this, libc::SIGTERM) };
        assert_eq!(held.wait(read.as_fd()).unwrap(), Event::Signal(Signal::TERM));
        // Consumed: dropping delivers nothing, or this process would end here.
    }
}
