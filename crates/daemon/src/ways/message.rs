//! What the daemon wants asked and what came of it, on the two pipes to the process that asks.
//!
//! Both sides are the same binary, but the answer has gone through programs and terminals: it is
//! read like a stranger's, to the last byte and within limits.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use keyfob_keys::wire::{Put as _, Reader};
use keyfob_keys::{Error, Result, Secret};
use keyfob_prompt::{Choice, MAX_PASSPHRASE, Offered, escape};
use keyfob_sys::os_text::{OsStrExt as _, OsStringExt as _};
use keyfob_sys::surroundings::Terminal;
use keyfob_sys::traces::{Stack, leaving_none};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

/// A daemon that was not restarted after an update may meet a newer helper.
const VERSION: u8 = 1;

/// Bytes of a request: a question has some ten lines, and a path 4096 bytes at most.
const MAX_REQUEST: usize = 32 * 1024;

/// Bytes of an answer.
pub(super) const MAX_ANSWER: usize = 4096;

/// Characters of a reason.
const MAX_REASON: usize = 300;

/// What to ask, and how.
#[derive(Debug, PartialEq, Eq)]
pub struct Request {
    /// By what.
    pub through: Through,
    /// For what.
    pub kind: Kind,
    /// The question.
    pub text: String,
    /// The terminal it may be asked on.
    pub terminal: Option<Terminal>,
    /// What kind of terminal that is.
    pub term: Option<String>,
}

/// By what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// The program `pinentry`.
    Pinentry,
    /// The terminal itself.
    Terminal,
    /// A dialog of that process.
    Dialog,
}

/// What kind of answer is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of these choices.
    Confirm(Offered),
    /// A passphrase.
    Passphrase,
}

/// What came of it.
#[derive(Debug)]
pub enum Answer {
    /// Somebody has answered.
    Asked(Asked),
    /// Somebody did not want to.
    Cancelled,
    /// It could not be asked, because of this.
    Unreachable(String),
}

/// An answer.
#[derive(Debug)]
pub enum Asked {
    /// To [`Kind::Confirm`].
    Choice(Choice),
    /// To [`Kind::Passphrase`].
    Passphrase(Secret),
}

impl Request {
    /// The bytes for the pipe, their number in front: the pipe stays open behind them.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn encode(&self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        body.put_u8(VERSION);
        body.put_u8(match self.through {
            Through::Pinentry => 1,
            Through::Terminal => 2,
            Through::Dialog => 3,
        });
        let offered = match self.kind {
            Kind::Confirm(offered) => Some(offered),
            Kind::Passphrase => None,
        };
        body.put_bool(offered.is_some());
        let offered = offered.unwrap_or_default();
        body.put_bool(offered.session);
        body.put_bool(offered.for_a_while.is_some());
        body.put_u64(offered.for_a_while.unwrap_or_default().as_secs());
        body.put_string(self.text.as_bytes());
        body.put_string(self.term.as_deref().unwrap_or_default().as_bytes());
        body.put_bool(self.terminal.is_some());
        if let Some(terminal) = &self.terminal {
            body.put_string(terminal.path.as_os_str().as_bytes());
            body.put_u64(terminal.device);
        }
        check("the question", body.len(), MAX_REQUEST)?;
        let mut out = Vec::new();
        out.put_string(&body);
        Ok(out)
    }

    /// Takes one from a pipe, and nothing behind it.
    ///
    /// # Errors
    /// Those of the pipe; `InvalidData` for what is no request.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        check("the question", length, MAX_REQUEST).map_err(invalid)?;
        // Grows as the bytes come: what is announced need not be sent.
        let mut body = Vec::new();
        from.take(length as u64).read_to_end(&mut body)?;
        if body.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Self::decode(&body).map_err(invalid)
    }

    fn decode(body: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(body);
        check_version(&mut reader)?;
        let through = match reader.u8()? {
            1 => Through::Pinentry,
            2 => Through::Terminal,
            3 => Through::Dialog,
            _ => return Err(Error::Malformed("question (way)")),
        };
        let is_confirm = reader.bool()?;
        let (session, a_while, seconds) = (reader.bool()?, reader.bool()?, reader.u64()?);
        let for_a_while = a_while.then_some(Duration::from_secs(seconds));
        let kind = match is_confirm {
            true => Kind::Confirm(Offered { session, for_a_while }),
            false => Kind::Passphrase,
        };
        let text = reader.utf8()?.to_owned();
        let term = Some(reader.utf8()?.to_owned()).filter(|term| !term.is_empty());
        let terminal = match reader.bool()? {
            true => {
                let path = std::ffi::OsString::from_vec(reader.string()?.to_vec());
                let (path, device) = (PathBuf::from(path), reader.u64()?);
                Some(Terminal { path, device, foreground: true })
            }
            false => None,
        };
        reader.finish()?;
        Ok(Self { through, kind, text, terminal, term })
    }
}

