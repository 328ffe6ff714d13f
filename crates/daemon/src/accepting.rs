//! Serves a socket, each client in its own task, and makes the socket anew where its file is lost:
//! tidying programs remove what looks old, and nobody could reach the keys again.

use std::io;
use std::mem;
use std::pin::pin;
use std::sync::Arc;

use keyfob_agent::Session;
use keyfob_sys::room;
use keyfob_transport::Listener;
use tokio::time::sleep;

use crate::connection::Connection;
use crate::driver::Driver;
use crate::limits::{RESTORE_ATTEMPTS, RESTORE_PAUSE, ROOM_FOR_A_CONNECTION};
use crate::options::Socket;

/// Serves one socket for ever. Connections that are open go on in any case.
pub(crate) async fn serve(socket: Socket, driver: Arc<Driver>) {
    let Socket { mut listener, profile } = socket;
    loop {
        let begin = || Session::with(profile.clone());
        if let Err(error) = until_lost(&listener, begin, &driver).await {
            tracing::error!(%error, "the socket can no longer accept clients");
            return;
        }
        match restored(&listener).await {
            Some(successor) => listener = successor,
            None => return,
        }
    }
}

/// Accepts clients until the socket's file is gone.
async fn until_lost(
    listener: &Listener,
    begin: impl Fn() -> Session,
    driver: &Arc<Driver>,
) -> io::Result<()> {
    let mut lost = pin!(listener.lost());
    let mut full = false;
    loop {
        let stream = tokio::select! {
            // Whoever came before it was lost is served.
            biased;
            accepted = listener.accept() => accepted?.0,
            () = &mut lost => return Ok(()),
        };
        let was_full = mem::replace(&mut full, !room::is_left(ROOM_FOR_A_CONNECTION));
        if full {
            if !was_full {
                tracing::warn!("not enough memory for another connection");
            }
            continue;
        }
        let driver = Arc::clone(driver);
        let session = begin();
        tokio::spawn(async move {
            let ending = Connection::new(stream, session, &driver).serve(&driver).await;
            tracing::debug!(%ending, "connection ended");
        });
    }
}

/// The pause is also for who removed the file to put another agent there: whatever has the name by
/// then stays.
async fn restored(listener: &Listener) -> Option<Listener> {
    let path = listener.path().map(|path| path.display().to_string()).unwrap_or_default();
    let mut pause = RESTORE_PAUSE;
    for _ in 0..RESTORE_ATTEMPTS {
        sleep(pause).await;
        pause = pause.saturating_mul(2);
        match listener.restored().await {
            Ok(successor) => {
                tracing::warn!(path, "the socket's file was removed; it is there again");
                return Some(successor);
            }
            Err(error) => tracing::warn!(%error, "the socket's file was removed"),
        }
    }
    tracing::error!(path, "nobody can reach the agent there any more");
    None
}
