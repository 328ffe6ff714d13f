//! One accepted connection, of a pipe or of a socket: bytes in, bytes out, and who is at the other end.
//!
//! A pipe has one end only: it cannot be closed for writing and read on.

use std::io;
use std::os::windows::io::OwnedHandle;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use keyfob_sys::peer::Credentials;
use keyfob_sys::process;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::windows::named_pipe::NamedPipeServer;

/// A connection whose peer may use this agent.
#[derive(Debug)]
pub struct Stream(Connection);

/// The side of a connection that reads. The connection closes when both halves are gone.
#[derive(Debug)]
pub struct ReadHalf(Arc<Connection>);

/// The side of a connection that writes. The connection closes when both halves are gone.
#[derive(Debug)]
pub struct WriteHalf(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    way: Way,
    credentials: Credentials,
}

/// By which its bytes come and go.
#[derive(Debug)]
pub(crate) enum Way {
    Pipe(NamedPipeServer),
    Socket(TcpStream),
}

impl Stream {
    pub(crate) fn new(way: Way, credentials: Credentials) -> Self {
        Self(Connection { way, credentials })
    }

    /// Who the system says connected.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.0.credentials
    }

    /// A handle of the client's process, by its number.
    #[must_use]
    pub fn process(&self) -> Option<OwnedHandle> {
        process::watch(self.0.credentials.pid?).ok()
    }

    /// Takes it apart, so that one task can read while another writes.
    #[must_use]
    pub fn split(self) -> (ReadHalf, WriteHalf) {
        let connection = Arc::new(self.0);
        (ReadHalf(Arc::clone(&connection)), WriteHalf(connection))
    }
}

impl Connection {
    fn poll_read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        loop {
            ready!(self.way.poll_read_ready(cx))?;
            match self.way.try_read(buffer.initialize_unfilled()) {
                Ok(count) => {
                    buffer.advance(count);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The client has closed its end, which elsewhere is the end of what there is to read.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    return Poll::Ready(Ok(()));
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        loop {
            ready!(self.way.poll_write_ready(cx))?;
            match self.way.try_write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                done => return Poll::Ready(done),
            }
        }
    }
}

impl Way {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Pipe(pipe) => pipe.poll_read_ready(cx),
            Self::Socket(socket) => socket.poll_read_ready(cx),
        }
    }

    fn try_read(&self, room: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(pipe) => pipe.try_read(room),
            Self::Socket(socket) => socket.try_read(room),
        }
    }

    fn poll_write_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Pipe(pipe) => pipe.poll_write_ready(cx),
            Self::Socket(socket) => socket.poll_write_ready(cx),
        }
    }

    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Pipe(pipe) => pipe.try_write(bytes),
            Self::Socket(socket) => socket.try_write(bytes),
        }
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
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
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
        Poll::Ready(Ok(())) // closing leaves to the client what it has not read yet
    }

    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
