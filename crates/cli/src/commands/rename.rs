//! Gives a key of the store another name.

use keyfob_config::env::Environment;
use keyfob_keystore::Name;
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore};
use crate::passphrases::Source;
use crate::voice::tending as words;

/// Which key gets which name.
pub(crate) struct Rename {
    /// What it is called.
    pub(crate) from: String,
    /// What it shall be called.
    pub(crate) to: String,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

impl Rename {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.rename(environment).err().unwrap_or(Exit::Success)
    }

    fn rename(&self, environment: &Environment) -> Result<(), Exit> {
        let to = Name::new(&self.to).map_err(|error| key_store::failed(&error.into()))?;
        let mut store = KeyStore::of(environment, &self.store)?.unlock()?;
        let from = key_store::named(&store, &self.from)?.name;
        store.rename(&from, &to).map_err(|error| key_store::failed(&error))?;
        words::renamed(&from, &to, &store.store().public_file(&to));
        Ok(())
    }
}
