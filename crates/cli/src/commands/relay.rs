//! Hands requests from standard input to the agent and its answers to standard output, for programs
//! that cannot reach it themselves: those in WSL, where Windows' pipes are no files, or in a container.
//!
//! One connection to the agent for one of the client's: what a client proves of its session
//! (`session-bind@openssh.com`) stays true. One request at a time, as agents answer them.

use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal as _, Read};

use keyfob_config::env::Environment;
use keyfob_protocol::limits::MAX_FRAME;
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::lent::lent;
use crate::voice::Voice;
use crate::{files, finding, output};

/// The command.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Relay;

impl Relay {
    /// Relays until the client has closed its side.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        if io::stdin().is_terminal() {
            output::fact("relay passes on what programs say to an agent; there is nothing to type");
            output::hint(
                "socat UNIX-LISTEN:agent.sock,mode=600,fork EXEC:'keyfob relay'   makes a socket of it",
            );
            return Exit::Failure;
        }
        let mut connection = match finding::connect(environment, Voice::Keyfob) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        // Past the buffer of the standard library, which would keep a copy of a key that is added.
        let input = lent(&io::stdin()).try_clone_to_owned().map(File::from);
        let relayed = input.map_err(Broken::Client).and_then(|mut input| {
            while let Some(request) = frame(&mut input).map_err(Broken::Client)? {
                let reply = connection.relay(&request).map_err(Broken::Agent)?;
                output::unbuffered(&reply).map_err(Broken::Client)?;
            }
            Ok(())
        });
        match relayed {
            Ok(()) => Exit::Success,
            // It has gone, which is how clients end.
            Err(Broken::Client(error)) if error.kind() == ErrorKind::BrokenPipe => Exit::Success,
            Err(Broken::Client(error)) => {
                output::fact(format!("relay: {}", files::reason(&error)));
                Exit::Failure
            }
            Err(Broken::Agent(error)) => {
                Voice::Keyfob.agent_unreachable(&error);
                Exit::NoAgent
            }
        }
    }
}

/// Which side failed.
enum Broken {
    Client(io::Error),
    Agent(keyfob_transport::client::Error),
}

/// The next request with its length; `None` at the end of the client's words.
fn frame(from: &mut impl Read) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut length = [0; 4];
    match from.read(&mut length)? {
        0 => return Ok(None),
        some => from.read_exact(length.get_mut(some..).unwrap_or_default())?,
    }
    let body = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if body > MAX_FRAME {
        let words = format!("a request of {body} bytes; agents take {MAX_FRAME}");
        return Err(io::Error::new(ErrorKind::InvalidData, words));
    }
    let mut frame = Zeroizing::new(vec![0; 4 + body]);
    frame[..4].copy_from_slice(&length);
    from.read_exact(&mut frame[4..])?;
    Ok(Some(frame))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn requests_come_one_by_one_and_only_whole() {
        let mut two = &b"\0\0\0\x01\x0b\0\0\0\x02\x1b\0"[..];
        assert_eq!(**frame(&mut two).unwrap().unwrap(), *b"\0\0\0\x01\x0b");
        assert_eq!(**frame(&mut two).unwrap().unwrap(), *b"\0\0\0\x02\x1b\0");
        assert!(frame(&mut two).unwrap().is_none());
        for cut in [&b"\0\0"[..], b"\0\0\0\x02\x1b"] {
            assert_eq!(frame(&mut &*cut).unwrap_err().kind(), ErrorKind::UnexpectedEof);
        }
    }

    /// Lost otherwise: four bytes make us take four gigabytes.
    #[test]
    fn an_announced_length_alone_costs_nothing() {
        let endless = u32::MAX.to_be_bytes();
        assert_eq!(frame(&mut &endless[..]).unwrap_err().kind(), ErrorKind::InvalidData);
    }
}
