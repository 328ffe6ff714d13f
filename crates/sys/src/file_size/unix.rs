//! A signal that is ignored for a while.

use std::io;
use std::mem::MaybeUninit;

/// As long as this lives, a write beyond the limit fails with `EFBIG`.
///
/// Children started meanwhile would inherit it, so hold it around writes only.
pub struct Ignored {
    before: libc::sigaction,
}

impl std::fmt::Debug for Ignored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ignored")
    }
}

impl Ignored {
    /// Ignores the signal, for all threads.
    ///
    /// # Errors
    /// The system's refusal, which no system has a reason for.
    pub fn new() -> io::Result<Self> {
        // SAFETY: all-zero is a valid `sigaction`: numbers, an empty set and null pointers.
        let mut ignore: libc::sigaction = unsafe { std::mem::zeroed() };
        ignore.sa_sigaction = libc::SIG_IGN;
        let mut before = MaybeUninit::zeroed();
        // SAFETY: both are ours; the second is written whole on success.
        let error =
            unsafe { libc::sigaction(libc::SIGXFSZ, &raw const ignore, before.as_mut_ptr()) };
        if error != 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: filled by the successful call above.
        Ok(Self { before: unsafe { before.assume_init() } })
    }
}

impl Drop for Ignored {
    fn drop(&mut self) {
        // SAFETY: what the system itself gave us a moment ago.
        unsafe { libc::sigaction(libc::SIGXFSZ, &raw const self.before, std::ptr::null_mut()) };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_signal_does_nothing_meanwhile() {
        let ignored = Ignored::new().unwrap();
        // SAFETY: sends a signal to this thread; without the guard it would end the process.
        assert_eq!(unsafe { libc::raise(libc::SIGXFSZ) }, 0);
        drop(ignored);
        let mut now = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: only reads what is set now, into a variable of ours.
        unsafe { libc::sigaction(libc::SIGXFSZ, std::ptr::null(), now.as_mut_ptr()) };
        // SAFETY: filled by the call above.
        assert_eq!(unsafe { now.assume_init() }.sa_sigaction, libc::SIG_DFL);
    }
}
