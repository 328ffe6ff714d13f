//! What the daemon asks for and what the helper answers, on the two pipes between them.
//!
//! Both sides are the same binary, but not equally trusted: the helper parses what strangers
//! wrote, and whatever it says may be what such a file made it say. So an answer is read like a
//! stranger's: to the last byte, within named limits, its texts made harmless once more.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keyfob_keys::wire::{Put as _, Reader};
use keyfob_keys::{Error, PrivateKey, PublicKey, Result, Secret};
use keyfob_prompt::escape;
use keyfob_sys::os_text::{OsStrExt as _, OsStringExt as _};
use keyfob_sys::traces::{Stack, leaving_none};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::limits::{
    MAX_ANSWER, MAX_COMMENT, MAX_FILE, MAX_PASSPHRASE, MAX_PATH, MAX_REQUEST, MAX_TEXT,
    MAX_TEXT_BYTES,
};

/// A daemon that was not restarted after an update may meet a newer helper, where the system
/// cannot start the old one: they must notice.
const VERSION: u8 = 2;

const PATH: u8 = 0;
const BYTES: u8 = 1;

/// One file to read.
pub struct Request {
    /// Which.
    pub source: Source,
    /// What opens it, if anything is remembered.
    pub passphrase: Option<Secret>,
}

/// Where the bytes of a file are.
pub enum Source {
    /// At this place, from the root.
    Path(PathBuf),
    /// Here: a PPK that a client gave to the agent.
    Bytes(Zeroizing<Vec<u8>>),
}

/// The same, of who asks.
#[derive(Clone, Copy)]
pub enum Of<'a> {
    /// At this place, from the root.
    Path(&'a Path),
    /// These bytes.
    Bytes(&'a [u8]),
}

impl Request {
    /// The bytes for the pipe, their number in front: the pipe stays open behind them. They lie
    /// where [`leaving_none`] puts them, and are wiped.
    ///
    /// # Errors
    /// [`Error::Malformed`] and [`Error::TooLarge`] for what [`Request::decode`] would refuse.
    pub fn encode(of: Of<'_>, passphrase: Option<&Secret>) -> Result<Zeroizing<Vec<u8>>> {
        let (kind, content) = match of {
            Of::Path(path) => {
                check_path(path)?;
                (PATH, path.as_os_str().as_bytes())
            }
            Of::Bytes(bytes) => {
                check("the file", bytes.len(), MAX_FILE)?;
                (BYTES, bytes)
            }
        };
        let secret = passphrase.map(ExposeSecret::expose_secret);
        check("the passphrase", secret.map_or(0, <[u8]>::len), MAX_PASSPHRASE)?;
        Ok(leaving_none(Stack::Shallow, || {
            // As large as any, so that it never grows and leaves a copy behind.
            let mut out = Zeroizing::new(Vec::with_capacity(4 + MAX_REQUEST));
            out.put_u32(0);
            out.put_u8(VERSION);
            out.put_u8(kind);
            out.put_string(content);
            out.put_bool(secret.is_some());
            if let Some(secret) = secret {
                out.put_string(secret);
            }
            let length = u32::try_from(out.len() - 4).unwrap_or(u32::MAX);
            out[..4].copy_from_slice(&length.to_be_bytes());
            out
        }))
    }

    /// Takes one from a pipe, and nothing behind it.
    ///
    /// # Errors
    /// Those of the pipe; `InvalidData` for what is no request.
    pub fn read(from: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        check("the request", length, MAX_REQUEST).map_err(invalid)?;
        leaving_none(Stack::Shallow, || {
            let mut body = Zeroizing::new(vec![0; length]);
            from.read_exact(&mut body)?;
            Self::decode(&body).map_err(invalid)
        })
    }

    /// Reads what stands behind the number.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn decode(body: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(body);
        check_version(&mut reader)?;
        let source = match reader.u8()? {
            PATH => {
                let path = PathBuf::from(std::ffi::OsString::from_vec(reader.string()?.to_vec()));
                check_path(&path)?;
                Source::Path(path)
            }
            BYTES => {
                let bytes = reader.string()?;
                check("the file", bytes.len(), MAX_FILE)?;
                Source::Bytes(Zeroizing::new(bytes.to_vec()))
            }
            _ => return Err(Error::Malformed("request (kind)")),
        };
        let passphrase = match reader.u8()? {
            0 => None,
            1 => {
                let bytes = reader.string()?;
                check("the passphrase", bytes.len(), MAX_PASSPHRASE)?;
                // Boxed at its exact size: a vector with room to spare would be copied.
                Some(Secret::from(Box::<[u8]>::from(bytes)))
            }
            _ => return Err(Error::Malformed("request (passphrase)")),
        };
        reader.finish()?;
        Ok(Self { source, passphrase })
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Answer {
    /// What stood around the helper while it read.
    pub walls: Walls,
    /// The key, or why there is none.
    pub outcome: std::result::Result<Found, Failure>,
}

/// A key that was in the file.
#[derive(Debug)]
pub struct Found {
    /// Its public and private half belong together.
    pub key: PrivateKey,
    /// The comment in the file, cut where it is longer than an agent takes.
    pub comment: Vec<u8>,
}

/// What the kernel kept out of the helper's reach, besides most of its own calls: without those
/// closed off nothing is read at all (where the system can do that).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walls {
    /// Files, networks, signals.
    Whole,
    /// Files at least: the kernel is too old to know of the others.
    Partial,
    /// Nothing: the kernel has no Landlock, or does not use it.
    CallsOnly,
    /// Neither: another system than Linux.
    Nothing,
}

/// Why no key came of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nothing is there.
    Gone,
    /// The system does not let it be read, or it is no file.
    NotReadable(Text),
    /// There is no private key in it.
    NotAKey(Text),
    /// It is encrypted, and there was no passphrase.
    PassphraseNeeded,
    /// The same, of bytes: this much can be seen.
    Closed {
        /// The public key.
        public: PublicKey,
        /// The comment, cut where it is longer than an agent takes.
        comment: Vec<u8>,
    },
    /// The passphrase does not open it.
    WrongPassphrase,
    /// A private key that is damaged, of no use to an agent, or open to others.
    Unusable(Text),
    /// Opening it would take longer, or more memory, than a file may ask for.
    TooSlow(Text),
    /// The helper could not close itself in, so it did not read.
    Unconfined(Text),
}

