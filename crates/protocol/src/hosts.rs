//! `hosts@keyfob`: which key each host took, for `keyfob hosts` and `keyfob explain`.
//!
//! Only clients on this machine are told: it says where its person logs in. Hosts and keys are
//! named by the SHA-256 of their blobs; what the hosts are called the client looks up itself.
//!
//! Request: the name, then `byte 0` for everything that is remembered; `byte 1, bool all,
//! u32 count`, and the hosts to forget, each `string print`; or `byte 2, string user, u32 count`
//! and the names, `u32 count` and the host keys, to explain what this host would be offered.
//!
//! Answer: the name, then
//! - `byte 0, u32 total, u32 count`, then of each `string { string host, string user, string key,
//!   u64 seconds since 1970, bool there, string comment }`, the last used first;
//! - `byte 1, u32 count` of those forgotten;
//! - `byte 2, byte offer, u32 hidden, byte forwarded, u32 rule that says so, u32 count`, then of each
//!   rule `string { u32 number, string match, bool sure, bool keys, bool confirm, bool expires,
//!   u32 seconds }`, `u32 count`, then of each key `string { string key, string algorithm, string
//!   comment, byte why, u32 rule, string user, u64 used }`.

use keyfob_keys::wire::{Put as _, Reader};

use crate::error::Error;
use crate::limits::{
    MAX_COMMENT, MAX_EXPLAINED_HOSTS, MAX_HOST_NAME, MAX_IDENTITIES, MAX_STORE_TEXT, MAX_USER_NAME,
};
use crate::parts::{bytes, cut, many, parts, put_fitting, put_many};
use crate::{Result, number};

/// The extension's name.
pub const NAME: &str = "hosts@keyfob";

/// The SHA-256 of a key's blob.
pub type Print = [u8; 32];

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostsRequest {
    /// What is remembered?
    List,
    /// Forget everything.
    ForgetAll,
    /// Forget what these hosts took.
    Forget(Vec<Print>),
    /// What would this host be offered?
    Explain(Subject),
}

/// A host that may be logged in to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The account; empty when it is not known.
    pub user: Vec<u8>,
    /// What the host is called.
    pub names: Vec<Vec<u8>>,
    /// The keys it is known by.
    pub keys: Vec<Print>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostsReply {
    /// What is remembered, the last used first; of `total`, as many as fit.
    Remembered {
        /// How many there are.
        total: u32,
        /// Those that fit.
        hosts: Vec<Remembered>,
    },
    /// So many were forgotten.
    Forgotten(u32),
    /// What the host would be offered.
    Explained(Explained),
}

/// A host and an account whose key is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The host's key.
    pub host: Print,
    /// The account.
    pub user: Vec<u8>,
    /// The key it took.
    pub key: Print,
    /// When it was last used so, in seconds since 1970.
    pub used: u64,
    /// Its comment, if the agent has it; unescaped.
    pub comment: Option<Vec<u8>>,
}

/// What a host would be offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explained {
    /// The setting `offer`.
    pub offer: Offer,
    /// Keys that it would not be offered.
    pub hidden: u32,
    /// What becomes of requests that are forwarded there, and the number of the rule that says so;
    /// of several the strictest.
    pub forwarded: Option<(Forwarded, u32)>,
    /// The rules that decide, or may.
    pub rules: Vec<Rule>,
    /// The keys in their order.
    pub keys: Vec<Offered>,
}

/// A rule of the settings for this host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// Its place among the rules, counted from 1.
    pub number: u32,
    /// What it matches; unescaped.
    pub matches: Vec<u8>,
    /// It counts; otherwise that depends on the account, which is not known.
    pub sure: bool,
    /// It names the keys that may be used there.
    pub names_keys: bool,
    /// A person confirms each use there.
    pub confirm: bool,
    /// How many seconds a key stays after it was used there.
    pub lifetime: Option<u32>,
}

/// What becomes of requests that are forwarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forwarded {
    /// They are treated as local ones.
    Allow,
    /// A person confirms each.
    Ask,
    /// They are refused, and see no keys.
    Deny,
}

/// One key that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The key.
    pub key: Print,
    /// What kind of key.
    pub algorithm: Vec<u8>,
    /// For people, unescaped.
    pub comment: Vec<u8>,
    /// Why it has its place.
    pub why: Why,
}

/// Why a key has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// A rule of this number names it.
    Rule(u32),
    /// The host took it for this account, last at this time.
    Remembered {
        /// The account.
        user: Vec<u8>,
        /// In seconds since 1970.
        used: u64,
    },
    /// It was last used then.
    Used(u64),
    /// It was not used yet.
    Unused,
}

