//! Makes the key, and shows how far the search for an RSA key is.
//!
//! Ctrl-C is not caught: nothing has been written yet, so the signal may end the process as it
//! ends any other. That is what a shell wants to see: told of a signal (130 to `$?`) it stops
//! the loop it is in too, and a signal somebody chose to ignore stays ignored. All it is
//! held back for is to take the bar off the terminal first.

use std::num::NonZeroUsize;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::thread;

use keyfob_keys::generate::{Kind, Watch, generate};
use keyfob_keys::{Error, PrivateKey};
use keyfob_sys::signals::{Event, Held};

use crate::output::Progress;

/// Makes it, on all cores. `title` stands on the bar; without one there is none.
pub(super) fn search(kind: Kind, title: Option<String>) -> Result<PrivateKey, Error> {
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    if !matches!(kind, Kind::Rsa { .. }) {
        return generate(kind, threads, &());
    }
    // Before any thread begins, that of the bar too: they inherit it, so that every signal
    // comes to this one.
    let held = Held::new().ok();
    let progress = title.map_or_else(Progress::silent, Progress::new);
    // Without a pipe there is nothing to wait for, and signals wait until the end.
    let Ok((done, finish)) = std::io::pipe() else {
        return generate(kind, threads, &Shown(&progress));
    };
    thread::scope(|scope| {
        let watch = Shown(&progress);
        let searching = scope.spawn(move || {
            let key = generate(kind, threads, &watch);
            drop(finish);
            key
        });
        wait(held, done.as_fd(), &progress);
        searching.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Waits for the end of the pipe, or of the process.
fn wait(mut held: Option<Held>, done: BorrowedFd<'_>, progress: &Progress) {
    while let Some(signals) = held.take() {
        let Ok(Event::Signal(signal)) = signals.wait(done) else {
            return;
        };
        // The end, usually; else it was ignored, or stopped us for a while.
        if progress.aside(|| signals.deliver(signal)).is_ok() {
            held = Held::new().ok();
        }
    }
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
