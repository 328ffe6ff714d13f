//! Calls an agent: one request, one reply, blocking.
//!
//! Blocking, because a command-line client has nothing else to do, and without a runtime, because
//! it should start at once. It does not know what it carries, and it never has two requests under
//! way: an agent may stop reading while we do not read its replies.

#[cfg_attr(unix, path = "client/socket.rs")]
#[cfg_attr(windows, path = "client/pipe.rs")]
mod channel;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use keyfob_sys::os_handle::{AsOpen, Borrowed};
use zeroize::Zeroizing;

use crate::limits::{READ_CHUNK, REPLY_MAX};
use channel::Channel;

/// Why there is no reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no socket at the path.
    #[error("no agent at {}: there is no such file", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// There is a socket, but nobody listens.
    #[error("no agent at {}: nobody listens there any more", path.display())]
    Refused {
        /// The path.
        path: PathBuf,
    },
    /// The socket, or a folder above it, is closed to us.
    #[error("no permission to connect to {}", path.display())]
    Permission {
        /// The path.
        path: PathBuf,
    },
    /// Another reason not to be connected.
    #[error("cannot connect to {}", path.display())]
    Connect {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The agent ended the connection before its reply was complete. So it does with other users,
    /// and with requests that are too long.
    #[error("the agent ended the connection without a complete reply")]
    Closed,
    /// The reply is longer than a client accepts.
    #[error("the agent announced a reply of {announced} bytes, but at most {limit} are accepted")]
    TooLong {
        /// Bytes announced.
        announced: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// The time allowed for a request is over.
    #[error("no reply within {} s", allowed.as_secs_f32())]
    TimedOut {
        /// The time allowed.
        allowed: Duration,
    },
    /// Reading or writing failed.
    #[error("cannot talk to the agent")]
    Io(#[source] io::Error),
}

/// A connection to an agent.
#[derive(Debug)]
pub struct Client {
    channel: Channel,
    timeout: Option<Duration>,
    reply_max: usize,
    // After a failure the next bytes may be half a reply: the connection is of no more use.
    broken: bool,
}

impl Client {
    /// Connects. Waits without limit if the agent is too busy to take the connection.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Refused`], [`Error::Permission`] or [`Error::Connect`].
    pub fn connect(path: &Path) -> Result<Self, Error> {
        Self::connect_within(path, None)
    }

    /// Connects, and bounds the connection and each request by `timeout`. By default nothing is
    /// bounded: behind a request there may be a person who looks for a security key.
    ///
    /// # Errors
    /// As [`Client::connect`], and [`Error::TimedOut`].
    pub fn connect_within(path: &Path, timeout: Option<Duration>) -> Result<Self, Error> {
        let channel = Channel::connect(path, timeout)
            .map_err(|source| connect_error(path, source, timeout))?;
        Ok(Self { channel, timeout, reply_max: REPLY_MAX, broken: false })
    }

    /// Accepts replies up to this many bytes instead of [`REPLY_MAX`].
    #[must_use]
    pub fn with_reply_max(mut self, bytes: usize) -> Self {
        self.reply_max = bytes;
        self
    }

    /// Sends one frame (length and body, as `protocol` encodes it) and waits for the reply.
    /// Returns the reply's body, without its length.
    ///
    /// # Errors
    /// [`Error`]. After any error the connection is of no more use: later requests fail with
    /// [`Error::Closed`].
    pub fn request(&mut self, frame: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        if std::mem::replace(&mut self.broken, true) {
            return Err(Error::Closed);
        }
        let deadline = self.timeout.map(|allowed| Instant::now() + allowed);
        let complete = match self.send_all(frame, deadline) {
            Ok(()) => true,
            // An agent that refuses a request may answer and close before it has read it all.
            Err(Error::Closed) => false,
            Err(error) => return Err(error),
        };
        let reply = self.receive(deadline)?;
        self.broken = !complete;
        Ok(reply)
    }

    /// The same for somebody else: the reply comes back as a whole frame, to be passed on.
    ///
    /// # Errors
    /// As [`Client::request`].
    pub fn relay(&mut self, frame: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let body = self.request(frame)?;
        // Bounded by the limit of a reply.
        let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
        let mut reply = Zeroizing::new(Vec::with_capacity(4 + body.len()));
        reply.extend_from_slice(&length.to_be_bytes());
        reply.extend_from_slice(&body);
        Ok(reply)
    }

    fn send_all(&self, mut frame: &[u8], deadline: Option<Instant>) -> Result<(), Error> {
        while !frame.is_empty() {
            let sent = self.channel.send(frame, deadline).map_err(|error| self.failure(error))?;
            frame = frame.get(sent..).unwrap_or_default();
        }
        Ok(())
    }

    fn receive(&self, deadline: Option<Instant>) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut header = [0; 4];
        self.receive_exactly(&mut header, deadline)?;
        let announced = u32::from_be_bytes(header) as usize;
        if announced > self.reply_max {
            return Err(Error::TooLong { announced, limit: self.reply_max });
        }
        let mut body = Zeroizing::new(Vec::new());
        while body.len() < announced {
            let begun = body.len();
            let wanted = (announced - begun).min(READ_CHUNK.max(begun));
            grow(&mut body, wanted);
            if let Some(room) = body.get_mut(begun..) {
                self.receive_exactly(room, deadline)?;
            }
        }
        Ok(body)
    }

    fn receive_exactly(&self, mut room: &mut [u8], deadline: Option<Instant>) -> Result<(), Error> {
        while !room.is_empty() {
            let read = self.channel.receive(room, deadline).map_err(|error| self.failure(error))?;
            if read == 0 {
                return Err(Error::Closed);
            }
            room = room.get_mut(read..).unwrap_or_default();
        }
        Ok(())
    }

    fn failure(&self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Error::Closed,
            io::ErrorKind::WouldBlock => {
                Error::TimedOut { allowed: self.timeout.unwrap_or_default() }
            }
            _ => Error::Io(error),
        }
    }
}

