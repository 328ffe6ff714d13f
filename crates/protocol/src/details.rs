//! `identities@keyfob`: what `keyfob list` shows beyond the plain listing.
//!
//! The plain listing has no room for a key's remaining life or its constraints, and a locked
//! agent answers it as an empty one would. This extension, of keyfob's own, tells all of that
//! to whoever may list the keys; it tells nothing that gives power over them.
//!
//! Request: the name, nothing else. Answer: `string name, byte locked, u32 count`, then per key
//! `string { string blob, string comment, bool confirm, u32 destinations, bool expires,
//! u32 seconds, byte place, bool proved, u32 idle }`, idle in seconds, 0 for none. A reader skips what it does not know at the end of a key's string, so a
//! later version can say more.

use keyfob_keys::wire::{Put as _, Reader};

use crate::error::Error;
use crate::limits::{MAX_FRAME, MAX_IDENTITIES};
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "identities@keyfob";

/// The state of an agent, as far as its lister may know it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// The agent is locked with a passphrase of its own; it then tells no keys.
    pub locked: bool,
    /// It is locked by the key store: the keys are told, and the first use asks for the store's
    /// passphrase.
    pub sealed: bool,
    /// The keys this connection may see, in the order they were added.
    pub identities: Vec<Detail>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// The blob of the public key or certificate.
    pub key_blob: Vec<u8>,
    /// For people, unescaped.
    pub comment: Vec<u8>,
    /// A person confirms each use.
    pub confirm: bool,
    /// How many destination constraints it has; 0 is "usable anywhere".
    pub destinations: u32,
    /// Seconds until the agent forgets it.
    pub expires_in: Option<u32>,
    /// Seconds without use after which it is forgotten.
    pub idle: Option<u32>,
    /// Where it is.
    pub place: Place,
    /// Whether that is so for certain. Of a key store that was not unlocked yet only its files say
    /// what is in it, and who can write to them can put another public key there.
    pub proved: bool,
}

/// Where a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the agent, until it is removed.
    Session,
    /// In an encrypted file the agent keeps.
    File {
        /// Whether the agent has a copy in use.
        open: bool,
    },
    /// In the key store.
    Store {
        /// Whether the agent has a copy in use.
        open: bool,
    },
}

impl Place {
    /// Whether the private half has to be fetched before the key can sign.
    #[must_use]
    pub fn is_away(self) -> bool {
        matches!(self, Self::Store { open: false } | Self::File { open: false })
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Session => 0,
            Self::Store { open: false } => 1,
            Self::Store { open: true } => 2,
            Self::File { open: false } => 3,
            Self::File { open: true } => 4,
        }
    }

    pub(crate) fn of_code(code: u8) -> Self {
        match code {
            1 => Self::Store { open: false },
            2 => Self::Store { open: true },
            3 => Self::File { open: false },
            4 => Self::File { open: true },
            _ => Self::Session,
        }
    }
}

const LOCKED: u8 = 1;
const SEALED: u8 = 2;

impl Details {
    /// The whole frame. Keys beyond the size of a frame are left out, as in the plain listing.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut frame = Vec::new();
        frame.put_u32(0);
        frame.put_u8(number::EXTENSION_RESPONSE);
        frame.put_string(NAME.as_bytes());
        frame.put_u8(match (self.locked, self.sealed) {
            (true, _) => LOCKED,
            (false, true) => SEALED,
            (false, false) => 0,
        });
        let count_at = frame.len();
        frame.put_u32(0);
        let mut count = 0_u32;
        for identity in self.identities.iter().take(MAX_IDENTITIES) {
            let one = identity.encode();
            // A shorter one behind it may still fit.
            if frame.len() + one.len() <= MAX_FRAME {
                frame.put_string(&one);
                count += 1;
            }
        }
        frame[count_at..count_at + 4].copy_from_slice(&count.to_be_bytes());
        // Bounded by MAX_FRAME above.
        let length = u32::try_from(frame.len() - 4).unwrap_or(u32::MAX);
        frame[..4].copy_from_slice(&length.to_be_bytes());
        frame
    }

    /// Reads what follows the name in the answer.
    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self> {
        let state = reader.u8().map_err(Error::field("locked"))?;
        let count = reader.u32().map_err(Error::field("number of keys"))?;
        if count as usize > MAX_IDENTITIES {
            return Err(Error::TooLarge { what: "keys in a listing", limit: MAX_IDENTITIES });
        }
        let mut identities = Vec::new();
        for _ in 0..count {
            let one = reader.string().map_err(Error::field("key"))?;
            identities.push(Detail::decode(Reader::new(one)).map_err(Error::field("key"))?);
        }
        reader.finish().map_err(Error::field("end of the reply"))?;
        Ok(Self { locked: state == LOCKED, sealed: state == SEALED, identities })
    }
}