/// The setting `offer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Offer {
    /// What the host took first, then the others.
    #[default]
    KnownFirst,
    /// Only what it took.
    KnownOnly,
    /// All, in the order they were added.
    All,
}

const LIST: u8 = 0;
const FORGET: u8 = 1;
const EXPLAIN: u8 = 2;

impl HostsRequest {
    /// Reads what follows the name.
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Self> {
        let request = match reader.u8().map_err(Error::field("operation"))? {
            LIST => Self::List,
            FORGET => {
                let all = reader.bool().map_err(Error::field("all"))?;
                let hosts = many(reader, MAX_IDENTITIES, "hosts", print)?;
                if all { Self::ForgetAll } else { Self::Forget(hosts) }
            }
            EXPLAIN => Self::Explain(Subject {
                user: bytes(reader, MAX_USER_NAME, "user")?,
                names: many(reader, MAX_EXPLAINED_HOSTS, "names", |reader| {
                    bytes(reader, MAX_HOST_NAME, "name")
                })?,
                keys: many(reader, MAX_EXPLAINED_HOSTS, "host keys", print)?,
            }),
            _ => return Err(Error::Invalid { what: "operation", why: "it is not known" }),
        };
        reader.finish().map_err(Error::field("end of the request"))?;
        Ok(request)
    }

    /// Writes the whole extension, name included.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        out.put_string(NAME.as_bytes());
        match self {
            Self::List => out.put_u8(LIST),
            Self::ForgetAll => {
                out.put_u8(FORGET);
                out.put_bool(true);
                out.put_u32(0);
            }
            Self::Forget(hosts) => {
                out.put_u8(FORGET);
                out.put_bool(false);
                put_many(out, hosts, |out, host| out.put_string(host));
            }
            Self::Explain(Subject { user, names, keys }) => {
                out.put_u8(EXPLAIN);
                out.put_string(user);
                put_many(out, names, |out, name| out.put_string(name));
                put_many(out, keys, |out, key| out.put_string(key));
            }
        }
    }

    pub(crate) fn encoded_len(&self) -> usize {
        let mut out = Vec::new();
        self.encode(&mut out);
        out.len()
    }
}

impl HostsReply {
    /// The whole frame.
    #[must_use]
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut body = vec![number::EXTENSION_RESPONSE];
        body.put_string(NAME.as_bytes());
        match self {
            Self::Remembered { total, hosts } => {
                body.put_u8(LIST);
                body.put_u32(*total);
                put_fitting(&mut body, hosts, Remembered::encode);
            }
            Self::Forgotten(count) => {
                body.put_u8(FORGET);
                body.put_u32(*count);
            }
            Self::Explained(Explained { offer, hidden, forwarded, rules, keys }) => {
                body.put_u8(EXPLAIN);
                body.put_u8(match offer {
                    Offer::KnownFirst => 0,
                    Offer::KnownOnly => 1,
                    Offer::All => 2,
                });
                body.put_u32(*hidden);
                Forwarded::encode(*forwarded, &mut body);
                put_fitting(&mut body, rules, Rule::encode);
                put_fitting(&mut body, keys, Offered::encode);
            }
        }
        let mut frame = Vec::with_capacity(body.len() + 4);
        frame.put_string(&body);
        frame
    }

    /// Reads what follows the name in the answer.
    pub(crate) fn decode(mut reader: Reader<'_>) -> Result<Self> {
        let reader = &mut reader;
        let reply = match reader.u8().map_err(Error::field("kind of answer"))? {
            LIST => Self::Remembered {
                total: reader.u32().map_err(Error::field("number of hosts"))?,
                hosts: parts(reader, "host", Remembered::decode)?,
            },
            FORGET => Self::Forgotten(reader.u32().map_err(Error::field("number of hosts"))?),
            EXPLAIN => Self::Explained(Explained {
                offer: match reader.u8().map_err(Error::field("offer"))? {
                    1 => Offer::KnownOnly,
                    2 => Offer::All,
                    _ => Offer::KnownFirst,
                },
                hidden: reader.u32().map_err(Error::field("hidden"))?,
                forwarded: Forwarded::decode(reader)?,
                rules: parts(reader, "rule", Rule::decode)?,
                keys: parts(reader, "key", Offered::decode)?,
            }),
            _ => return Err(Error::Invalid { what: "kind of answer", why: "it is not known" }),
        };
        reader.finish().map_err(Error::field("end of the reply"))?;
        Ok(reply)
    }
}

