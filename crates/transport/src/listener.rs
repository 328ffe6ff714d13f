//! Accepts connections: from this user and root only, and for as long as the agent lives.
//!
//! No failed `accept` ends it unless the descriptor itself is unusable: descriptors and memory
//! come back (bz2576), and a connection that broke while it waited is its peer's affair (bz2837).

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use interprocess::local_socket::tokio as local;
use interprocess::local_socket::tokio::prelude::*;
use interprocess::os::unix::uds_local_socket::{
    Listener as SocketListener, tokio::Listener as AsyncSocketListener,
};
use keyfob_sys::activation::check_socket;
use keyfob_sys::peer::{Credentials, credentials};
use rustix::io::Errno;
use rustix::process::geteuid;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::sleep_until;

use crate::backoff::Backoff;
use crate::limits::LOG_EVERY;
use crate::removals::Removals;
use crate::socket_file::SocketFile;
use crate::sparing::Sparing;
use crate::stream::Stream;
use crate::unix::{BindError, restore};

/// A socket clients connect to. One agent may serve several.
///
/// Dropping it closes the socket and removes its file, if we made it and it is still ours.
#[derive(Debug)]
pub struct Listener {
    // First: the file must go while the socket is still open (see `socket_file`).
    file: Option<SocketFile>,
    socket: local::Listener,
    owner: u32,
    backoff: Backoff,
    released: Arc<Notify>,
    refused: AtomicU64,
    refusals: Sparing,
    failures: Sparing,
}

impl Listener {
    /// Takes over a listening socket that the service manager made. Its file stays the service
    /// manager's. Call it inside the runtime.
    ///
    /// # Errors
    /// [`BindError::Inherited`] when it is anything but a listening Unix stream socket.
    pub fn from_owned_fd(fd: OwnedFd) -> Result<Self, BindError> {
        check_socket(fd.as_fd())
            .map_err(|is| io::Error::new(io::ErrorKind::InvalidInput, is))
            .and_then(|()| Self::from_parts(SocketListener::from(fd), None))
            .map_err(|source| BindError::Inherited { source })
    }

    pub(crate) fn from_parts(socket: SocketListener, file: Option<SocketFile>) -> io::Result<Self> {
        // What follows panics without a runtime.
        Handle::try_current().map_err(io::Error::other)?;
        Ok(Self {
            file,
            socket: AsyncSocketListener::try_from(socket)?.into(),
            owner: geteuid().as_raw(),
            backoff: Backoff::default(),
            released: Arc::new(Notify::new()),
            refused: AtomicU64::new(0),
            refusals: Sparing::new(LOG_EVERY),
            failures: Sparing::new(LOG_EVERY),
        })
    }

    /// Waits for the next connection of this user or of root. A process of anybody else is
    /// disconnected without a word, counted and logged. May be dropped at any time; no connection
    /// is lost by it.
    ///
    /// # Errors
    /// Only when the listening descriptor itself is unusable and always will be.
    pub async fn accept(&self) -> io::Result<(Stream, Credentials)> {
        loop {
            self.wait_out_pause().await;
            match self.socket.accept().await {
                Ok(socket) => {
                    self.backoff.reset();
                    if let Some(stream) = self.admit(socket) {
                        let credentials = stream.credentials();
                        return Ok((stream, credentials));
                    }
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => self.note_failure(&error),
            }
        }
    }

    /// The path of the socket; `None` for one the service manager made.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(SocketFile::path)
    }

    /// `false` when the socket's file was removed or replaced: clients no longer find us. Always
    /// `true` for a socket the service manager made, whose file is not ours to watch.
    #[must_use]
    pub fn still_ours(&self) -> bool {
        self.file.as_ref().is_none_or(SocketFile::still_ours)
    }

    /// Returns when nothing has the path of the socket any more, so that no client finds us; never
    /// for a socket the service manager made. Call it inside the runtime.
    pub async fn lost(&self) {
        if let Some(file) = &self.file {
            let unseen = until_gone(file).await;
            let Err(error) = unseen else { return };
            let path = file.path().display();
            tracing::warn!(%path, %error, "it will not be noticed if the socket's file is removed");
        }
        std::future::pending::<()>().await;
    }

