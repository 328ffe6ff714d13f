//! `watch@keyfob`: what goes on in the agent, live, for `keyfob watch`; and a place to answer its
//! questions.
//!
//! Only clients on this machine are served, and only over a connection that nothing was bound to.
//! Whoever connects may look, and sees what `keyfob list` and `keyfob why` show, and no secret. Only
//! who holds the right may answer: it is asked for with the passphrase of the key store, or of a
//! person in another way, belongs to the connection, and ends with it and with every lock.
//!
//! Request: the name, then
//! - `byte 0, u64 revision`: the state, as soon as it is newer than this or half a minute is over. A
//!   request that follows ends the wait;
//! - `byte 1, string passphrase`: the right to answer; with an empty one a person is asked for it;
//! - `byte 2, string id, byte choice`: the answer to a question.
//!
//! Answer: the name, then
//! - `byte 0, u64 revision, byte lock, bool right, bool passphrase, u32 questions`, of each `string {
//!   string id, string text, u32 seconds since, bool answerable, bool session, u32 seconds while }`,
//!   `u32 uses`, of each `string { u64 seconds since 1970, bool allowed, string text }`, `u32 total,
//!   u32 keys`, of each `string { string comment, string kind, string fingerprint, bool confirm, byte
//!   place, bool expires, u32 seconds, bool idle, u32 seconds }`;
//! - `byte 1, byte outcome, string reason`;
//! - `byte 2, byte outcome`.

use std::fmt;

use keyfob_keys::wire::{Put as _, Reader};

use crate::details::Place;
use crate::error::Error;
use crate::limits::{
    MAX_COMMENT, MAX_SHOWN_NAME, MAX_STORE_TEXT, MAX_WATCHED_KEYS, MAX_WATCHED_QUESTIONS,
    MAX_WATCHED_TEXT, MAX_WATCHED_USES,
};
use crate::parts::{bytes, cut, parts, put_fitting};
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "watch@keyfob";

/// Names a question to one watcher. Another watcher knows the same question by another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuestionId(pub [u8; 16]);

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum WatchRequest<'a> {
    /// The state, once it is newer than this revision; 0 for at once.
    Next(u64),
    /// The right to answer, for this passphrase of the key store; empty where there is none.
    Claim(&'a [u8]),
    /// This is the answer to that question.
    Answer {
        /// Which question.
        id: QuestionId,
        /// The answer.
        choice: Choice,
    },
}

/// An answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// No.
    Deny,
    /// For this one use.
    Once,
    /// Until the requester's session ends.
    Session,
    /// For a while.
    ForAWhile,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchReply {
    /// How things are.
    State(State),
    /// What came of a claim.
    Claimed(Claimed),
    /// What came of an answer.
    Answered(Answered),
}

/// How things are in the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Which state this is; each is newer than those before.
    pub revision: u64,
    /// Whether it is locked.
    pub lock: Lock,
    /// This connection has the right to answer.
    pub right: bool,
    /// The right is given for the passphrase of the key store; otherwise a person is asked.
    pub by_passphrase: bool,
    /// Questions that wait, the oldest first.
    pub questions: Vec<Question>,
    /// What keys were used for lately and what was refused, the newest first.
    pub uses: Vec<Use>,
    /// How many keys there are.
    pub total: u32,
    /// Those that fit.
    pub keys: Vec<Key>,
}

/// What is locked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lock {
    /// Nothing.
    #[default]
    Open,
    /// The key store, and keys with it; the first use asks for its passphrase.
    Sealed,
    /// The agent, with a passphrase of its own. It tells no keys.
    Locked,
}

/// A question that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Its name for this watcher.
    pub id: QuestionId,
    /// Key, purpose and requester in lines; made safe to show by the agent, and to be made so once
    /// more by who shows it.
    pub text: Vec<u8>,
    /// Since how many seconds it waits.
    pub age: u32,
    /// Whether this watcher may answer it, once it has the right: who asks must not be its own
    /// child.
    pub answerable: bool,
    /// [`Choice::Session`] is one of the answers.
    pub session: bool,
    /// [`Choice::ForAWhile`] is one of the answers, and lasts so many seconds.
    pub for_a_while: Option<u32>,
}