/// The sending half of a connection: requests go out while replies to others are waited for.
///
/// For short requests, whose replies are read by somebody all the time: an agent may stop reading
/// while we do not read its replies.
#[derive(Debug)]
pub struct Sender(Arc<Client>);

/// The receiving half: replies in the order of their requests.
#[derive(Debug)]
pub struct Receiver(Arc<Client>);

impl Client {
    /// Takes the two directions apart. The time allowed for a request is then none of theirs.
    #[must_use]
    pub fn split(self) -> (Sender, Receiver) {
        let client = Arc::new(self);
        (Sender(Arc::clone(&client)), Receiver(client))
    }
}

impl Sender {
    /// Sends one frame.
    ///
    /// # Errors
    /// [`Error`]; nothing sent later means anything then.
    pub fn send(&self, frame: &[u8]) -> Result<(), Error> {
        self.0.send_all(frame, None)
    }
}

impl Receiver {
    /// Waits for the next reply, and returns its body.
    ///
    /// # Errors
    /// [`Error`]; no other reply comes then.
    pub fn receive(&mut self) -> Result<Zeroizing<Vec<u8>>, Error> {
        self.0.receive(None)
    }
}

#[cfg(unix)]
impl AsOpen for Client {
    fn as_fd(&self) -> Borrowed<'_> {
        self.channel.as_fd()
    }
}

#[cfg(windows)]
impl AsOpen for Client {
    fn as_handle(&self) -> Borrowed<'_> {
        self.channel.as_handle()
    }
}

fn connect_error(path: &Path, source: io::Error, timeout: Option<Duration>) -> Error {
    let path = path.to_owned();
    match (source.kind(), timeout) {
        (io::ErrorKind::NotFound, _) => Error::NotFound { path },
        (io::ErrorKind::ConnectionRefused, _) => Error::Refused { path },
        (io::ErrorKind::PermissionDenied, _) => Error::Permission { path },
        (io::ErrorKind::WouldBlock, Some(allowed)) => Error::TimedOut { allowed },
        _ => Error::Connect { path, source },
    }
}

