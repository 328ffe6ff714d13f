//! Gives the key store another passphrase, for which the old one is needed or the recovery code.

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_keystore::{Cost, Trust};
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore, Opener};
use crate::passphrases::{Source, first_line_of};
use crate::voice::{key_files, upkeep as words};

/// How it is opened, and what opens it afterwards.
pub(crate) struct StorePassphrase {
    /// What opens it.
    pub(crate) opener: Opener,
    /// Where the old passphrase comes from.
    pub(crate) old: Source,
    /// Where the new one comes from.
    pub(crate) new: Source,
    /// What a guess costs; `None` for what suits this machine.
    pub(crate) cost: Option<Cost>,
}

impl StorePassphrase {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.change(environment).err().unwrap_or(Exit::Success)
    }

    fn change(&self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, &self.old)?;
        let (mut unlocked, _) = store.unlock_by(&self.opener, Trust::Remembered)?;
        key_store::note_findings(unlocked.findings());
        let new = new_passphrase(&store, &self.new)?;
        let cost = key_store::cost(self.cost)?;
        let set = unlocked.set_passphrase(&new, cost);
        set.map_err(|error| key_store::failed(&error))?;
        words::passphrase_changed(&self.opener);
        Ok(())
    }
}

/// The new passphrase of a store, from where the command was told.
pub(crate) fn new_passphrase(store: &KeyStore, source: &Source) -> Result<Secret, Exit> {
    match source {
        Source::Person => key_store::new_passphrase(&store.asker),
        Source::File(path) => first_line_of(path).map_err(|error| {
            key_files::no_passphrase_in(path, &error);
            Exit::Failure
        }),
    }
}