/// A use of a key, or a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// When, in seconds since 1970.
    pub unix: u64,
    /// It was allowed.
    pub allowed: bool,
    /// Which key, for whom and what, in words.
    pub text: Vec<u8>,
}

/// A key the agent shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// For people, unescaped.
    pub comment: Vec<u8>,
    /// What kind of key.
    pub kind: Vec<u8>,
    /// As OpenSSH shows it.
    pub fingerprint: Vec<u8>,
    /// A person confirms each use.
    pub confirm: bool,
    /// Where it is.
    pub place: Place,
    /// Seconds until the agent forgets it.
    pub expires_in: Option<u32>,
    /// Seconds until it does so too, unless it is used before.
    pub idle_in: Option<u32>,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claimed {
    /// The connection may answer.
    Granted,
    /// The passphrase is not the store's.
    WrongPassphrase,
    /// A person said no.
    Denied,
    /// Something else, in words.
    Failed(Vec<u8>),
}

/// What came of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answered {
    /// It was taken.
    Done,
    /// The connection has not the right, or not any more.
    NoRight,
    /// The question waits no more.
    Gone,
    /// Who asks is the watcher itself, or was started by it.
    OwnRequest,
    /// That answer was not offered.
    NotOffered,
}

const NEXT: u8 = 0;
const CLAIM: u8 = 1;
const ANSWER: u8 = 2;

impl<'a> WatchRequest<'a> {
    /// Reads what follows the name.
    pub(crate) fn decode(reader: &mut Reader<'a>) -> Result<Self> {
        let request = match reader.u8().map_err(Error::field("operation"))? {
            NEXT => Self::Next(reader.u64().map_err(Error::field("revision"))?),
            CLAIM => Self::Claim(reader.string().map_err(Error::field("passphrase"))?),
            ANSWER => Self::Answer {
                id: QuestionId::decode(reader)?,
                choice: match reader.u8().map_err(Error::field("choice"))? {
                    0 => Choice::Deny,
                    1 => Choice::Once,
                    2 => Choice::Session,
                    3 => Choice::ForAWhile,
                    _ => return Err(Error::Invalid { what: "choice", why: "it is not known" }),
                },
            },
            _ => return Err(Error::Invalid { what: "operation", why: "it is not known" }),
        };
        reader.finish().map_err(Error::field("end of the request"))?;
        Ok(request)
    }

    /// Writes the whole extension, name included.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_string(NAME.as_bytes());
        match self {
            Self::Next(revision) => {
                out.put_u8(NEXT);
                out.put_u64(*revision);
            }
            Self::Claim(passphrase) => {
                out.put_u8(CLAIM);
                out.put_string(passphrase);
            }
            Self::Answer { id, choice } => {
                out.put_u8(ANSWER);
                out.put_string(&id.0);
                out.put_u8(match choice {
                    Choice::Deny => 0,
                    Choice::Once => 1,
                    Choice::Session => 2,
                    Choice::ForAWhile => 3,
                });
            }
        }
    }

    pub(crate) fn encoded_len(&self) -> usize {
        let rest = match self {
            Self::Next(_) => 8,
            Self::Claim(passphrase) => 4 + passphrase.len(),
            Self::Answer { .. } => 4 + 16 + 1,
        };
        4 + NAME.len() + 1 + rest
    }
}

/// Says which request, never the passphrase.
impl fmt::Debug for WatchRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Next(_) => "Next",
            Self::Claim(_) => "Claim",
            Self::Answer { .. } => "Answer",
        })
    }
}

impl QuestionId {
    fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let bytes = reader.string().map_err(Error::field("id of a question"))?;
        let wrong = Error::Invalid { what: "id of a question", why: "it has not 16 bytes" };
        bytes.try_into().map(Self).map_err(|_| wrong)
    }
}