impl Detail {
    fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_string(&self.key_blob);
        out.put_string(&self.comment);
        out.put_bool(self.confirm);
        out.put_u32(self.destinations);
        out.put_bool(self.expires_in.is_some());
        out.put_u32(self.expires_in.unwrap_or(0));
        out.put_u8(self.place.code());
        out.put_bool(self.proved);
        out.put_u32(self.idle.unwrap_or(0));
        out
    }

    fn decode(mut reader: Reader<'_>) -> keyfob_keys::Result<Self> {
        let key_blob = reader.string()?.to_vec();
        let comment = reader.string()?.to_vec();
        let confirm = reader.bool()?;
        let destinations = reader.u32()?;
        let expires = reader.bool()?;
        let seconds = reader.u32()?;
        let expires_in = expires.then_some(seconds);
        // An agent of before the store has none.
        let place = if reader.is_empty() { Place::Session } else { Place::of_code(reader.u8()?) };
        // Nor does an agent of before this was said prove what is in the store.
        let proved = if reader.is_empty() { place == Place::Session } else { reader.bool()? };
        // Nor of idle times.
        let idle = if reader.is_empty() { 0 } else { reader.u32()? };
        let idle = Some(idle).filter(|seconds| *seconds != 0);
        Ok(Self { key_blob, comment, confirm, destinations, expires_in, idle, place, proved })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::Reply;

    fn detail(size: usize) -> Detail {
        Detail {
            key_blob: vec![7; size],
            comment: b"\xff not UTF-8".to_vec(),
            confirm: true,
            destinations: 3,
            expires_in: Some(59),
            idle: Some(600),
            place: Place::Store { open: true },
            proved: true,
        }
    }

    #[test]
    fn what_the_agent_says_of_its_keys_arrives_unchanged() {
        let details = Details {
            locked: false,
            sealed: true,
            identities: vec![detail(40), Detail { expires_in: None, proved: false, ..detail(3) }],
        };
        let frame = details.encode();
        assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Details(details));
    }

    #[test]
    fn p7_the_answer_never_exceeds_a_frame_however_many_keys_there_are() {
        let details = Details { identities: vec![detail(4000); 100], ..Details::default() };
        let frame = details.encode();
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Details(read) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        assert!(read.identities.len() > 50);
    }

    /// Lost otherwise: one client hides the keys that were added after its own large one.
    #[test]
    fn what_does_not_fit_is_left_out_and_what_does_comes_all_the_same() {
        let identities = vec![detail(40), detail(MAX_FRAME), detail(50)];
        let frame = Details { identities, ..Details::default() }.encode();
        let Reply::Details(read) = Reply::decode(&frame[4..]).unwrap() else { panic!() };
        assert_eq!(read.identities, [detail(40), detail(50)]);
    }

    #[test]
    fn a_later_version_may_say_more_about_a_key() {
        let details = Details { locked: true, identities: vec![detail(4)], ..Details::default() };
        let mut one = details.identities[0].encode();
        one.extend_from_slice(b"more");
        assert_eq!(Detail::decode(Reader::new(&one)).unwrap(), details.identities[0]);
    }
}