/// Words about a file, perhaps with some out of it: safe to show, and not endless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// These words, made so.
    pub fn new(words: impl AsRef<[u8]>) -> Self {
        Self(escape::for_display_within(words.as_ref(), MAX_TEXT))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let words = reader.utf8()?;
        check("a text", words.len(), MAX_TEXT_BYTES)?;
        Ok(Self::new(words))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Answer {
    /// The bytes for the pipe, which ends behind them. They lie where [`leaving_none`] puts
    /// them, and are wiped.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for a key that no agent's message could carry either.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        let out = leaving_none(Stack::Shallow, || {
            let mut out = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
            out.put_u8(VERSION);
            out.put_u8(self.walls.number());
            match &self.outcome {
                Ok(found) => {
                    out.put_u8(0);
                    out.put_string(&found.comment[..found.comment.len().min(MAX_COMMENT)]);
                    found.key.encode(&mut out);
                }
                Err(failure) => failure.write(&mut out),
            }
            out
        });
        check("the answer", out.len(), MAX_ANSWER)?;
        Ok(out)
    }

    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, the key in it included.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        check("the answer", bytes.len(), MAX_ANSWER)?;
        let mut reader = Reader::new(bytes);
        check_version(&mut reader)?;
        let walls = Walls::of_number(reader.u8()?)?;
        let outcome = match reader.u8()? {
            0 => {
                let comment = reader.string()?;
                check("the comment", comment.len(), MAX_COMMENT)?;
                Ok(Found { comment: comment.to_vec(), key: PrivateKey::decode(&mut reader)? })
            }
            kind => Err(Failure::read(kind, &mut reader)?),
        };
        reader.finish()?;
        Ok(Self { walls, outcome })
    }
}

impl Walls {
    const EACH: [Self; 4] = [Self::Whole, Self::Partial, Self::CallsOnly, Self::Nothing];

    fn number(self) -> u8 {
        self as u8
    }

    fn of_number(number: u8) -> Result<Self> {
        let known = Self::EACH.into_iter().find(|walls| walls.number() == number);
        known.ok_or(Error::Malformed("answer (walls)"))
    }
}

impl Failure {
    fn write(&self, out: &mut Vec<u8>) {
        let (kind, text) = match self {
            Self::Gone => (1, None),
            Self::NotReadable(text) => (2, Some(text)),
            Self::NotAKey(text) => (3, Some(text)),
            Self::PassphraseNeeded => (4, None),
            Self::Closed { public, comment } => {
                out.put_u8(9);
                out.put_string(public.blob());
                out.put_string(&comment[..comment.len().min(MAX_COMMENT)]);
                return;
            }
            Self::WrongPassphrase => (5, None),
            Self::Unusable(text) => (6, Some(text)),
            Self::TooSlow(text) => (7, Some(text)),
            Self::Unconfined(text) => (8, Some(text)),
        };
        out.put_u8(kind);
        if let Some(text) = text {
            out.put_string(text.0.as_bytes());
        }
    }

    fn read(kind: u8, reader: &mut Reader<'_>) -> Result<Self> {
        Ok(match kind {
            1 => Self::Gone,
            2 => Self::NotReadable(Text::read(reader)?),
            3 => Self::NotAKey(Text::read(reader)?),
            4 => Self::PassphraseNeeded,
            5 => Self::WrongPassphrase,
            6 => Self::Unusable(Text::read(reader)?),
            7 => Self::TooSlow(Text::read(reader)?),
            8 => Self::Unconfined(Text::read(reader)?),
            9 => {
                let public = PublicKey::from_blob(reader.string()?)?;
                let comment = reader.string()?;
                check("the comment", comment.len(), MAX_COMMENT)?;
                Self::Closed { public, comment: comment.to_vec() }
            }
            _ => return Err(Error::Malformed("answer (kind)")),
        })
    }
}

fn check_version(reader: &mut Reader<'_>) -> Result<()> {
    if reader.u8()? == VERSION { Ok(()) } else { Err(Error::Malformed("version")) }
}

/// From the root: the helper is not in the folder the daemon was started in.
fn check_path(path: &Path) -> Result<()> {
    check("the path", path.as_os_str().len(), MAX_PATH)?;
    if path.is_absolute() { Ok(()) } else { Err(Error::Malformed("path (not from the root)")) }
}

fn check(what: &'static str, length: usize, limit: usize) -> Result<()> {
    if length > limit { Err(Error::TooLarge { what, limit }) } else { Ok(()) }
}

fn invalid(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests;