/// Makes room for `more` bytes that are about to arrive, and wipes the old place: growing a
/// vector in the usual way leaves a copy behind.
fn grow(body: &mut Zeroizing<Vec<u8>>, more: usize) {
    let mut larger = Zeroizing::new(Vec::with_capacity(body.len() + more));
    larger.extend_from_slice(body);
    larger.resize(body.len() + more, 0);
    *body = larger;
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::io::{Read, Write};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::thread::JoinHandle;

    use super::*;

    struct Agent {
        path: PathBuf,
        thread: Option<JoinHandle<()>>,
        _folder: tempfile::TempDir,
    }

    /// One connection, served by `serve`.
    fn agent(serve: impl FnOnce(UnixStream) + Send + 'static) -> Agent {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let listener = UnixListener::bind(&path).unwrap();
        let thread = std::thread::spawn(move || serve(listener.accept().unwrap().0));
        Agent { path, thread: Some(thread), _folder: folder }
    }

    impl Agent {
        fn ended(&mut self) {
            self.thread.take().unwrap().join().unwrap();
        }
    }

    fn frame(body: &[u8]) -> Vec<u8> {
        [&u32::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
    }

    fn read_frame(stream: &mut UnixStream) -> Vec<u8> {
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut body).unwrap();
        body
    }

    #[test]
    fn carries_requests_and_replies_one_after_another() {
        let mut agent = agent(|mut stream| {
            for _ in 0..3 {
                let asked = read_frame(&mut stream);
                stream.write_all(&frame(&[&asked[..], b"!"].concat())).unwrap();
            }
        });
        let mut client = Client::connect(&agent.path).unwrap();
        for asked in [&b"one"[..], b"", b"three"] {
            let replied = client.request(&frame(asked)).unwrap();
            assert_eq!(*replied, [asked, b"!"].concat());
        }
        agent.ended();
    }

    #[test]
    fn halves_carry_a_request_while_another_waits_for_its_reply() {
        let mut agent = agent(|mut stream| {
            let (first, second) = (read_frame(&mut stream), read_frame(&mut stream));
            stream.write_all(&[frame(&first), frame(&second)].concat()).unwrap();
        });
        let (sender, mut receiver) = Client::connect(&agent.path).unwrap().split();
        sender.send(&frame(b"one")).unwrap();
        sender.send(&frame(b"two")).unwrap();
        assert_eq!(**receiver.receive().unwrap(), *b"one");
        assert_eq!(**receiver.receive().unwrap(), *b"two");
        assert!(matches!(receiver.receive(), Err(Error::Closed)));
        agent.ended();
    }

    #[test]
    fn p7_a_reply_that_arrives_byte_by_byte_is_put_together() {
        let body: Vec<u8> = (0..=255).collect();
        let sent = frame(&body);
        let agent = agent(move |mut stream| {
            read_frame(&mut stream);
            for byte in sent {
                stream.write_all(&[byte]).unwrap();
            }
        });
        let mut client = Client::connect(&agent.path).unwrap();
        assert_eq!(*client.request(&frame(b"?")).unwrap(), body);
    }

    #[test]
    fn p7_the_longest_reply_is_read_whole_and_the_longest_request_sent_whole() {
        let body: Vec<u8> = (0..REPLY_MAX).map(|i| (i % 251) as u8).collect();
        let expected = body.clone();
        let agent = agent(move |mut stream| {
            let asked = read_frame(&mut stream);
            stream.write_all(&frame(&asked)).unwrap();
        });
        let mut client = Client::connect(&agent.path).unwrap();
        assert_eq!(*client.request(&frame(&body)).unwrap(), expected);
    }

    /// Nothing is made ready for bytes that were only announced.
    #[test]
    fn p6_a_reply_one_byte_too_long_is_refused_before_it_is_read() {
        let agent = agent(|mut stream| {
            read_frame(&mut stream);
            stream.write_all(&(REPLY_MAX as u32 + 1).to_be_bytes()).unwrap();
            let _ = stream.read(&mut [0]);
        });
        let mut client = Client::connect(&agent.path).unwrap();
        let refused = client.request(&frame(b"?")).unwrap_err();
        assert!(
            matches!(refused, Error::TooLong { announced, limit: REPLY_MAX } if announced == REPLY_MAX + 1)
        );
        assert!(matches!(client.request(&frame(b"?")), Err(Error::Closed)));
    }

    #[test]
    fn a_connection_that_ends_within_a_reply_is_said_to_have_ended() {
        for sent in [&b""[..], b"\0\0", b"\0\0\0\x05abc"] {
            let agent = agent(move |mut stream| {
                read_frame(&mut stream);
                stream.write_all(sent).unwrap();
            });
            let mut client = Client::connect(&agent.path).unwrap();
            assert!(matches!(client.request(&frame(b"?")), Err(Error::Closed)));
        }
    }

    /// Lost without it: a reply that says why a request was refused, or the whole program by
    /// SIGPIPE.
    #[test]
    fn a_reply_that_was_sent_before_the_agent_hung_up_is_still_read() {
        let agent = agent(|mut stream| {
            stream.write_all(&frame(b"\x05")).unwrap();
            stream.shutdown(std::net::Shutdown::Both).unwrap();
        });
        let mut client = Client::connect(&agent.path).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(*client.request(&frame(&[0; 200_000])).unwrap(), b"\x05");
        assert!(matches!(client.request(&frame(b"?")), Err(Error::Closed)));
    }

    #[test]
    fn a_silent_agent_is_given_up_on_only_when_a_limit_was_set() {
        let agent = agent(|mut stream| {
            read_frame(&mut stream);
            // Half a reply, so that the limit covers the whole and not each read.
            stream.write_all(b"\0\0").unwrap();
            let _ = stream.read(&mut [0]);
        });
        let allowed = Duration::from_millis(120);
        let mut client = Client::connect_within(&agent.path, Some(allowed)).unwrap();
        let begun = Instant::now();
        assert!(matches!(client.request(&frame(b"?")), Err(Error::TimedOut { .. })));
        let took = begun.elapsed();
        assert!(took >= allowed && took < Duration::from_secs(5), "{took:?}");
    }

    #[test]
    fn an_agent_that_does_not_read_is_given_up_on_as_well() {
        let (end, wait) = std::sync::mpsc::channel::<()>();
        let agent = agent(move |_stream| {
            let _ = wait.recv();
        });
        let mut client =
            Client::connect_within(&agent.path, Some(Duration::from_millis(100))).unwrap();
        let refused = client.request(&vec![0; 4 << 20]).unwrap_err();
        assert!(matches!(refused, Error::TimedOut { .. }));
        drop(end);
    }

    #[test]
    fn says_why_there_is_no_connection() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        assert!(matches!(Client::connect(&path), Err(Error::NotFound { .. })));
        drop(UnixListener::bind(&path).unwrap());
        assert!(matches!(Client::connect(&path), Err(Error::Refused { .. })));
        let long = folder.path().join("x".repeat(200));
        assert!(matches!(Client::connect(&long), Err(Error::Connect { .. })));
        assert!(matches!(Client::connect(Path::new("")), Err(Error::Connect { .. })));
    }
}
