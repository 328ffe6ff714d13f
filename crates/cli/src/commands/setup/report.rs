//! What was done, for programs: one object with stable names; and how the command ends.

use std::path::PathBuf;

use keyfob_keys::{HashKind, PublicKey};
use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::super::install::{State, Step};
use crate::exit::Exit;
use crate::json;
use crate::voice::{shown, shown_path};

/// All of it.
#[derive(Serialize)]
pub(super) struct Report {
    ok: bool,
    dry_run: bool,
    pub(super) store: StoreReport,
    pub(super) keys: KeysReport,
    pub(super) start_up: StartUpReport,
    pub(super) test: TestReport,
    pub(super) hints: Vec<String>,
}

/// How a step went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Part {
    pub(super) state: State,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

#[derive(Serialize)]
pub(super) struct StoreReport {
    #[serde(flatten)]
    pub(super) part: Part,
    #[serde(serialize_with = "path")]
    pub(super) folder: Option<PathBuf>,
    #[serde(serialize_with = "path")]
    pub(super) recovery_file: Option<PathBuf>,
    #[serde(serialize_with = "code")]
    pub(super) recovery_code: Option<Zeroizing<String>>,
}

#[derive(Serialize)]
pub(super) struct KeysReport {
    #[serde(flatten)]
    pub(super) part: Part,
    pub(super) keys: Vec<KeyReport>,
}

#[derive(Serialize)]
pub(super) struct StartUpReport {
    #[serde(flatten)]
    pub(super) part: Part,
    pub(super) steps: Vec<Step>,
}

#[derive(Serialize)]
pub(super) struct TestReport {
    #[serde(flatten)]
    pub(super) part: Part,
    pub(super) host: Option<String>,
    /// The key that opened it.
    pub(super) fingerprint: Option<String>,
    /// Whether the agent signed, and not ssh with a file.
    pub(super) by_agent: Option<bool>,
}

/// How a key came to where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Origin {
    /// From a file into the store.
    Imported,
    /// It stays in its file.
    Linked,
    /// It was made.
    Generated,
    /// The store had it.
    Stored,
}

/// A key, and what became of it.
#[derive(Serialize)]
pub(crate) struct KeyReport {
    pub(crate) state: State,
    pub(crate) origin: Origin,
    /// Its private half, where that is a file.
    #[serde(serialize_with = "path")]
    pub(crate) file: Option<PathBuf>,
    /// What the store calls it.
    pub(crate) name: Option<String>,
    #[serde(serialize_with = "path")]
    pub(crate) public_file: Option<PathBuf>,
    /// Whether the public half is known to be this key's. Of a store that was not opened the walk
    /// has what its files say, and who can write to them would be let in by it.
    pub(crate) verified: bool,
    pub(crate) fingerprint: Option<String>,
    /// The public half in one line.
    pub(crate) public_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
}

impl Part {
    pub(super) fn new(state: State) -> Self {
        Self { state, why: None }
    }

    pub(super) fn because(state: State, why: impl Into<String>) -> Self {
        Self { state, why: Some(why.into()) }
    }
}

impl KeyReport {
    /// Nothing of it is known yet but how it came there.
    pub(super) fn new(state: State, origin: Origin) -> Self {
        let (file, name, public_file) = (None, None, None);
        let (fingerprint, public_key, why) = (None, None, None);
        let verified = origin != Origin::Stored;
        Self { state, origin, file, name, public_file, verified, fingerprint, public_key, why }
    }

    /// With its public half.
    #[must_use]
    pub(super) fn with_key(mut self, key: &PublicKey, comment: &[u8]) -> Self {
        self.fingerprint = Some(key.fingerprint(HashKind::Sha256).to_string());
        self.public_key = Some(shown(&key.to_line(comment)));
        self
    }
}

impl Report {
    pub(super) fn new(dry_run: bool) -> Self {
        let part = || Part::new(State::Left);
        let (folder, recovery_file, recovery_code) = (None, None, None);
        Self {
            ok: true,
            dry_run,
            store: StoreReport { part: part(), folder, recovery_file, recovery_code },
            keys: KeysReport { part: part(), keys: Vec::new() },
            start_up: StartUpReport { part: part(), steps: Vec::new() },
            test: TestReport { part: part(), host: None, fingerprint: None, by_agent: None },
            hints: Vec::new(),
        }
    }

    /// What a person can do.
    pub(super) fn hint(&mut self, hint: String) {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }

    /// The keys that a host can be told of, and are what they seem.
    pub(super) fn public_keys(&self) -> Vec<&KeyReport> {
        let told = |key: &&KeyReport| key.public_file.is_some() && key.verified;
        self.keys.keys.iter().filter(told).collect()
    }

    /// Whether all that was to be done was.
    pub(super) fn exit(&mut self) -> Exit {
        let parts = [&self.store.part, &self.keys.part, &self.start_up.part, &self.test.part];
        let states = parts.into_iter().map(|part| part.state);
        let mut states = states.chain(self.keys.keys.iter().map(|key| key.state));
        self.ok = !states.any(|state| state == State::Failed);
        if self.ok { Exit::Success } else { Exit::Failure }
    }

    pub(super) fn json(&self) -> Zeroizing<Vec<u8>> {
        json::document(self)
    }
}

fn path<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_deref().map(shown_path).serialize(serializer)
}

fn code<S: Serializer>(code: &Option<Zeroizing<String>>, serializer: S) -> Result<S::Ok, S::Error> {
    code.as_ref().map(|code| code.as_str()).serialize(serializer)
}
