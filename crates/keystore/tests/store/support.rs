//! A store in a folder of its own, and what to put into it.

use std::path::{Path, PathBuf};

use keyfob_keys::{PrivateKey, Secret};
use keyfob_keystore::{
    Content, Cost, Facts, Made, Name, New, RecoveryCode, Store, Trust, Unlocked,
};
use tempfile::TempDir;

pub(crate) const PASSPHRASE: &str = "velvet harbour oxide";

/// A place for a store, and this machine's memory of it.
pub(crate) struct Home {
    folder: TempDir,
}

pub(crate) fn secret(text: &str) -> Secret {
    Secret::from(text.as_bytes().to_vec())
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Not seen twice: each number is a key of its own.
pub(crate) fn key(number: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[number; 32])
}

pub(crate) fn new(text: &str, number: u8) -> New {
    let key = key(number);
    let facts = Facts {
        comment: format!("{text} of the tests").into_bytes(),
        public: Some(key.public().clone()),
        ..Facts::default()
    };
    New { name: name(text), facts, content: Content::Key(key) }
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// In memory, where there is such a place: for what is about processes and not about disks.
    pub(crate) fn in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Self { folder: folder.unwrap() }
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    pub(crate) fn states(&self) -> PathBuf {
        self.folder.path().join("state/stores")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new store.
    pub(crate) fn made(&self) -> (Unlocked, RecoveryCode) {
        let made = Store::create(&self.store(), &self.states(), &secret(PASSPHRASE), Cost::FLOOR);
        let Made { store, code, .. } = made.unwrap();
        (store, code)
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.store(), &self.states()).unwrap()
    }

    pub(crate) fn unlock(&self) -> Unlocked {
        self.open().unlock(&secret(PASSPHRASE), Trust::Remembered).unwrap()
    }
}

/// The names in a folder.
pub(crate) fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(crate) fn names(store: &Unlocked) -> Vec<String> {
    store.items().iter().map(|item| item.name.to_string()).collect()
}

/// Says that a test did not run here, and why.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
pub(crate) fn skipped(why: &str) {
    println!("skipped: {why}");
}
