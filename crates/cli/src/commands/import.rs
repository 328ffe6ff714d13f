//! Takes many keys into the store: files, folders, what `ssh` is configured with.
//!
//! Every file is told of: what became of it and why. A key comes in as it is, and nothing about
//! it gets weaker; the files are only read.

mod places;
mod reading;
mod report;

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{Limits, PrivateFile};
use keyfob_keys::PublicKey;
use keyfob_keystore::{Content, Facts, Name, New, Terms, Unlocked};
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore, Names};
use crate::output;
use crate::passphrases::{Passphrases, Source};
use crate::voice::importing::{self as words, Why};
use crate::voice::{Voice, rewriting};
use places::Candidate;
pub(crate) use places::ForSsh;
use reading::Found;

/// Keys that are sealed and written together, between two looks at the clock.
const BATCH: usize = 32;

/// What is to be taken in.
pub(crate) struct Import {
    /// Where it comes from.
    pub(crate) from: From,
    /// Where the passphrases of the files come from.
    pub(crate) passphrase: Source,
    /// Where that of the store comes from.
    pub(crate) store: Source,
    /// How much work a file may make.
    pub(crate) limits: Limits,
    /// Whether nothing is asked before it begins.
    pub(crate) yes: bool,
    /// Whether the report is JSON.
    pub(crate) json: bool,
}

/// Where keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// Files and folders.
    Paths(Vec<PathBuf>),
    /// What `ssh` is configured with, and `~/.ssh`.
    SshConfig,
    /// GnuPG's agent.
    GpgAgent,
    /// `KeePassXC`.
    KeePassXc,
}

/// A file, and what became of it.
pub(crate) struct Row {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its public key, if it could be read.
    pub(crate) key: Option<PublicKey>,
    /// Its comment.
    pub(crate) comment: Vec<u8>,
    /// Its mode, where others can do anything with it.
    pub(crate) too_open: Option<u32>,
    /// What the key is called in the store, or why it is not there.
    pub(crate) outcome: Result<Name, Why>,
}

impl Import {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.import(environment).unwrap_or_else(|exit| exit)
    }

    fn import(&self, environment: &Environment) -> Result<Exit, Exit> {
        let store = match &self.from {
            From::GpgAgent => return Err(words::not_from_gpg_agent()),
            From::KeePassXc => return Err(words::not_from_keepassxc()),
            From::Paths(_) | From::SshConfig => KeyStore::of(environment, &self.store)?,
        };
        store.ensure_possible()?;
        let candidates = self.candidates()?;
        let mut passphrases = self.passphrases(environment)?;
        let mut rows = Vec::new();
        let mut files = Vec::new();
        let progress = words::progress(candidates.len());
        for (at, candidate) in candidates.iter().enumerate() {
            let Found { row, file } = reading::read(candidate, &mut passphrases, &progress);
            files.extend(file.map(|file| (rows.len(), file)));
            rows.push(row);
            progress.set(share(at + 1, candidates.len()));
        }
        drop(progress);
        if !files.is_empty() {
            let mut store = store.unlock_or_make()?;
            take(&mut store, files, &mut rows);
        }
        if self.json {
            output::data(&report::json(&rows));
        } else {
            output::data(report::text(&rows).as_bytes());
            words::summary(&rows);
        }
        let complete = rows.iter().all(|row| !row.is_failure());
        let some = rows.iter().any(|row| row.outcome.is_ok() || row.is_there());
        Ok(if complete && some { Exit::Success } else { Exit::Failure })
    }

    fn candidates(&self) -> Result<Vec<Candidate>, Exit> {
        match &self.from {
            From::Paths(paths) => Ok(places::of_paths(paths)),
            _ => {
                let found = places::of_ssh()?;
                words::found_for_ssh(&found);
                if found.files.is_empty() {
                    return Err(Exit::Failure);
                }
                let count = found.files.len();
                key_store::confirm(self.yes, &words::take_question(count))?;
                Ok(found.files)
            }
        }
    }

    fn passphrases(&self, environment: &Environment) -> Result<Passphrases, Exit> {
        let passphrases = Passphrases::new(environment, Voice::Keyfob).within(self.limits);
        passphrases.remembering_all().from(&self.passphrase).map_err(|error| {
            rewriting::no_passphrase_in(&self.passphrase, &error);
            Exit::Failure
        })
    }
}

impl Row {
    /// Whether a key that was found is not in the store now.
    pub(crate) fn is_failure(&self) -> bool {
        self.outcome.as_ref().is_err_and(Why::is_failure)
    }

    /// Whether the store had it before.
    pub(crate) fn is_there(&self) -> bool {
        matches!(self.outcome, Err(Why::There(_)))
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
fn share(done: usize, all: usize) -> f64 {
    done as f64 / all.max(1) as f64
}
