//! Takes many keys into the store: files, folders, what `ssh` is configured with.
//!
//! Every file is told of: what became of it and why. A key comes in as it is, and nothing about
//! it gets weaker; the files are only read.

mod intake;
mod places;
mod reading;
mod report;

use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::Limits;
use keyfob_keys::PublicKey;
use keyfob_keystore::Name;
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::exposure::Exposure;
use crate::key_store::{self, KeyStore};
use crate::output;
use crate::passphrases::Source;
use crate::voice::importing::{self as words, Why};
pub(in crate::commands) use intake::{Intake, share};
pub(crate) use places::{Candidate, ForSsh};
pub(in crate::commands) use places::{of_paths, of_ssh};

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
    /// What lets others do anything with it.
    pub(crate) too_open: Option<Exposure>,
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
        let Self { passphrase, limits, .. } = self;
        let intake = Intake { candidates: &candidates, passphrase, limits: *limits };
        let rows = intake.take(environment, || store.unlock_or_make())?;
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
