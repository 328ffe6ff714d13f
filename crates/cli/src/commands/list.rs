//! Shows what the agent holds: a table for people, JSON for scripts, and the
//! two forms of `ssh-add`.

mod json;
mod stored;
mod table;

use keyfob_config::env::Environment;
use keyfob_keys::{HashKind, PublicKey};
use keyfob_protocol::details::{Detail, Place};

use crate::connection::{Connection, Error};
use crate::exit::Exit;
use crate::voice::{Voice, raw_data};
use crate::{finding, output, text};

pub(crate) use stored::ListStored;

/// What is shown and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    /// Whose words.
    pub(crate) voice: Voice,
    /// In which form.
    pub(crate) form: Form,
    /// The hash of fingerprints.
    pub(crate) hash: HashKind,
}

/// The forms of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A table.
    Table,
    /// JSON.
    Json,
    /// `ssh-add -l`: bits, fingerprint, comment, type.
    Fingerprints,
    /// `ssh-add -L`: public keys as in their files.
    PublicKeys,
}

/// What is known of the agent's keys.
pub(crate) struct Listing {
    /// Only keyfob's agent says so; others look empty.
    locked: bool,
    keys: Vec<Shown>,
}

/// One key.
struct Shown {
    blob: Vec<u8>,
    comment: Vec<u8>,
    /// `None` for a type that is not known here.
    key: Option<PublicKey>,
    terms: Option<Terms>,
}

/// What only keyfob's agent tells of a key.
struct Terms {
    confirm: bool,
    destinations: u32,
    expires_in: Option<u32>,
    idle: Option<u32>,
    place: Place,
    /// The agent has it, sealed under the key store.
    sealed: bool,
    proved: bool,
}

impl List {
    /// Asks and prints.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let mut connection = match finding::connect(environment, self.voice) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        let listing = match self.ask(&mut connection) {
            Ok(listing) => listing,
            Err(error) => {
                self.voice.unlisted(&error);
                return Exit::Failure;
            }
        };
        if self.form == Form::Json {
            output::data(&json::of(&listing, self.hash));
        } else if listing.keys.is_empty() {
            self.voice.nothing_listed(listing.locked);
        } else {
            self.print(&listing);
        }
        if listing.keys.is_empty() { Exit::Failure } else { Exit::Success }
    }

    fn ask(self, connection: &mut Connection) -> Result<Listing, Error> {
        // `ssh-add` asks what it always asked: it must work with every agent
        // and look the same to it.
        let details = match self.voice {
            Voice::Keyfob => connection.details()?,
            Voice::OpenSsh => None,
        };
        if let Some(details) = details {
            let (locked, sealed) = (details.locked, details.sealed);
            let keys = details.identities.into_iter();
            let keys = keys.map(|detail| Shown::with_terms(detail, sealed)).collect();
            return Ok(Listing { locked, keys });
        }
        let identities = connection.identities()?.into_iter();
        let keys =
            identities.map(|identity| Shown::new(identity.key_blob, identity.comment)).collect();
        Ok(Listing { locked: false, keys })
    }

    fn print(self, listing: &Listing) {
        match self.form {
            Form::Table | Form::Json => output::data(table::of(listing, self.hash).as_bytes()),
            Form::Fingerprints => listing.known().for_each(|(key, comment)| {
                let head = format!("{} {} ", key.bits(), key.fingerprint(self.hash));
                let kind = format!(" ({})", key.short_name());
                output::data_line(text![head, raw_data(comment), kind]);
            }),
            Form::PublicKeys => listing.known().for_each(|(key, comment)| {
                // The blank stands there even before no comment at all.
                output::data_line(text![key.to_line(b""), " ", raw_data(comment)]);
            }),
        }
    }
}

impl Listing {
    /// Keys of a known type: `ssh-add` skips the others without a word.
    fn known(&self) -> impl Iterator<Item = (&PublicKey, &[u8])> {
        self.keys.iter().filter_map(|shown| Some((shown.key.as_ref()?, shown.comment.as_slice())))
    }
}

impl Shown {
    fn new(blob: Vec<u8>, comment: Vec<u8>) -> Self {
        Self { key: PublicKey::from_blob(&blob).ok(), blob, comment, terms: None }
    }

    fn with_terms(detail: Detail, sealed: bool) -> Self {
        let terms = Terms {
            confirm: detail.confirm,
            destinations: detail.destinations,
            expires_in: detail.expires_in,
            idle: detail.idle,
            place: detail.place,
            sealed: sealed && !detail.place.is_away(),
            proved: detail.proved,
        };
        Self { terms: Some(terms), ..Self::new(detail.key_blob, detail.comment) }
    }

    /// The type's name, even of a type that is not known here.
    fn type_name(&self) -> String {
        match &self.key {
            Some(key) => key.type_name().to_owned(),
            None => {
                let name = keyfob_keys::wire::Reader::new(&self.blob).string().unwrap_or_default();
                crate::voice::shown(&name[..name.len().min(64)])
            }
        }
    }
}