    /// A new socket at the path of this one, which is [lost](Self::lost). Whatever has the path by
    /// now stays there. Drop the old one then.
    ///
    /// # Errors
    /// [`BindError`]; of a socket of the service manager always.
    pub async fn restored(&self) -> Result<Self, BindError> {
        let listen = |source| BindError::Listen { source };
        let file = self.file.as_ref().ok_or_else(|| listen(Errno::INVAL.into()))?;
        let path = file.path().to_owned();
        // Another program may hold the folder's lock for a while.
        let making = tokio::task::spawn_blocking(move || restore(&path));
        let bound = making.await.map_err(|error| listen(io::Error::other(error)))??;
        let successor = bound.listen()?;
        Ok(if file.has_its_folder() { successor.with_its_folder() } else { successor })
    }

    /// The folder was made for this socket and is removed with it, if it is empty then.
    #[must_use]
    pub fn with_its_folder(mut self) -> Self {
        if let Some(file) = &mut self.file {
            file.remove_folder_too();
        }
        self
    }

    /// How many connections of other users were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    async fn wait_out_pause(&self) {
        let Some(until) = self.backoff.until() else {
            return;
        };
        tokio::select! {
            () = sleep_until(until) => {}
            // One of ours closed: its descriptor may be all we need.
            () = self.released.notified() => {}
        }
        self.backoff.end_pause();
    }

    /// Decides by the kernel's word: effective user 0 or our own, as OpenSSH does.
    fn admit(&self, socket: local::Stream) -> Option<Stream> {
        let peer = match credentials(descriptor(&socket)) {
            Ok(peer) => peer,
            Err(error) => {
                self.note_failure_of_peer(&error);
                return None;
            }
        };
        if peer.uid != 0 && peer.uid != self.owner {
            self.refused.fetch_add(1, Ordering::Relaxed);
            if let Some(held_back) = self.refusals.due() {
                let (uid, pid) = (peer.uid, peer.pid);
                tracing::warn!(uid, ?pid, held_back, "refused a process of another user");
            }
            return None;
        }
        Some(Stream::new(socket, peer, Arc::clone(&self.released)))
    }

    fn note_failure_of_peer(&self, error: &keyfob_sys::Error) {
        if let Some(held_back) = self.failures.due() {
            tracing::warn!(%error, held_back, "cannot tell who connected; disconnected");
        }
    }

    fn note_failure(&self, error: &io::Error) {
        self.backoff.lengthen();
        if let Some(held_back) = self.failures.due() {
            tracing::warn!(%error, held_back, "cannot accept a connection now; will try again");
        }
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            local::Listener::UdSocket(socket) => socket.as_fd(),
        }
    }
}

/// Looks first and then waits, so that nothing is missed in between.
async fn until_gone(file: &SocketFile) -> io::Result<()> {
    let folder = file.path().parent().unwrap_or(Path::new("/"));
    let removals = Removals::from(folder);
    while !file.is_gone() {
        match &removals {
            Ok(removals) => removals.next().await?,
            Err(error) => return Err(error.kind().into()),
        }
    }
    Ok(())
}

fn descriptor(socket: &local::Stream) -> BorrowedFd<'_> {
    match socket {
        local::Stream::UdSocket(socket) => socket.as_fd(),
    }
}