impl Remembered {
    fn encode(&self) -> Vec<u8> {
        let mut one = Vec::new();
        one.put_string(&self.host);
        one.put_string(cut(&self.user, MAX_USER_NAME));
        one.put_string(&self.key);
        one.put_u64(self.used);
        one.put_bool(self.comment.is_some());
        one.put_string(cut(self.comment.as_deref().unwrap_or_default(), MAX_COMMENT));
        one
    }

    fn decode(one: &mut Reader<'_>) -> Result<Self> {
        let (host, user) = (print(one)?, bytes(one, MAX_USER_NAME, "user")?);
        let (key, used) = (print(one)?, one.u64().map_err(Error::field("time"))?);
        let is_there = one.bool().map_err(Error::field("there"))?;
        let comment = bytes(one, MAX_COMMENT, "comment")?;
        Ok(Self { host, user, key, used, comment: is_there.then_some(comment) })
    }
}

impl Rule {
    fn encode(&self) -> Vec<u8> {
        let mut one = Vec::new();
        one.put_u32(self.number);
        one.put_string(cut(&self.matches, MAX_STORE_TEXT));
        one.put_bool(self.sure);
        one.put_bool(self.names_keys);
        one.put_bool(self.confirm);
        one.put_bool(self.lifetime.is_some());
        one.put_u32(self.lifetime.unwrap_or(0));
        one
    }

    fn decode(one: &mut Reader<'_>) -> Result<Self> {
        let number = one.u32().map_err(Error::field("rule"))?;
        let matches = bytes(one, MAX_STORE_TEXT, "match")?;
        let mut flag = |what| one.bool().map_err(Error::field(what));
        let (sure, names_keys) = (flag("sure")?, flag("keys")?);
        let (confirm, expires) = (flag("confirm")?, flag("expires")?);
        let seconds = one.u32().map_err(Error::field("lifetime"))?;
        let lifetime = expires.then_some(seconds);
        Ok(Self { number, matches, sure, names_keys, confirm, lifetime })
    }
}

impl Forwarded {
    fn encode(said: Option<(Self, u32)>, out: &mut Vec<u8>) {
        out.put_u8(match said {
            None => 0,
            Some((Self::Allow, _)) => 1,
            Some((Self::Ask, _)) => 2,
            Some((Self::Deny, _)) => 3,
        });
        out.put_u32(said.map_or(0, |(_, rule)| rule));
    }

    fn decode(reader: &mut Reader<'_>) -> Result<Option<(Self, u32)>> {
        let word = reader.u8().map_err(Error::field("forwarded"))?;
        let rule = reader.u32().map_err(Error::field("rule"))?;
        Ok(match word {
            0 => None,
            1 => Some((Self::Allow, rule)),
            2 => Some((Self::Ask, rule)),
            3 => Some((Self::Deny, rule)),
            // What is stricter than is known must not be told as nothing.
            _ => return Err(Error::Invalid { what: "forwarded", why: "it is not known" }),
        })
    }
}

impl Offered {
    fn encode(&self) -> Vec<u8> {
        let mut one = Vec::new();
        one.put_string(&self.key);
        one.put_string(&self.algorithm);
        one.put_string(cut(&self.comment, MAX_COMMENT));
        let nobody: &[u8] = b"";
        let (why, rule, user, used) = match &self.why {
            Why::Unused => (0, 0, nobody, 0),
            Why::Used(used) => (1, 0, nobody, *used),
            Why::Remembered { user, used } => (2, 0, &**user, *used),
            Why::Rule(rule) => (3, *rule, nobody, 0),
        };
        one.put_u8(why);
        one.put_u32(rule);
        one.put_string(cut(user, MAX_USER_NAME));
        one.put_u64(used);
        one
    }

    fn decode(one: &mut Reader<'_>) -> Result<Self> {
        let key = print(one)?;
        let algorithm = bytes(one, MAX_STORE_TEXT, "algorithm")?;
        let comment = bytes(one, MAX_COMMENT, "comment")?;
        let why = one.u8().map_err(Error::field("reason"))?;
        let rule = one.u32().map_err(Error::field("rule"))?;
        let user = bytes(one, MAX_USER_NAME, "user")?;
        let used = one.u64().map_err(Error::field("time"))?;
        let why = match why {
            1 => Why::Used(used),
            2 => Why::Remembered { user, used },
            3 => Why::Rule(rule),
            _ => Why::Unused,
        };
        Ok(Self { key, algorithm, comment, why })
    }
}

