//! Deletes keys from the store, after a question.

use keyfob_config::env::Environment;
use keyfob_keystore::{Content, Item, Unlocked};
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore};
use crate::passphrases::Source;
use crate::voice::tending as words;

/// Which keys.
pub(crate) struct Delete {
    /// What they are called.
    pub(crate) names: Vec<String>,
    /// Whether nothing is asked.
    pub(crate) yes: bool,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

impl Delete {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.delete(environment).err().unwrap_or(Exit::Success)
    }

    fn delete(&self, environment: &Environment) -> Result<(), Exit> {
        let mut store = KeyStore::of(environment, &self.store)?.unlock()?;
        let items: Result<Vec<Item>, Exit> =
            self.names.iter().map(|name| key_store::named(&store, name)).collect();
        let mut items = items?;
        items.sort_by(|one, other| one.name.cmp(&other.name));
        items.dedup();
        for item in &items {
            words::to_be_deleted(item, link(&store, item).as_deref());
        }
        key_store::confirm(self.yes, &words::delete_question(items.len()))?;
        for item in &items {
            let linked = link(&store, item);
            store.delete(&item.name).map_err(|error| key_store::failed(&error))?;
            words::deleted(&item.name, linked.as_deref());
        }
        if items.iter().any(|item| item.kind == keyfob_keystore::Kind::Key) {
            words::copies_stay();
        }
        Ok(())
    }
}

/// Where the file of a linked key is.
fn link(store: &Unlocked, item: &Item) -> Option<std::path::PathBuf> {
    match store.open(&item.name) {
        Ok((_, Content::Reference { path, .. })) => Some(path),
        _ => None,
    }
}