impl WatchReply {
    /// The whole frame.
    #[must_use]
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = vec![number::EXTENSION_RESPONSE];
        body.put_string(NAME.as_bytes());
        match self {
            Self::State(state) => {
                body.put_u8(NEXT);
                state.encode(&mut body);
            }
            Self::Claimed(claimed) => {
                body.put_u8(CLAIM);
                let (outcome, reason): (u8, &[u8]) = match claimed {
                    Claimed::Granted => (0, b""),
                    Claimed::WrongPassphrase => (1, b""),
                    Claimed::Denied => (2, b""),
                    Claimed::Failed(reason) => (3, reason),
                };
                body.put_u8(outcome);
                body.put_string(cut(reason, MAX_STORE_TEXT));
            }
            Self::Answered(answered) => {
                body.put_u8(ANSWER);
                body.put_u8(match answered {
                    Answered::Done => 0,
                    Answered::NoRight => 1,
                    Answered::Gone => 2,
                    Answered::OwnRequest => 3,
                    Answered::NotOffered => 4,
                });
            }
        }
        let mut frame = Vec::with_capacity(body.len() + 4);
        frame.put_string(&body);
        frame
    }

    /// Reads what follows the name in the answer.
    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self> {
        let reader = &mut reader;
        let unknown = Error::Invalid { what: "kind of answer", why: "it is not known" };
        let reply = match reader.u8().map_err(Error::field("kind of answer"))? {
            NEXT => Self::State(State::decode(reader)?),
            CLAIM => {
                let outcome = reader.u8().map_err(Error::field("outcome"))?;
                let reason = bytes(reader, MAX_STORE_TEXT, "reason")?;
                Self::Claimed(match outcome {
                    0 => Claimed::Granted,
                    1 => Claimed::WrongPassphrase,
                    2 => Claimed::Denied,
                    _ => Claimed::Failed(reason),
                })
            }
            ANSWER => Self::Answered(match reader.u8().map_err(Error::field("outcome"))? {
                0 => Answered::Done,
                1 => Answered::NoRight,
                3 => Answered::OwnRequest,
                4 => Answered::NotOffered,
                _ => Answered::Gone,
            }),
            _ => return Err(unknown),
        };
        reader.finish().map_err(Error::field("end of the reply"))?;
        Ok(reply)
    }
}

impl State {
    fn encode(&self, body: &mut Vec<u8>) {
        body.put_u64(self.revision);
        body.put_u8(match self.lock {
            Lock::Open => 0,
            Lock::Sealed => 1,
            Lock::Locked => 2,
        });
        body.put_bool(self.right);
        body.put_bool(self.by_passphrase);
        put_fitting(body, first(&self.questions, MAX_WATCHED_QUESTIONS), Question::encode);
        put_fitting(body, first(&self.uses, MAX_WATCHED_USES), Use::encode);
        body.put_u32(self.total);
        put_fitting(body, first(&self.keys, MAX_WATCHED_KEYS), Key::encode);
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            revision: reader.u64().map_err(Error::field("revision"))?,
            lock: match reader.u8().map_err(Error::field("lock"))? {
                0 => Lock::Open,
                1 => Lock::Sealed,
                _ => Lock::Locked,
            },
            right: reader.bool().map_err(Error::field("right"))?,
            by_passphrase: reader.bool().map_err(Error::field("passphrase"))?,
            questions: parts(reader, "question", Question::decode)?,
            uses: parts(reader, "use", Use::decode)?,
            total: reader.u32().map_err(Error::field("number of keys"))?,
            keys: parts(reader, "key", Key::decode)?,
        })
    }
}

impl Question {
    fn encode(&self) -> Vec<u8> {
        let mut one = Vec::new();
        one.put_string(&self.id.0);
        one.put_string(cut(&self.text, MAX_STORE_TEXT));
        one.put_u32(self.age);
        one.put_bool(self.answerable);
        one.put_bool(self.session);
        one.put_u32(self.for_a_while.unwrap_or(0));
        one
    }

