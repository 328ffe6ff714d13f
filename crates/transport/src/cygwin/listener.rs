//! Accepts who knows the secret, each in a task of its own until that is known: one that says nothing
//! must not keep the others waiting.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use keyfob_sys::peer::{self, Credentials};
use keyfob_sys::user::effective_uid;
use keyfob_sys::windows::port;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::handshake::{Secret, with_client};
use crate::pipe::Stream;
use crate::pipe::stream::Way;

/// How long the handshake may take: both ends are on this machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// Handshakes at the same time.
const AT_ONCE: usize = 32;

/// After the system gave no connection.
const PAUSE: Duration = Duration::from_secs(1);

/// A socket clients connect to. Dropping it closes it and removes its file.
#[derive(Debug)]
pub struct Listener {
    path: PathBuf,
    admitted: Mutex<mpsc::Receiver<(Stream, Credentials)>>,
    accepting: JoinHandle<()>,
}

impl Listener {
    pub(super) fn new(
        path: PathBuf,
        socket: std::net::TcpListener,
        secret: Secret,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let (admit, admitted) = mpsc::channel(AT_ONCE);
        let accepting = tokio::spawn(accept(TcpListener::from_std(socket)?, secret, admit));
        Ok(Self { path, admitted: Mutex::new(admitted), accepting })
    }

    /// Waits for the next client that knew the secret.
    ///
    /// # Errors
    /// `BrokenPipe` when nobody accepts any more.
    pub async fn accept(&self) -> io::Result<(Stream, Credentials)> {
        let next = self.admitted.lock().await.recv().await;
        next.ok_or_else(|| io::ErrorKind::BrokenPipe.into())
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
        // It leads nowhere any more; one that is left behind is known as such by the next agent.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn accept(socket: TcpListener, secret: Secret, admit: mpsc::Sender<(Stream, Credentials)>) {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        // Never closed.
        let Ok(turn) = Arc::clone(&turns).acquire_owned().await else { return };
        let (stream, client) = match socket.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection now; will try again");
                sleep(PAUSE).await;
                continue;
            }
        };
        let (secret, admit) = (secret.clone(), admit.clone());
        tokio::spawn(async move {
            match timeout(PATIENCE, admitted(stream, client, &secret)).await {
                Ok(Ok(accepted)) => drop(admit.send(accepted).await),
                Ok(Err(error)) => tracing::warn!(%error, "refused a client of the Cygwin socket"),
                Err(_) => tracing::warn!("a client of the Cygwin socket did not say who it is"),
            }
            drop(turn);
        });
    }
}

/// The connection, if it is for us.
async fn admitted(
    mut stream: TcpStream,
    client: SocketAddr,
    secret: &Secret,
) -> io::Result<(Stream, Credentials)> {
    let owner = effective_uid();
    let pid = port::owner(client, stream.local_addr()?).ok();
    let uid = match pid {
        Some(pid) => peer::user(pid).map_err(io::Error::other)?,
        // The secret says enough.
        None => owner,
    };
    if uid != 0 && uid != owner {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    with_client(&mut stream, secret).await?;
    stream.set_nodelay(true)?;
    let credentials = Credentials { uid, gid: 0, pid };
    Ok((Stream::new(Way::Socket(stream), credentials), credentials))
}
