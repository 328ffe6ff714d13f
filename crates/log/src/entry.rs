//! What one line tells.

use crate::json::Json;
use crate::limits::{MAX_HOSTS, MAX_NAME, MAX_NAMES, MAX_PROCESSES, MAX_TEXT};
use crate::time;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A file or a run begins; written by the log itself.
    Begin,
    /// The agent ended in order.
    End,
    /// So many lines could not be written.
    Lost,
    /// A signature was made.
    Signed,
    /// Something was refused.
    Refused,
    /// A key was added.
    Added,
    /// A key was added again.
    Replaced,
    /// A key was removed, or all.
    Removed,
    /// A key's time was up.
    Expired,
    /// Everything was locked, or the key store.
    Locked,
    /// And unlocked.
    Unlocked,
    /// A wrong passphrase.
    UnlockFailed,
    /// What is remembered of hosts was forgotten.
    Forgotten,
    /// A person is asked.
    Asked,
    /// What came of it.
    Answered,
    /// A screen was given the right to answer.
    Claimed,
}

impl Event {
    /// As a line has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::End => "end",
            Self::Lost => "lost",
            Self::Signed => "signed",
            Self::Refused => "refused",
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Removed => "removed",
            Self::Expired => "expired",
            Self::Locked => "locked",
            Self::Unlocked => "unlocked",
            Self::UnlockFailed => "unlock-failed",
            Self::Forgotten => "forgotten",
            Self::Asked => "asked",
            Self::Answered => "answered",
            Self::Claimed => "claimed",
        }
    }
}

/// One event. Never a secret, never what was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What happened.
    pub event: Event,
    /// With which key.
    pub key: Option<Key>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// The hosts the request came over, the nearest first.
    pub via: Vec<Host>,
    /// It came from beyond this machine, or must be treated so.
    pub remote: bool,
    /// The client's process first, then its parents.
    pub requester: Vec<Process>,
    /// What came of it, or how: a word.
    pub outcome: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// How many.
    pub count: Option<u64>,
    /// SHA-256 of what was signed.
    pub digest: Option<[u8; 32]>,
}

/// A key by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its comment, as it came.
    pub name: Vec<u8>,
    /// `ED25519`, `RSA`, …
    pub kind: String,
    /// `SHA256:…`
    pub fingerprint: String,
}

/// A host by its names and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// What known hosts files call it.
    pub names: Vec<String>,
    /// The fingerprint of its key.
    pub host_key: String,
}

/// What a signature is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To log in.
    Login {
        /// As whom, as it came.
        user: Vec<u8>,
        /// Where, where that is proved.
        host: Option<Host>,
    },
    /// A signed file, commit or message.
    Signature {
        /// `git`, `file`, …, as it came.
        namespace: Vec<u8>,
        /// The folder of the repository, as it is.
        repository: Option<Vec<u8>>,
    },
    /// Not recognised.
    Unknown,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// When it started, in the kernel's ticks since boot.
    pub start: u64,
    /// The program's file, as it is.
    pub program: Option<Vec<u8>>,
}

impl Entry {
    /// Nothing but that it happened.
    pub fn new(event: Event) -> Self {
        Self {
            event,
            key: None,
            purpose: None,
            via: Vec::new(),
            remote: false,
            requester: Vec::new(),
            outcome: None,
            reason: None,
            count: None,
            digest: None,
        }
    }

    /// The bytes of its line up to the hash.
    pub(crate) fn body(&self, seq: u64, millis: u64) -> Vec<u8> {
        let mut json = start(seq, millis, self.event);
        if let Some(outcome) = &self.outcome {
            json.text("outcome", outcome.as_bytes(), MAX_TEXT);
        }
        if let Some(reason) = &self.reason {
            json.text("reason", reason.as_bytes(), MAX_TEXT);
        }
        if let Some(count) = self.count {
            json.number("count", count);
        }
        if let Some(key) = &self.key {
            json.inside("key", |json| {
                json.text("name", &key.name, MAX_TEXT);
                json.text("type", key.kind.as_bytes(), MAX_NAME);
                json.text("fingerprint", key.fingerprint.as_bytes(), MAX_NAME);
            });
        }
        if let Some(purpose) = &self.purpose {
            json.inside("purpose", |json| purpose.write(json));
            json.flag("remote", self.remote);
        }
        if !self.via.is_empty() {
            json.list("via", self.via.iter().take(MAX_HOSTS), |json, host| host.write(json));
        }
        if !self.requester.is_empty() {
            let chain = self.requester.iter().take(MAX_PROCESSES);
            json.list("requester", chain, |json, process| process.write(json));
        }
        if let Some(digest) = &self.digest {
            json.text("digest", base16ct::lower::encode_string(digest).as_bytes(), MAX_NAME);
        }
        json.finish()
    }
}

/// What every line begins with.
pub(crate) fn start(seq: u64, millis: u64, event: Event) -> Json {
    let mut json = Json::object();
    json.number("seq", seq);
    json.text("time", time::format(millis).as_bytes(), time::LEN);
    json.text("event", event.name().as_bytes(), MAX_NAME);
    json
}

impl Purpose {
    fn write(&self, json: &mut Json) {
        match self {
            Self::Login { user, host } => {
                json.text("kind", b"login", MAX_NAME);
                json.text("user", user, MAX_TEXT);
                if let Some(host) = host {
                    json.inside("host", |json| host.write(json));
                }
            }
            Self::Signature { namespace, repository } => {
                json.text("kind", b"signature", MAX_NAME);
                json.text("namespace", namespace, MAX_TEXT);
                if let Some(repository) = repository {
                    json.text("repository", repository, MAX_TEXT);
                }
            }
            Self::Unknown => json.text("kind", b"unknown", MAX_NAME),
        }
    }
}

impl Host {
    fn write(&self, json: &mut Json) {
        json.texts("names", self.names.iter().take(MAX_NAMES), MAX_NAME);
        json.text("key", self.host_key.as_bytes(), MAX_NAME);
    }
}

impl Process {
    fn write(&self, json: &mut Json) {
        json.number("pid", self.pid.into());
        json.number("start", self.start);
        if let Some(program) = &self.program {
            json.text("program", program, MAX_TEXT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_LINE;

    /// Lost otherwise: a reader refuses what a hostile server made the agent write.
    #[test]
    fn the_longest_line_is_one_that_readers_take() {
        let text = || vec![0x1b; 100_000];
        let name = || String::from_utf8(vec![0x1b; 1000]).unwrap();
        let host = || Host { names: vec![name(); 50], host_key: name() };
        let entry = Entry {
            key: Some(Key { name: text(), kind: name(), fingerprint: name() }),
            purpose: Some(Purpose::Login { user: text(), host: Some(host()) }),
            via: (0..100).map(|_| host()).collect(),
            requester: vec![Process { pid: u32::MAX, start: u64::MAX, program: Some(text()) }; 99],
            outcome: Some(name()),
            reason: Some(name()),
            count: Some(u64::MAX),
            digest: Some([255; 32]),
            ..Entry::new(Event::UnlockFailed)
        };
        let body = entry.body(u64::MAX, u64::MAX);
        assert!(body.is_ascii() && body.len() + 100 < MAX_LINE, "{}", body.len());
    }
}