/// The descriptor is no listening socket and never will be. Everything else may pass: a failed
/// `accept` that ends an agent takes all keys with it, one repeated each second takes nothing.
fn is_final(error: &io::Error) -> bool {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    matches!(errno, Some(Errno::BADF | Errno::NOTSOCK | Errno::INVAL | Errno::OPNOTSUPP))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;
    use crate::unix::bind;

    const SOON: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn accepts_this_user_and_says_who_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = bind(&path).unwrap();
        assert_eq!(listener.path(), Some(path.as_path()));
        let _client = UnixStream::connect(&path).unwrap();
        let (_, peer) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
        assert_eq!((peer.uid, peer.pid), (geteuid().as_raw(), Some(std::process::id())));
        assert_eq!(listener.refused(), 0);
    }

    #[tokio::test]
    async fn an_accept_that_is_dropped_loses_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = bind(&path).unwrap();
        for _ in 0..50 {
            let _ = timeout(Duration::from_micros(50), listener.accept()).await;
        }
        let mut client = tokio::net::UnixStream::connect(&path).await.unwrap();
        client.write_all(b"x").await.unwrap();
        let (mut stream, _) = timeout(SOON, listener.accept()).await.unwrap().unwrap();
        assert_eq!(stream.read_u8().await.unwrap(), b'x');
    }

    #[tokio::test]
    async fn takes_over_the_service_managers_socket_and_leaves_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let inherited = OwnedFd::from(UnixListener::bind(&path).unwrap());
        let listener = Listener::from_owned_fd(inherited).unwrap();
        assert!(listener.path().is_none() && listener.still_ours());
        let _client = UnixStream::connect(&path).unwrap();
        timeout(SOON, listener.accept()).await.unwrap().unwrap();
        drop(listener);
        assert!(path.exists());
    }

    #[tokio::test]
    async fn an_inherited_descriptor_of_another_kind_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (one, _other) = UnixStream::pair().unwrap();
        let wrong: [OwnedFd; 3] = [
            std::fs::File::open("/dev/null").unwrap().into(),
            UnixDatagram::bind(folder.path().join("d")).unwrap().into(),
            one.into(),
        ];
        for fd in wrong {
            assert!(matches!(Listener::from_owned_fd(fd), Err(BindError::Inherited { .. })));
        }
    }

    #[tokio::test]
    async fn notices_that_its_file_was_removed_or_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = bind(&path).unwrap();
        assert!(listener.still_ours());
        std::fs::remove_file(&path).unwrap();
        assert!(!listener.still_ours());
        let successor = bind(&path).unwrap();
        assert!(!listener.still_ours());
        drop(listener);
        assert!(
            successor.still_ours(),
            "the first one's end must not remove the second one's file"
        );
    }

    #[tokio::test]
    async fn a_removed_file_and_a_removed_folder_are_noticed_and_made_anew() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("run");
        let path = folder.join("s");
        let mut listener = bind(&path).unwrap().with_its_folder();
        for with_folder in [false, true] {
            std::fs::write(folder.join("other"), b"").unwrap();
            std::fs::remove_file(folder.join("other")).unwrap();
            let waited = timeout(Duration::from_millis(50), listener.lost()).await;
            assert!(waited.is_err(), "another file is no matter");
            let lost = async {
                tokio::task::yield_now().await;
                std::fs::remove_file(&path).unwrap();
                if with_folder {
                    std::fs::remove_dir(&folder).unwrap();
                }
            };
            timeout(SOON, async { tokio::join!(listener.lost(), lost) }).await.unwrap();
            listener = listener.restored().await.unwrap();
            assert!(listener.still_ours());
            let _client = UnixStream::connect(&path).unwrap();
            timeout(SOON, listener.accept()).await.unwrap().unwrap();
        }
        drop(listener);
        assert!(!folder.exists(), "it is still the one that was made for the socket");
    }

    #[test]
    fn bz2837_what_may_pass_does_not_end_the_listener() {
        for passing in [
            Errno::MFILE,
            Errno::NFILE,
            Errno::NOBUFS,
            Errno::NOMEM,
            Errno::CONNABORTED,
            Errno::INTR,
            Errno::AGAIN,
            Errno::PERM,
            Errno::PROTO,
            Errno::NOSPC,
        ] {
            assert!(!is_final(&passing.into()), "{passing:?}");
        }
        assert!(!is_final(&io::Error::other("unheard of")));
        assert!(is_final(&Errno::BADF.into()));
    }
}
