//! From files to keys in the store: each is read, then those that are new are sealed.
//!
//! Says what became of each file; how that is told is for the commands.

use std::borrow::BorrowMut;
use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_keyfile::{Limits, PrivateFile};
use keyfob_keystore::{Content, Facts, Name, New, Terms, Unlocked};

use super::Row;
use super::places::Candidate;
use super::reading::{self, Found};
use crate::exit::Exit;
use crate::key_store::{self, Names};
use crate::passphrases::{Passphrases, Source};
use crate::voice::importing::{self as words, Why};
use crate::voice::{Voice, rewriting};

/// Keys that are sealed and written together, between two looks at the clock.
const BATCH: usize = 32;

/// Files to be taken in.
pub(crate) struct Intake<'a> {
    /// Where they are.
    pub(crate) candidates: &'a [Candidate],
    /// Where their passphrases come from.
    pub(crate) passphrase: &'a Source,
    /// How much work a file may make.
    pub(crate) limits: Limits,
}

impl Intake<'_> {
    /// Reads them all, and puts their keys into the store, which is opened when there is one.
    pub(crate) fn take<S: BorrowMut<Unlocked>>(
        &self,
        environment: &Environment,
        open: impl FnOnce() -> Result<S, Exit>,
    ) -> Result<Vec<Row>, Exit> {
        let mut passphrases = self.passphrases(environment)?;
        let mut rows = Vec::new();
        let mut files = Vec::new();
        let progress = words::progress(self.candidates.len());
        for (at, candidate) in self.candidates.iter().enumerate() {
            let Found { row, file } = reading::read(candidate, &mut passphrases, &progress);
            files.extend(file.map(|file| (rows.len(), file)));
            rows.push(row);
            progress.set(share(at + 1, self.candidates.len()));
        }
        drop(progress);
        if !files.is_empty() {
            take(open()?.borrow_mut(), files, &mut rows);
        }
        Ok(rows)
    }

    fn passphrases(&self, environment: &Environment) -> Result<Passphrases, Exit> {
        let passphrases = Passphrases::new(environment, Voice::Keyfob).within(self.limits);
        passphrases.remembering_all().from(self.passphrase).map_err(|error| {
            rewriting::no_passphrase_in(self.passphrase, &error);
            Exit::Failure
        })
    }
}

/// Puts keys into the store, and into the rows what came of it.
fn take(store: &mut Unlocked, files: Vec<(usize, PrivateFile)>, rows: &mut [Row]) {
    let mut names = Names::of(store);
    let mut known = key_store::public_keys(store);
    let mut new = Vec::new();
    for (at, file) in files {
        let Some(row) = rows.get_mut(at) else {
            continue;
        };
        let public = file.key.public().plain();
        if let Some((_, name)) = known.iter().find(|(key, _)| *key == public) {
            row.outcome = Err(Why::There(name.clone()));
            continue;
        }
        let comment = key_store::comment_of(&file, Some(&row.path));
        let Some(name) = names.free(Some(&row.path), &comment) else {
            row.outcome = Err(Why::NoName);
            continue;
        };
        known.push((public, name.clone()));
        row.comment.clone_from(&comment);
        row.outcome = Ok(name.clone());
        new.push((at, item(&file, name, comment, &row.path)));
    }
    let count = new.len();
    let progress = words::storing_progress(count);
    let mut done = 0;
    let mut new = new.into_iter();
    loop {
        let (places, batch): (Vec<usize>, Vec<New>) = new.by_ref().take(BATCH).unzip();
        if batch.is_empty() {
            break;
        }
        done += batch.len();
        if let Err(error) = store.add(batch) {
            // Those before a failed write are in the store: what is there counts.
            let there = key_store::public_keys(store);
            for at in places {
                if let Some(row) = rows.get_mut(at)
                    && !there.iter().any(|(key, _)| Some(key) == row.key.as_ref())
                {
                    row.outcome = Err(Why::NotStored(error.to_string()));
                }
            }
        }
        progress.set(share(done, count));
    }
}

fn item(file: &PrivateFile, name: Name, comment: Vec<u8>, path: &Path) -> New {
    let key = file.key.plain();
    let certificate = reading::certificate(file, path);
    let comment = if comment.is_empty() { name.as_str().into() } else { comment };
    let facts = Facts {
        comment,
        created: key_store::now(),
        public: Some(key.public().clone()),
        certificate,
        terms: Terms::default(),
    };
    New { name, facts, content: Content::Key(key) }
}

#[allow(clippy::cast_precision_loss, reason = "a share of a small number")]
pub(in crate::commands) fn share(done: usize, all: usize) -> f64 {
    done as f64 / all.max(1) as f64
}
