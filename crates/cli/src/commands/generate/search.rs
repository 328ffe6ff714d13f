//! Makes the key, and shows how far the search for an RSA key is.
//!
//! Ctrl-C is not caught: nothing has been written yet, so the signal may end the process as it
//! ends any other. That is what a shell wants to see: told of a signal (130 to `$?`) it stops
//! the loop it is in too, and a signal somebody chose to ignore stays ignored. All it is
//! held back for is to take the bar off the terminal first.

#[cfg_attr(unix, path = "search/unix.rs")]
#[cfg_attr(windows, path = "search/windows.rs")]
mod system;

use std::num::NonZeroUsize;
use std::thread;

use keyfob_keys::generate::{Kind, Watch, generate};
use keyfob_keys::{Error, PrivateKey};
use keyfob_sys::signals::Held;

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
    let watch = Shown(&progress);
    system::watched(held, &progress, || generate(kind, threads, &watch))
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
