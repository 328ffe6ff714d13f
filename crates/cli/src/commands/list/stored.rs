//! The keys of the store: as a locked one shows them, or proved and with their rules.

use std::path::PathBuf;

use anstyle::Style;
use keyfob_config::env::Environment;
use keyfob_keys::{HashKind, PublicKey};
use keyfob_keystore::{Content, Kind, Listed, Name, Store, Terms, Unlocked};
use keyfob_sys::hardening;
use serde::Serialize;
use zeroize::Zeroizing;

use super::table;
use crate::exit::Exit;
use crate::json;
use crate::key_store::{KeyStore, failed};
use crate::passphrases::Source;
use crate::voice::{listing as words, shown, shown_path};
use crate::{columns, output, period};

/// The place of its column.
const FINGERPRINT: usize = 3;

/// The state of what only the disk tells of.
const UNVERIFIED: &str = "unverified";

/// What is shown and how.
pub(crate) struct ListStored {
    /// Where the passphrase comes from, if the store is to be unlocked.
    pub(crate) passphrase: Option<Source>,
    /// Whether as JSON.
    pub(crate) json: bool,
    /// The hash of fingerprints.
    pub(crate) hash: HashKind,
}

/// One item.
struct Entry {
    name: Name,
    kind: Kind,
    key: Option<PublicKey>,
    certified: bool,
    comment: Vec<u8>,
    public_file: PathBuf,
    /// Known when it was unlocked.
    proved: Option<Proved>,
}

struct Proved {
    terms: Terms,
    created: u64,
    link: Option<PathBuf>,
}

#[derive(Serialize)]
struct Document {
    store: String,
    /// Whether what follows is proved, or only what the disk says.
    verified: bool,
    keys: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    kind: &'static str,
    r#type: Option<&'static str>,
    bits: Option<u32>,
    fingerprint: Option<String>,
    comment: String,
    certificate: bool,
    public_file: String,
    linked_file: Option<String>,
    /// Seconds since 1970.
    created: Option<u64>,
    lifetime: Option<u32>,
    idle: Option<u32>,
    confirm: Option<bool>,
    destinations: Option<Vec<String>>,
}

impl ListStored {
    /// Prints them.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        self.list(environment).err().unwrap_or(Exit::Success)
    }

    fn list(&self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, self.passphrase.as_ref().unwrap_or(&Source::Person))?;
        let (store, entries) = if self.passphrase.is_some() {
            let _ = hardening::protect_process();
            let unlocked = store.unlock()?;
            (unlocked.store().clone(), proved(&unlocked))
        } else {
            let store = store.locked()?;
            let listed = store.list().map_err(|error| failed(&error))?;
            let entries = listed.into_iter().map(|item| Entry::listed(&store, item)).collect();
            (store, entries)
        };
        if self.json {
            output::data(&self.document(&store, &entries));
        } else if entries.is_empty() {
            words::store_is_empty(store.folder());
        } else {
            output::data(self.table(&entries).as_bytes());
            if self.passphrase.is_none() {
                words::unverified();
            }
        }
        Ok(())
    }

    fn table(&self, entries: &[Entry]) -> String {
        let proved = self.passphrase.is_some();
        let mut headings = vec!["NAME", "KIND", "TYPE", "FINGERPRINT", "COMMENT"];
        headings.push(if proved { "LIFE" } else { "STATE" });
        if proved {
            headings.extend(["RULES", "FILE"]);
        }
        let mut rows = vec![headings.into_iter().map(str::to_owned).collect()];
        rows.extend(entries.iter().map(|entry| self.row(entry)));
        columns::table_of_keys(&rows, FINGERPRINT, |_, cell| match cell {
            UNVERIFIED => table::look(cell),
            _ => Style::new(),
        })
    }

    fn row(&self, entry: &Entry) -> Vec<String> {
        let dash = || "-".to_owned();
        let key = entry.key.as_ref();
        let kind = key.map(|key| {
            let certified = if entry.certified { " +cert" } else { "" };
            format!("{} {}{certified}", key.short_name(), key.bits())
        });
        let fingerprint = key.map(|key| key.fingerprint(self.hash).to_string());
        let mut cells = vec![
            entry.name.to_string(),
            kind_word(entry.kind).to_owned(),
            kind.unwrap_or_else(dash),
            fingerprint.unwrap_or_else(dash),
            shown(&entry.comment),
        ];
        match &entry.proved {
            None => cells.push(UNVERIFIED.to_owned()),
            Some(proved) => {
                cells.push(proved.terms.lifetime.map_or_else(dash, period::brief));
                cells.push(rules(&proved.terms));
                cells.push(proved.link.as_deref().map_or_else(dash, shown_path));
            }
        }
        cells
    }

    fn document(&self, store: &Store, entries: &[Entry]) -> Zeroizing<Vec<u8>> {
        let keys = entries.iter().map(|entry| self.json_row(entry)).collect();
        let document = Document {
            store: shown_path(store.folder()),
            verified: self.passphrase.is_some(),
            keys,
        };
        json::document(&document)
    }

    fn json_row(&self, entry: &Entry) -> Row {
        let key = entry.key.as_ref();
        let proved = entry.proved.as_ref();
        Row {
            name: entry.name.to_string(),
            kind: kind_word(entry.kind),
            r#type: key.map(PublicKey::type_name),
            bits: key.map(PublicKey::bits),
            fingerprint: key.map(|key| key.fingerprint(self.hash).to_string()),
            comment: shown(&entry.comment),
            certificate: entry.certified,
            public_file: shown_path(&entry.public_file),
            linked_file: proved.and_then(|proved| proved.link.as_deref()).map(shown_path),
            created: proved.map(|proved| proved.created),
            lifetime: proved.and_then(|proved| proved.terms.lifetime),
            idle: proved.and_then(|proved| proved.terms.idle),
            confirm: proved.map(|proved| proved.terms.confirm),
            destinations: proved.map(|proved| hosts(&proved.terms)),
        }
    }
}

impl Entry {
    fn listed(store: &Store, item: Listed) -> Self {
        Self {
            public_file: store.public_file(&item.name),
            name: item.name,
            kind: item.kind,
            key: item.public,
            certified: item.certificate.is_some(),
            comment: item.comment,
            proved: None,
        }
    }
}

fn proved(store: &Unlocked) -> Vec<Entry> {
    let items = store.items().into_iter();
    items
        .map(|item| {
            let link = match (item.kind, store.open(&item.name)) {
                (Kind::Reference, Ok((_, Content::Reference { path, .. }))) => Some(path),
                _ => None,
            };
            let facts = item.facts;
            Entry {
                public_file: store.store().public_file(&item.name),
                name: item.name,
                kind: item.kind,
                key: facts.public,
                certified: facts.certificate.is_some(),
                comment: facts.comment,
                proved: Some(Proved { terms: facts.terms, created: facts.created, link }),
            }
        })
        .collect()
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Key => "stored",
        Kind::Reference => "linked",
        Kind::Secret => "secret",
        _ => "other",
    }
}

fn hosts(terms: &Terms) -> Vec<String> {
    terms.destinations.iter().map(|it| shown(&it.text)).collect()
}

fn rules(terms: &Terms) -> String {
    let mut words = Vec::new();
    if terms.confirm {
        words.push("confirm".to_owned());
    }
    if let Some(seconds) = terms.idle {
        words.push(format!("unused {}", period::brief(seconds)));
    }
    if !terms.destinations.is_empty() {
        words.push(format!("only {}", hosts(terms).join(", ")));
    }
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}
