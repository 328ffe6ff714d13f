//! Everything that ends the agent or empties it.

#[cfg_attr(unix, path = "ends/signals.rs")]
#[cfg_attr(windows, path = "ends/console.rs")]
mod system;

use keyfob_sys::os_handle::Owned;
use keyfob_sys::process;
use tokio::sync::oneshot;

use crate::options::Ended;

pub(crate) use system::Ends;

/// What is to be done.
pub(crate) enum Event {
    End(Ended),
    #[cfg_attr(windows, allow(dead_code, reason = "there is no signal for it"))]
    DropKeys,
    #[cfg_attr(windows, allow(dead_code, reason = "there is no signal for it"))]
    ReadSettings,
}

/// Returns when the watched process has ended; never when none is watched.
async fn gone(process: Option<&mut oneshot::Receiver<()>>) {
    match process {
        // An error is a watcher that died: the safe reading is "ended" too.
        Some(ended) => drop(ended.await),
        None => std::future::pending().await,
    }
}

/// Waits for a process in a thread of its own: at once and without polling. The
/// runtime's own way to wait for a foreign descriptor is `unsafe`.
fn watch(parent: Owned) -> std::io::Result<oneshot::Receiver<()>> {
    let (ended, receiver) = oneshot::channel();
    std::thread::Builder::new().name("parent".to_owned()).spawn(move || {
        process::wait_for(&parent);
        // Nobody listens any more when the agent is ending already.
        let _ = ended.send(());
    })?;
    Ok(receiver)
}
