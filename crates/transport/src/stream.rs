//! One accepted connection: bytes in, bytes out, and who is at the other end.
//!
//! It knows nothing of frames or time-outs.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use interprocess::local_socket::tokio as local;
use keyfob_sys::peer::Credentials;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::task::coop::poll_proceed;

/// A connection whose peer may use this agent.
#[derive(Debug)]
pub struct Stream(Connection);

/// The side of a connection that reads. The connection closes when both halves are gone.
#[derive(Debug)]
pub struct ReadHalf(Arc<Connection>);

/// The side of a connection that writes. The connection closes when both halves are gone.
#[derive(Debug)]
pub struct WriteHalf(Arc<Connection>);

impl Stream {
    pub(crate) fn new(
        socket: local::Stream,
        credentials: Credentials,
        released: Arc<Notify>,
    ) -> Self {
        Self(Connection { socket, credentials, _released: Released(released) })
    }

    /// What the kernel noted about the peer when it connected.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.0.credentials
    }

    /// A descriptor of the client's process, where the kernel gives one.
    #[must_use]
    pub fn process(&self) -> Option<OwnedFd> {
        keyfob_sys::peer::process_handle(self)
    }

    /// Takes it apart, so that one task can read while another writes.
    #[must_use]
    pub fn split(self) -> (ReadHalf, WriteHalf) {
        let connection = Arc::new(self.0);
        (ReadHalf(Arc::clone(&connection)), WriteHalf(connection))
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsFd for ReadHalf {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsFd for WriteHalf {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read(cx, buffer)
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // a socket holds nothing back
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end_writing())
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // a socket holds nothing back
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end_writing())
    }
}

#[derive(Debug)]
struct Connection {
    socket: local::Stream,
    credentials: Credentials,
    // After the socket: says that a descriptor is free, so the descriptor must be closed first.
    _released: Released,
}

impl Connection {
    // Shared reading and writing go round the runtime's accounting as long as there is something
    // to do, so it is done here: a peer that floods us must not keep others from their turn.
    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let turn = ready!(poll_proceed(cx));
        let done = ready!(Pin::new(&mut &self.socket).poll_read(cx, buffer));
        turn.made_progress();
        Poll::Ready(done)
    }

    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let turn = ready!(poll_proceed(cx));
        let done = ready!(Pin::new(&mut &self.socket).poll_write(cx, bytes));
        turn.made_progress();
        Poll::Ready(done)
    }

    /// The peer reads what was sent and then the end. (`interprocess` does nothing here.)
    fn end_writing(&self) -> io::Result<()> {
        match rustix::net::shutdown(self, rustix::net::Shutdown::Write) {
            // The peer was faster.
            Ok(()) | Err(rustix::io::Errno::NOTCONN) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            local::Stream::UdSocket(socket) => socket.as_fd(),
        }
    }
}

/// Tells a listener that ran out of descriptors that one is free again.
#[derive(Debug)]
struct Released(Arc<Notify>);

impl Drop for Released {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream as Peer;
    use std::time::Duration;

    use interprocess::os::unix::uds_local_socket::tokio::Stream as SocketStream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::timeout;

    use super::*;

    fn pair() -> (Stream, Peer, Arc<Notify>) {
        let (ours, theirs) = Peer::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let credentials = keyfob_sys::peer::credentials(&ours).unwrap();
        let ours = tokio::net::UnixStream::from_std(ours).unwrap();
        let released = Arc::new(Notify::new());
        let socket = local::Stream::from(SocketStream::from(ours));
        (Stream::new(socket, credentials, Arc::clone(&released)), theirs, released)
    }

    #[tokio::test]
    async fn carries_bytes_both_ways_and_knows_its_peer() {
        let (mut stream, mut peer, _) = pair();
        assert_eq!(stream.credentials().pid, Some(std::process::id()));
        peer.write_all(b"ask").unwrap();
        let mut asked = [0; 3];
        stream.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"ask");
        stream.write_all(b"answer").await.unwrap();
        let mut answered = [0; 6];
        peer.read_exact(&mut answered).unwrap();
        assert_eq!(&answered, b"answer");
    }

    /// Lost without it: a prompt stays on the screen although the client is gone.
    #[tokio::test]
    async fn u4_one_half_sees_the_peer_leave_while_the_other_writes() {
        let (stream, mut peer, _) = pair();
        let (mut reading, mut writing) = stream.split();
        let waiting = tokio::spawn(async move { reading.read(&mut [0; 8]).await.unwrap() });
        writing.write_all(b"still here").await.unwrap();
        peer.read_exact(&mut [0; 10]).unwrap();
        assert!(!waiting.is_finished());
        drop(peer);
        assert_eq!(timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap(), 0);
        let broken = writing.write_all(b"x").await.unwrap_err();
        assert_eq!(broken.kind(), io::ErrorKind::BrokenPipe);
    }

    #[tokio::test]
    async fn a_connection_closes_and_frees_its_descriptor_with_the_second_half() {
        let (stream, mut peer, released) = pair();
        peer.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let (reading, writing) = stream.split();
        drop(reading);
        assert_eq!(peer.read(&mut [0]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(writing);
        assert_eq!(peer.read(&mut [0]).unwrap(), 0);
        timeout(Duration::from_secs(5), released.notified()).await.unwrap();
    }

    #[tokio::test]
    async fn shutting_down_shows_the_peer_the_end_but_still_reads() {
        let (mut stream, mut peer, _) = pair();
        stream.write_all(b"last").await.unwrap();
        stream.shutdown().await.unwrap();
        let mut all = Vec::new();
        peer.read_to_end(&mut all).unwrap();
        assert_eq!(all, b"last");
        peer.write_all(b"more").unwrap();
        stream.read_exact(&mut [0; 4]).await.unwrap();
        drop(peer);
        stream.shutdown().await.unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_flooding_peer_leaves_others_their_turn() {
        let (mut stream, mut peer, _) = pair();
        peer.write_all(&[7; 64 * 1024]).unwrap();
        stream.read_exact(&mut [0]).await.unwrap(); // had to wait for the first byte
        let others_turn = tokio::spawn(async {});
        let mut reads = 0;
        while !others_turn.is_finished() {
            stream.read_exact(&mut [0]).await.unwrap();
            reads += 1;
            assert!(reads < 10_000, "reading never yields");
        }
    }
}