    fn decode(one: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            id: QuestionId::decode(one)?,
            text: bytes(one, MAX_STORE_TEXT, "question")?,
            age: one.u32().map_err(Error::field("age"))?,
            answerable: one.bool().map_err(Error::field("answerable"))?,
            session: one.bool().map_err(Error::field("session"))?,
            for_a_while: Some(one.u32().map_err(Error::field("while"))?).filter(|span| *span > 0),
        })
    }
}

impl Use {
    fn encode(&self) -> Vec<u8> {
        let mut one = Vec::new();
        one.put_u64(self.unix);
        one.put_bool(self.allowed);
        one.put_string(cut(&self.text, MAX_WATCHED_TEXT));
        one
    }

    fn decode(one: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            unix: one.u64().map_err(Error::field("time"))?,
            allowed: one.bool().map_err(Error::field("allowed"))?,
            text: bytes(one, MAX_WATCHED_TEXT, "use")?,
        })
    }
}

impl Key {
    fn encode(&self) -> Vec<u8> {
        let mut one = Vec::new();
        one.put_string(cut(&self.comment, MAX_COMMENT));
        one.put_string(cut(&self.kind, MAX_SHOWN_NAME));
        one.put_string(cut(&self.fingerprint, MAX_WATCHED_TEXT));
        one.put_bool(self.confirm);
        one.put_u8(self.place.code());
        one.put_bool(self.expires_in.is_some());
        one.put_u32(self.expires_in.unwrap_or(0));
        one.put_bool(self.idle_in.is_some());
        one.put_u32(self.idle_in.unwrap_or(0));
        one
    }

    fn decode(one: &mut Reader<'_>) -> Result<Self> {
        let comment = bytes(one, MAX_COMMENT, "comment")?;
        let kind = bytes(one, MAX_SHOWN_NAME, "kind of key")?;
        let fingerprint = bytes(one, MAX_WATCHED_TEXT, "fingerprint")?;
        let confirm = one.bool().map_err(Error::field("confirm"))?;
        let place = Place::of_code(one.u8().map_err(Error::field("place"))?);
        let expires = one.bool().map_err(Error::field("expires"))?;
        let seconds = one.u32().map_err(Error::field("seconds"))?;
        let expires_in = expires.then_some(seconds);
        // An older agent does not say.
        let idle_in = if one.is_empty() { None } else { idle(one)? };
        Ok(Self { comment, kind, fingerprint, confirm, place, expires_in, idle_in })
    }
}

fn idle(one: &mut Reader<'_>) -> Result<Option<u32>> {
    let is_idle = one.bool().map_err(Error::field("idle"))?;
    let seconds = one.u32().map_err(Error::field("idle seconds"))?;
    Ok(is_idle.then_some(seconds))
}