impl Answer {
    /// The bytes for the pipe, which ends behind them. They lie where [`leaving_none`] puts them,
    /// and are wiped.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        leaving_none(Stack::Shallow, || {
            // As large as any, so that it never grows and leaves a copy behind.
            let mut out = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
            out.put_u8(VERSION);
            match self {
                Self::Asked(Asked::Choice(choice)) => {
                    out.put_u8(1);
                    out.put_u8(match choice {
                        Choice::Deny => 0,
                        Choice::Once => 1,
                        Choice::Session => 2,
                        Choice::ForAWhile => 3,
                    });
                }
                Self::Asked(Asked::Passphrase(secret)) => {
                    let secret = secret.expose_secret();
                    out.put_u8(2);
                    out.put_string(&secret[..secret.len().min(MAX_PASSPHRASE)]);
                }
                Self::Cancelled => out.put_u8(3),
                Self::Unreachable(reason) => {
                    out.put_u8(4);
                    out.put_string(shown(reason.as_bytes()).as_bytes());
                }
            }
            out
        })
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        check("the answer", bytes.len(), MAX_ANSWER)?;
        let mut reader = Reader::new(bytes);
        check_version(&mut reader)?;
        let answer = match reader.u8()? {
            1 => Self::Asked(Asked::Choice(match reader.u8()? {
                0 => Choice::Deny,
                1 => Choice::Once,
                2 => Choice::Session,
                3 => Choice::ForAWhile,
                _ => return Err(Error::Malformed("answer (choice)")),
            })),
            2 => {
                let bytes = reader.string()?;
                check("the passphrase", bytes.len(), MAX_PASSPHRASE)?;
                // Boxed at its exact size: a vector with room to spare would be copied.
                Self::Asked(Asked::Passphrase(Secret::from(Box::<[u8]>::from(bytes))))
            }
            3 => Self::Cancelled,
            4 => Self::Unreachable(shown(reader.string()?)),
            _ => return Err(Error::Malformed("answer (kind)")),
        };
        reader.finish()?;
        Ok(answer)
    }
}

fn shown(reason: &[u8]) -> String {
    escape::for_display_within(reason, MAX_REASON)
}

fn check_version(reader: &mut Reader<'_>) -> Result<()> {
    if reader.u8()? == VERSION { Ok(()) } else { Err(Error::Malformed("version")) }
}

fn check(what: &'static str, length: usize, limit: usize) -> Result<()> {
    if length > limit { Err(Error::TooLarge { what, limit }) } else { Ok(()) }
}

fn invalid(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_arrives_as_it_was_sent() {
        let terminal = Terminal { path: "/dev/pts/3".into(), device: 0x8803, foreground: true };
        let offered = Offered { session: true, for_a_while: Some(Duration::from_secs(600)) };
        for kind in [Kind::Passphrase, Kind::Confirm(offered), Kind::Confirm(Offered::default())] {
            let ways = [Through::Pinentry, Through::Terminal, Through::Dialog];
            for (terminal, through) in [None, Some(terminal.clone())]
                .into_iter()
                .flat_map(|it| ways.map(|way| (it.clone(), way)))
            {
                let sent = Request {
                    through,
                    kind,
                    text: "Allow?\nYes".into(),
                    terminal,
                    term: Some("xterm".into()),
                };
                let bytes = sent.encode().unwrap();
                assert_eq!(Request::read(&mut bytes.as_slice()).unwrap(), sent);
                assert!(Request::read(&mut &bytes[..bytes.len() - 1]).is_err());
            }
        }
        let endless = u32::MAX.to_be_bytes();
        assert!(Request::read(&mut endless.as_slice()).is_err());
    }

    #[test]
    fn an_answer_is_read_to_its_last_byte() {
        for choice in [Choice::Deny, Choice::Once, Choice::Session, Choice::ForAWhile] {
            let bytes = Answer::Asked(Asked::Choice(choice)).encode();
            let read = Answer::decode(&bytes).unwrap();
            assert!(matches!(read, Answer::Asked(Asked::Choice(found)) if found == choice));
            assert!(Answer::decode(&[&bytes[..], b"x"].concat()).is_err());
        }
        let secret = Answer::Asked(Asked::Passphrase(Secret::from(b"pass".to_vec()))).encode();
        let Ok(Answer::Asked(Asked::Passphrase(found))) = Answer::decode(&secret) else {
            panic!("no passphrase");
        };
        assert_eq!(found.expose_secret(), b"pass");
        for garbage in [&b""[..], b"\x01", b"\x01\x01\x04", b"\x02\x03", b"\x01\x09"] {
            assert!(Answer::decode(garbage).is_err(), "{garbage:?}");
        }
        let steering = Answer::Unreachable("\u{1b}[2J".into()).encode();
        let Ok(Answer::Unreachable(reason)) = Answer::decode(&steering) else { panic!() };
        assert_eq!(reason, "\\x1b[2J");
    }
}
