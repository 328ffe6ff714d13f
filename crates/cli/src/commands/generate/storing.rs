//! Makes a key in the key store: its private half never is a file, encrypted or not.

use std::borrow::BorrowMut;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keys::generate::Kind;
use keyfob_keys::{PrivateKey, PublicKey};
use keyfob_keystore::{Content, Error, Facts, Name, New, Terms, Unlocked};
use keyfob_sys::hardening;

use super::{HandOver, Wanted, json, search, usual_comment};
use crate::exit::Exit;
use crate::key_store::{self, KeyStore};
use crate::output;
use crate::passphrases::Source;
use crate::voice::Voice;
use crate::voice::keeping::{self as words, MadeInStore};

/// The key to make and how the store is to keep it.
pub(crate) struct GenerateStored {
    /// Whose words.
    pub(crate) voice: Voice,
    /// What to make; `None` for the usual type.
    pub(crate) wanted: Option<Wanted>,
    /// What it shall be called.
    pub(crate) name: String,
    /// The comment; `None` for `user@host`.
    pub(crate) comment: Option<Vec<u8>>,
    /// Its rules.
    pub(crate) rules: HandOver,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
    /// Whether success is not worth a word.
    pub(crate) quiet: bool,
    /// Whether the result is told as JSON.
    pub(crate) json: bool,
    /// What to do with the public half, where that is known.
    pub(crate) next: Option<String>,
}

/// A key that is in the store now.
pub(crate) struct Stored {
    /// What it is called.
    pub(crate) name: Name,
    /// Its public half.
    pub(crate) key: PublicKey,
    /// Its comment.
    pub(crate) comment: Vec<u8>,
    /// The file of its public half.
    pub(crate) file: PathBuf,
}

impl GenerateStored {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.make(environment).err().unwrap_or(Exit::Success)
    }

    fn make(&self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, &self.store)?;
        let Stored { name, key, comment, file } = self.make_in(|| store.unlock_or_make())?;
        let made = MadeInStore {
            name: &name,
            key: &key,
            comment: &comment,
            file: &file,
            next: self.next.as_deref(),
        };
        if self.json {
            output::data(&json::made_in_store(&made));
        } else if !self.quiet {
            words::made(&made);
        }
        Ok(())
    }

    /// Makes it in this store, which is opened before the search begins.
    pub(crate) fn make_in<S: BorrowMut<Unlocked>>(
        &self,
        open: impl FnOnce() -> Result<S, Exit>,
    ) -> Result<Stored, Exit> {
        let name = Name::new(&self.name).map_err(|error| key_store::failed(&error.into()))?;
        let comment = self.comment.clone().unwrap_or_else(usual_comment);
        // Everything is asked before the search begins.
        let mut store = open()?;
        let store: &mut Unlocked = store.borrow_mut();
        if store.items().iter().any(|item| item.name.is_same_file(&name)) {
            return Err(key_store::failed(&Error::NameTaken(name.to_string())));
        }
        let key = self.search()?;
        let public = key.public().clone();
        put(store, name.clone(), &comment, key, self.rules)?;
        let file = store.store().public_file(&name);
        Ok(Stored { name, key: public, comment, file })
    }

    fn search(&self) -> Result<PrivateKey, Exit> {
        let kind = self.wanted.as_ref().map_or(Kind::Ed25519, |wanted| wanted.kind);
        let title = match kind {
            Kind::Rsa { bits } if !self.quiet => Some(self.voice.searching(bits)),
            _ => None,
        };
        search::search(kind, title).map_err(|error| key_store::failed(&error.into()))
    }
}

fn put(
    store: &mut Unlocked,
    name: Name,
    comment: &[u8],
    key: PrivateKey,
    rules: HandOver,
) -> Result<(), Exit> {
    let HandOver { lifetime, confirm } = rules;
    let facts = Facts {
        comment: comment.to_vec(),
        created: key_store::now(),
        public: Some(key.public().clone()),
        certificate: None,
        terms: Terms { lifetime, confirm, ..Terms::default() },
    };
    let added = store.add(vec![New { name, facts, content: Content::Key(key) }]);
    added.map_err(|error| key_store::failed(&error))
}