fn print(reader: &mut Reader<'_>) -> Result<Print> {
    let bytes = reader.string().map_err(Error::field("fingerprint"))?;
    let wrong = Error::Invalid { what: "fingerprint", why: "it has not 32 bytes" };
    bytes.try_into().map_err(|_| wrong)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
mod tests {
    use super::*;
    use crate::limits::MAX_FRAME;
    use crate::{Extension, Reply, Request};

    fn remembered(used: u64) -> Remembered {
        let comment = (used != 2).then(|| b"me@work".to_vec());
        Remembered { host: [1; 32], user: b"root".to_vec(), key: [2; 32], used, comment }
    }

    #[test]
    fn what_is_asked_arrives_unchanged() {
        let subject = Subject {
            user: b"git".to_vec(),
            names: vec![b"a.org".to_vec(), b"[a.org]:2222".to_vec()],
            keys: vec![[3; 32]],
        };
        for asked in [
            HostsRequest::List,
            HostsRequest::ForgetAll,
            HostsRequest::Forget(vec![[4; 32], [5; 32]]),
            HostsRequest::Explain(subject),
            HostsRequest::Explain(Subject::default()),
        ] {
            let request = Request::Extension(Extension::Hosts(asked.clone()));
            let frame = request.encode().unwrap();
            let Ok(Request::Extension(Extension::Hosts(read))) = Request::decode(&frame[4..])
            else {
                panic!("{asked:?}")
            };
            assert_eq!(read, asked);
            for end in 4..frame.len() {
                assert!(
                    !matches!(
                        Request::decode(&frame[4..end]),
                        Ok(Request::Extension(Extension::Hosts(_)))
                    ),
                    "cut at {end}"
                );
            }
        }
    }

    #[test]
    fn what_is_answered_arrives_unchanged() {
        let whys = [
            Why::Rule(3),
            Why::Remembered { user: b"root".to_vec(), used: 7 },
            Why::Used(9),
            Why::Unused,
        ];
        let key = |why| Offered {
            key: [6; 32],
            algorithm: b"ssh-ed25519".to_vec(),
            comment: b"me \xff".to_vec(),
            why,
        };
        let rule = |number, names_keys: bool| Rule {
            number,
            matches: b"*.org".to_vec(),
            sure: !names_keys,
            names_keys,
            confirm: number == 3,
            lifetime: names_keys.then_some(60),
        };
        let explained = Explained {
            offer: Offer::KnownOnly,
            hidden: 4,
            forwarded: Some((Forwarded::Deny, 3)),
            rules: vec![rule(3, true), rule(4, false), rule(5, true)],
            keys: whys.map(key).to_vec(),
        };
        let forwarding = |word| Explained { forwarded: Some((word, 1)), ..Explained::default() };
        for reply in [
            HostsReply::Remembered { total: 2, hosts: vec![remembered(1), remembered(2)] },
            HostsReply::Forgotten(3),
            HostsReply::Explained(explained),
            HostsReply::Explained(Explained::default()),
            HostsReply::Explained(forwarding(Forwarded::Allow)),
            HostsReply::Explained(forwarding(Forwarded::Ask)),
        ] {
            let frame = reply.encode();
            assert_eq!(Reply::decode(&frame[4..]).unwrap(), Reply::Hosts(reply));
            for end in 4..frame.len() {
                assert!(Reply::decode(&frame[4..end]).is_err(), "cut at {end}");
            }
        }
    }

    #[test]
    fn a_word_on_forwarding_that_is_not_known_is_no_answer() {
        let mut frame = HostsReply::Explained(Explained::default()).encode();
        // Behind it are the rule and the two counts.
        let place = frame.len() - 13;
        for (word, is_known) in [(0, true), (3, true), (4, false), (255, false)] {
            frame[place] = word;
            assert_eq!(Reply::decode(&frame[4..]).is_ok(), is_known, "{word}");
        }
    }

    #[test]
    fn p7_the_answer_fits_a_frame_and_says_how_many_there_are() {
        let hosts: Vec<_> = (0..4096)
            .map(|used| Remembered { user: vec![b'u'; 400], ..remembered(used) })
            .collect();
        let frame = HostsReply::Remembered { total: 4096, hosts }.encode();
        assert!(frame.len() <= MAX_FRAME + 4);
        let Reply::Hosts(HostsReply::Remembered { total, hosts }) =
            Reply::decode(&frame[4..]).unwrap()
        else {
            panic!()
        };
        assert!(total == 4096 && hosts.len() > 400, "{}", hosts.len());
    }
}
