//! Notices the end of the search by a pipe that closes, and signals beside it.

use std::os::fd::AsFd as _;
use std::thread;

use keyfob_keys::{Error, PrivateKey};
use keyfob_sys::signals::{Event, Held};

use crate::output::Progress;

/// Searches on a thread of its own, and takes the bar off the terminal when a signal comes.
pub(super) fn watched(
    held: Option<Held>,
    progress: &Progress,
    search: impl FnOnce() -> Result<PrivateKey, Error> + Send,
) -> Result<PrivateKey, Error> {
    // Without a pipe there is nothing to wait for, and signals wait until the end.
    let Ok((done, finish)) = std::io::pipe() else {
        return search();
    };
    thread::scope(|scope| {
        let searching = scope.spawn(move || {
            let key = search();
            drop(finish);
            key
        });
        let mut held = held;
        while let Some(signals) = held.take() {
            let Ok(Event::Signal(signal)) = signals.wait(done.as_fd()) else { break };
            // The end, usually; else it was ignored, or stopped us for a while.
            if progress.aside(|| signals.deliver(signal)).is_ok() {
                held = Held::new().ok();
            }
        }
        searching.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
