//! Makes the key, and shows how far the search for an RSA key is.
//!
//! Ctrl-C is not caught: nothing has been written yet, so the signal may end the process as it
//! ends any other. That is what a shell wants to see: told of a signal (130 to `$?`) it stops
//! the loop it is in too, and a signal somebody chose to ignore stays ignored. All it is
//! held back for is to take the bar off the terminal first.

use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::thread;

use keyfob_keys::generate::{Kind, Watch, generate};
use keyfob_keys::{Error, PrivateKey};
use keyfob_sys::signals::{Event, Held};

use crate::output::Progress;

/// Makes it, on all cores.
pub(super) fn search(kind: Kind, progress: &Progress) -> Result<PrivateKey, Error> {
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    if !matches!(kind, Kind::Rsa { .. }) {
        return generate(kind, threads, &());
    }
    // Without a pipe there is nothing to wait for, and a signal leaves the bar where it is.
    let Ok((done, finish)) = std::io::pipe() else {
        return generate(kind, threads, &Shown(progress));
    };
    thread::scope(|scope| {
        // Before the threads begin: they inherit it, so that every signal comes to this one.
        let mut held = Held::new().ok();
        let searching = scope.spawn(move || {
            let key = generate(kind, threads, &Shown(progress));
            drop(finish);
            key
        });
        while let Some(signals) = held.take() {
            match signals.wait(done.as_fd()) {
                Ok(Event::Signal(signal)) => {
                    // The end, usually; else it was ignored, or stopped us for a while.
                    if progress.aside(|| signals.deliver(signal)).is_ok() {
                        held = Held::new().ok();
                    }
                }
                Ok(Event::Readable) | Err(_) => {}
            }
        }
        searching.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

struct Shown<'a>(&'a Progress);

impl Watch for Shown<'_> {
    fn progress(&self, done: f64) {
        self.0.set(done);
    }

    fn stopped(&self) -> bool {
        false
    }
}
