//! Lets the login of this account open the key store without a passphrase, or takes that back.

use keyfob_config::env::Environment;
use keyfob_keystore::ACCOUNT_KEEPER;
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore};
use crate::passphrases::Source;
use crate::voice::upkeep as words;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The login opens the store.
    Add,
    /// It does not.
    Remove,
}

/// What is wished, and how the store is opened for it.
pub(crate) struct Account {
    pub(crate) wish: Wish,
    /// Whether nothing is asked before.
    pub(crate) yes: bool,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

impl Account {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.change(environment).err().unwrap_or(Exit::Success)
    }

    fn change(&self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, &self.store)?;
        match self.wish {
            Wish::Add => {
                store.locked()?;
                // Before anybody types a passphrase for nothing.
                let Some(keeper) = ACCOUNT_KEEPER else {
                    let exit = key_store::failed(&keyfob_keystore::Error::NoKeeper);
                    words::no_keeper();
                    return Err(exit);
                };
                words::account_means(keeper);
                key_store::confirm(self.yes, words::ACCOUNT_QUESTION)?;
                // By the passphrase, also where the login opens it already.
                let mut store = store.unlock_by_passphrase()?;
                store.add_account().map_err(|error| key_store::failed(&error))?;
                words::account_added();
            }
            Wish::Remove => {
                let mut store = store.unlock()?;
                let was_there =
                    store.remove_account().map_err(|error| key_store::failed(&error))?;
                words::account_removed(was_there);
            }
        }
        Ok(())
    }
}