fn first<T>(all: &[T], limit: usize) -> &[T] {
    all.get(..limit).unwrap_or(all)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::limits::MAX_FRAME;
    use crate::{Extension, Reply, Request};

    fn question(text: &[u8]) -> Question {
        Question {
            id: QuestionId([7; 16]),
            text: text.to_vec(),
            age: 3,
            answerable: true,
            session: true,
            for_a_while: Some(600),
        }
    }

    fn key(comment: &[u8]) -> Key {
        Key {
            comment: comment.to_vec(),
            kind: b"ED25519".to_vec(),
            fingerprint: b"SHA256:x".to_vec(),
            confirm: true,
            place: Place::Store { open: true },
            expires_in: Some(0),
            idle_in: Some(7),
        }
    }

    fn state() -> State {
        State {
            revision: 9,
            lock: Lock::Sealed,
            right: true,
            by_passphrase: true,
            questions: vec![
                question(b"Allow?\nAsked by x."),
                Question { for_a_while: None, answerable: false, ..question(b"\xff") },
            ],
            uses: vec![Use { unix: 5, allowed: false, text: b"refused".to_vec() }],
            total: 70,
            keys: vec![key(b"me@work"), Key { expires_in: None, ..key(b"") }],
        }
    }

    #[test]
    fn what_is_asked_arrives_unchanged_and_to_its_last_byte() {
        let id = QuestionId([1; 16]);
        for asked in [
            WatchRequest::Next(u64::MAX),
            WatchRequest::Claim(b""),
            WatchRequest::Claim(b"pass \xff"),
            WatchRequest::Answer { id, choice: Choice::Deny },
            WatchRequest::Answer { id, choice: Choice::Once },
            WatchRequest::Answer { id, choice: Choice::Session },
            WatchRequest::Answer { id, choice: Choice::ForAWhile },
        ] {
            let frame = Request::Extension(Extension::Watch(asked)).encode().unwrap();
            let Ok(Request::Extension(Extension::Watch(read))) = Request::decode(&frame[4..])
            else {
                panic!("{asked:?}")
            };
            assert!(read == asked);
            assert!(Request::decode(&frame[4..frame.len() - 1]).is_err());
            assert!(Request::decode(&[&frame[4..], b"x"].concat()).is_err());
        }
    }

    #[test]
    fn an_answer_that_is_not_known_is_none() {
        let id = QuestionId([1; 16]);
        let asked = WatchRequest::Answer { id, choice: Choice::ForAWhile };
        let frame = Request::Extension(Extension::Watch(asked)).encode().unwrap();
        let mut body = frame[4..].to_vec();
        *body.last_mut().unwrap() = 4;
        assert!(Request::decode(&body).is_err());
    }

    #[test]
    fn what_is_answered_arrives_unchanged_and_every_cut_is_refused() {
        for answer in [
            WatchReply::State(state()),
            WatchReply::State(State::default()),
            WatchReply::Claimed(Claimed::Granted),
            WatchReply::Claimed(Claimed::WrongPassphrase),
            WatchReply::Claimed(Claimed::Denied),
            WatchReply::Claimed(Claimed::Failed(b"no".to_vec())),
            WatchReply::Answered(Answered::Done),
            WatchReply::Answered(Answered::NoRight),
            WatchReply::Answered(Answered::Gone),
            WatchReply::Answered(Answered::OwnRequest),
            WatchReply::Answered(Answered::NotOffered),
        ] {
            let frame = answer.encode();
            let read = Reply::decode(&frame[4..]).unwrap();
            assert_eq!(read, Reply::Watch(Box::new(answer)));
            for end in 5..frame.len() {
                assert!(Reply::decode(&frame[4..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn p7_a_state_fits_a_frame_however_much_there_is() {
        let long = vec![b'x'; 100_000];
        let full = State {
            questions: vec![question(&long); 1000],
            uses: vec![Use { unix: 1, allowed: true, text: long.clone() }; 1000],
            keys: vec![key(&long); 5000],
            ..state()
        };
        let frame = WatchReply::State(full).encode();
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Watch(reply) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        let WatchReply::State(read) = *reply else { panic!() };
        assert_eq!(read.questions.len(), MAX_WATCHED_QUESTIONS);
        assert_eq!(read.uses.len(), MAX_WATCHED_USES);
        assert!(!read.keys.is_empty());
    }

    #[test]
    fn nothing_shows_the_passphrase() {
        let shown = format!("{:?}", WatchRequest::Claim(b"geheim"));
        assert_eq!(shown, "Claim");
    }

    #[test]
    fn an_agent_that_does_not_tell_idle_times_is_understood() {
        let whole = key(b"key").encode();
        let known = Key::decode(&mut Reader::new(&whole)).unwrap();
        assert_eq!(known, key(b"key"));
        let older = Key::decode(&mut Reader::new(&whole[..whole.len() - 5])).unwrap();
        assert_eq!(older, Key { idle_in: None, ..known });
    }
}
