//! The key store of the walk: made or opened once, by one passphrase, for all of its steps.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_keystore::{Cost, Error, Listed, Name, RecoveryCode, Store, Trust, Unlocked};

use crate::exit::Exit;
use crate::key_store::{self, CodePlace, KeyStore};
use crate::passphrases::Source;
use crate::voice::storing;

/// The store, as far as it is open.
pub(super) struct Opening {
    key_store: KeyStore,
    there: Result<Option<Store>, Error>,
    source: Source,
    unlocked: Option<Unlocked>,
    passphrase: Option<Secret>,
}

impl Opening {
    /// The store of this user, if there is one.
    pub(super) fn of(environment: &Environment, source: &Source) -> Result<Self, Exit> {
        let key_store = KeyStore::of(environment, source)?;
        let there = match key_store.place.find() {
            Ok(store) => Ok(Some(store)),
            Err(Error::NoStore(_)) => Ok(None),
            Err(error) => Err(error),
        };
        let source = source.clone();
        Ok(Self { key_store, there, source, unlocked: None, passphrase: None })
    }

    /// Where it is, or would be.
    pub(super) fn folder(&self) -> &Path {
        &self.key_store.place.folder
    }

    /// Whether it is there, or what is wrong with it.
    pub(super) fn there(&self) -> Result<bool, &Error> {
        self.there.as_ref().map(Option::is_some)
    }

    /// Whether it is there and can be opened.
    pub(super) fn is_there(&self) -> bool {
        matches!(self.there, Ok(Some(_)))
    }

    /// Whether something is wrong with it.
    pub(super) fn is_broken(&self) -> bool {
        self.there.is_err()
    }

    /// The keys it shows without being opened. Nothing of it is proved, and nothing depends on it
    /// but whether a person is asked about a file.
    pub(super) fn listed(&self) -> Vec<Listed> {
        match &self.there {
            Ok(Some(store)) => store.list().unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The file of a key's public half.
    pub(super) fn public_file(&self, name: &Name) -> Option<PathBuf> {
        self.there.as_ref().ok()?.as_ref().map(|store| store.public_file(name))
    }

    /// Whether a question for a passphrase would be seen.
    pub(super) fn is_somebody_there(&self) -> bool {
        self.key_store.asker.is_somebody_there()
    }

    /// Makes it.
    pub(super) fn make(
        &mut self,
        cost: Option<Cost>,
        code: &CodePlace,
    ) -> Result<RecoveryCode, Exit> {
        let (made, passphrase) = self.key_store.make(cost, code)?;
        self.there = Ok(Some(made.store.store().clone()));
        self.unlocked = Some(made.store);
        self.passphrase = Some(passphrase);
        Ok(made.code)
    }

    /// Opens it, unless it is open.
    pub(super) fn open(&mut self) -> Result<&mut Unlocked, Exit> {
        if self.unlocked.is_none() {
            let store = self.key_store.locked()?;
            let (unlocked, passphrase) = self.key_store.with_passphrase(|passphrase| {
                let _progress = storing::deriving();
                store.unlock(passphrase, Trust::Remembered)
            })?;
            key_store::note_findings(unlocked.findings());
            self.unlocked = Some(unlocked);
            self.passphrase = Some(passphrase);
        }
        self.unlocked.as_mut().ok_or(Exit::Failure)
    }

    /// What opens it, where that is known or can be without a question.
    pub(super) fn passphrase(&mut self) -> Option<&Secret> {
        if self.passphrase.is_none() && self.is_there() && self.source != Source::Person {
            self.open().ok()?;
        }
        self.passphrase.as_ref()
    }
}
