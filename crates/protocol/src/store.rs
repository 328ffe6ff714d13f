//! `store@keyfob`: what `keyfob lock`, `unlock` and `status` ask of an agent that has a key store.
//!
//! Nothing in it gives power over a key: the agent opens the store for itself, and tells nobody
//! what it opened it with. Only clients on this machine are served.
//!
//! Request: the name, `byte operation, string passphrase`. Answer: the name, `byte outcome,
//! string reason, string folder, u32 keys, bool locked, u64 since, u64 next lock`; the times in
//! seconds since 1970, zero for never.

use keyfob_keys::wire::{Put as _, Reader, string_len};

use crate::error::Error;
use crate::limits::MAX_STORE_TEXT;
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "store@keyfob";

/// What is asked.
#[derive(Clone, PartialEq, Eq)]
pub enum StoreRequest<'a> {
    /// Seal the store and every key; with the passphrase where the agent says it needs it.
    Lock(Option<&'a [u8]>),
    /// Open the store, and every key with it.
    Unlock(&'a [u8]),
    /// How are things?
    Status,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// What was asked is done, or was so already.
    Done,
    /// There is no key store.
    NoStore,
    /// The passphrase is not the store's.
    WrongPassphrase,
    /// The agent holds keys that only the store's passphrase could lock, and was never told it.
    PassphraseNeeded,
    /// Something else, in words.
    Failed,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreReply {
    /// What came of it.
    pub outcome: Outcome,
    /// Why, if it failed; unescaped.
    pub reason: Vec<u8>,
    /// How things are now.
    pub status: StoreStatus,
}

/// How a store is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoreStatus {
    /// Its folder; empty where there is no store.
    pub folder: Vec<u8>,
    /// How many keys of it the agent shows.
    pub keys: u32,
    /// Whether it is locked.
    pub locked: bool,
    /// Since when, in seconds since 1970; 0 since the agent started.
    pub since: u64,
    /// When it will lock itself; 0 for never.
    pub next_lock: u64,
}

const LOCK: u8 = 1;
const UNLOCK: u8 = 2;
const STATUS: u8 = 3;
const OUTCOMES: [(u8, Outcome); 5] = [
    (0, Outcome::Done),
    (1, Outcome::NoStore),
    (2, Outcome::WrongPassphrase),
    (3, Outcome::PassphraseNeeded),
    (4, Outcome::Failed),
];

impl<'a> StoreRequest<'a> {
    pub(crate) fn decode(reader: &mut Reader<'a>) -> Result<Self> {
        let operation = reader.u8().map_err(Error::field("operation"))?;
        let passphrase = reader.string().map_err(Error::field("passphrase"))?;
        reader.finish().map_err(Error::field("end of the request"))?;
        match (operation, passphrase) {
            (LOCK, b"") => Ok(Self::Lock(None)),
            (LOCK, passphrase) => Ok(Self::Lock(Some(passphrase))),
            (UNLOCK, passphrase) => Ok(Self::Unlock(passphrase)),
            (STATUS, b"") => Ok(Self::Status),
            _ => Err(Error::Invalid { what: "operation", why: "it is not known" }),
        }
    }

    fn parts(&self) -> (u8, &'a [u8]) {
        match self {
            Self::Lock(passphrase) => (LOCK, passphrase.unwrap_or_default()),
            Self::Unlock(passphrase) => (UNLOCK, passphrase),
            Self::Status => (STATUS, b""),
        }
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let (operation, passphrase) = self.parts();
        out.put_string(NAME.as_bytes());
        out.put_u8(operation);
        out.put_string(passphrase);
    }

    pub(crate) fn encoded_len(&self) -> usize {
        string_len(NAME.len()) + 1 + string_len(self.parts().1.len())
    }
}

/// What it asks, and no passphrase.
impl std::fmt::Debug for StoreRequest<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Lock(None) => "Lock",
            Self::Lock(Some(_)) => "Lock(..)",
            Self::Unlock(_) => "Unlock(..)",
            Self::Status => "Status",
        })
    }
}

impl StoreReply {
    /// The whole frame.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let code = OUTCOMES.iter().find(|(_, outcome)| *outcome == self.outcome);
        let StoreStatus { folder, keys, locked, since, next_lock } = &self.status;
        let cut = |text: &[u8]| text.get(..text.len().min(MAX_STORE_TEXT)).map(<[u8]>::to_vec);
        let mut body = vec![number::EXTENSION_RESPONSE];
        body.put_string(NAME.as_bytes());
        body.put_u8(code.map_or(4, |(code, _)| *code));
        body.put_string(&cut(&self.reason).unwrap_or_default());
        body.put_string(&cut(folder).unwrap_or_default());
        body.put_u32(*keys);
        body.put_bool(*locked);
        body.put_u64(*since);
        body.put_u64(*next_lock);
        let mut frame = Vec::with_capacity(body.len() + 4);
        frame.put_string(&body);
        frame
    }

    /// Reads what follows the name in the answer.
    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self> {
        let code = reader.u8().map_err(Error::field("outcome"))?;
        let outcome = OUTCOMES.iter().find(|(known, _)| *known == code);
        let reason = reader.string().map_err(Error::field("reason"))?.to_vec();
        let status = StoreStatus {
            folder: reader.string().map_err(Error::field("folder"))?.to_vec(),
            keys: reader.u32().map_err(Error::field("keys"))?,
            locked: reader.bool().map_err(Error::field("locked"))?,
            since: reader.u64().map_err(Error::field("since"))?,
            next_lock: reader.u64().map_err(Error::field("next lock"))?,
        };
        reader.finish().map_err(Error::field("end of the reply"))?;
        Ok(Self { outcome: outcome.map_or(Outcome::Failed, |(_, it)| *it), reason, status })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::{Extension, Reply, Request};

    #[test]
    fn what_is_asked_arrives_unchanged() {
        for request in [
            StoreRequest::Lock(None),
            StoreRequest::Lock(Some(b"pass\xff")),
            StoreRequest::Unlock(b"pass"),
            StoreRequest::Unlock(b""),
            StoreRequest::Status,
        ] {
            let frame = Request::Extension(Extension::Store(request.clone())).encode().unwrap();
            let Request::Extension(Extension::Store(read)) = Request::decode(&frame[4..]).unwrap()
            else {
                panic!("another request")
            };
            assert!(read == request);
            assert!(!format!("{read:?}").contains("pass"));
        }
    }

    #[test]
    fn what_is_answered_arrives_unchanged() {
        for (_, outcome) in OUTCOMES {
            let status = StoreStatus {
                folder: b"/a b".to_vec(),
                keys: 3,
                locked: true,
                since: 7,
                next_lock: 9,
            };
            let reply = StoreReply { outcome, reason: b"because".to_vec(), status };
            let frame = reply.encode();
            assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Store(reply));
        }
    }

    #[test]
    fn an_operation_nobody_knows_is_refused() {
        let mut body = Vec::new();
        body.put_u8(9);
        body.put_string(b"");
        assert!(StoreRequest::decode(&mut Reader::new(&body)).is_err());
    }
}
