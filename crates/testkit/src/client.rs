//! A client that sends exactly the bytes it is told to.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use crate::key_file::KeyFile;
use crate::signature::Signature;
use crate::wire::{Fields, Message, number};

/// No reply takes longer, except where a test says so.
const USUAL_LIMIT: Duration = Duration::from_secs(15);

/// One connection to an agent.
#[derive(Debug)]
pub struct RawClient {
    stream: UnixStream,
}

impl RawClient {
    /// Connects.
    #[track_caller]
    pub fn connect(socket: &Path) -> Self {
        let stream = UnixStream::connect(socket)
            .unwrap_or_else(|error| panic!("cannot connect to {}: {error}", socket.display()));
        stream.set_read_timeout(Some(USUAL_LIMIT)).expect("a time limit");
        stream.set_write_timeout(Some(USUAL_LIMIT)).expect("a time limit");
        Self { stream }
    }

    /// Sends these bytes. A peer that has closed is seen by the next read, not here.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a message and reads its reply.
    #[track_caller]
    pub fn request(&mut self, message: &Message) -> Reply {
        self.send(&message.frame());
        self.reply()
            .unwrap_or_else(|| panic!("the agent closed the connection instead of replying"))
    }

    /// Reads one reply; `None` when the agent closed the connection.
    #[track_caller]
    pub fn reply(&mut self) -> Option<Reply> {
        let mut length = [0; 4];
        if !self.read_all(&mut length) {
            return None;
        }
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        assert!(self.read_all(&mut body), "the agent closed the connection within a reply");
        Some(Reply { body })
    }

    /// Asserts that the agent closed the connection without a reply.
    #[track_caller]
    pub fn is_closed(&mut self) {
        let reply = self.reply();
        assert!(reply.is_none(), "wanted a closed connection, got {reply:?}");
    }

    /// Asserts that no byte comes within this time and the connection stays.
    #[track_caller]
    pub fn is_silent_for(&mut self, time: Duration) {
        self.stream.set_read_timeout(Some(time)).expect("a time limit");
        let mut byte = [0];
        // A read with a time limit is not begun again by itself after a signal.
        let read = loop {
            match self.stream.read(&mut byte) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            other => panic!("wanted silence, got {other:?} ({byte:?})"),
        }
        self.stream.set_read_timeout(Some(USUAL_LIMIT)).expect("a time limit");
    }

    /// Says that no more requests will come.
    pub fn finish_sending(&self) {
        self.stream.shutdown(Shutdown::Write).expect("shutdown");
    }

    /// The identities this connection is shown.
    #[track_caller]
    pub fn list(&mut self) -> Vec<(Vec<u8>, String)> {
        self.request(&Message::new(number::REQUEST_IDENTITIES)).identities()
    }

    /// The comments of the identities this connection is shown.
    #[track_caller]
    pub fn comments(&mut self) -> Vec<String> {
        self.list().into_iter().map(|(_, comment)| comment).collect()
    }

    /// Asks for a signature over this data.
    #[track_caller]
    pub fn sign(&mut self, key_blob: &[u8], data: &[u8], flags: u32) -> Reply {
        let message = Message::new(number::SIGN_REQUEST).string(key_blob).string(data);
        self.request(&message.number(flags))
    }

    /// Adds this key without constraints under this comment.
    #[track_caller]
    pub fn add(&mut self, key: &KeyFile, comment: &str) -> Reply {
        self.request(&key.add_message(number::ADD_IDENTITY, comment))
    }

    /// False when the stream ended before the first byte.
    #[track_caller]
    fn read_all(&mut self, into: &mut [u8]) -> bool {
        match self.stream.read_exact(into) {
            Ok(()) => true,
            Err(error) if closed(error.kind()) => false,
            Err(error) => panic!("no reply within {USUAL_LIMIT:?}: {error}"),
        }
    }
}

fn closed(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

/// The body of one reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    body: Vec<u8>,
}

impl Reply {
    /// The message number.
    #[track_caller]
    pub fn kind(&self) -> u8 {
        *self.body.first().expect("a reply has a type")
    }

    /// Everything behind the message number.
    pub fn fields(&self) -> Fields<'_> {
        Fields::of(self.body.get(1..).unwrap_or_default())
    }

    /// The whole body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Asserts the one-byte success.
    #[track_caller]
    pub fn succeeds(&self) {
        assert_eq!(self.body, [number::SUCCESS], "wanted SUCCESS");
    }

    /// Asserts the one-byte failure.
    #[track_caller]
    pub fn fails(&self) {
        assert_eq!(self.body, [number::FAILURE], "wanted FAILURE");
    }

    /// Asserts the one-byte failure of an extension.
    #[track_caller]
    pub fn fails_as_extension(&self) {
        assert_eq!(self.body, [number::EXTENSION_FAILURE], "wanted EXTENSION_FAILURE");
    }

    /// The identities of a list, to the last byte.
    #[track_caller]
    pub fn identities(&self) -> Vec<(Vec<u8>, String)> {
        assert_eq!(self.kind(), number::IDENTITIES_ANSWER, "wanted a list, got {:?}", self.body);
        let mut fields = self.fields();
        let list = (0..fields.number())
            .map(|_| {
                let blob = fields.string().to_vec();
                (blob, String::from_utf8_lossy(fields.string()).into_owned())
            })
            .collect();
        fields.end();
        list
    }

    /// The signature of a sign response, to the last byte.
    #[track_caller]
    pub fn signature(&self) -> Signature {
        assert_eq!(self.kind(), number::SIGN_RESPONSE, "wanted a signature, got {:?}", self.body);
        let mut fields = self.fields();
        let signature = Signature::parse(fields.string());
        fields.end();
        signature
    }
}
