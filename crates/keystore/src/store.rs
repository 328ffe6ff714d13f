//! A store on the disk, locked: what can be known of it without a passphrase.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use keyfob_keys::PublicKey;

use crate::disk::{Disk, Guard, SystemDisk, finish_exchange};
use crate::header::{Fields, split};
use crate::id::{ItemId, VaultId};
use crate::item::{Header, Kind, Sealed};
use crate::layout::{self, Layout};
use crate::limits::{
    MAX_ITEM_FILE, MAX_LISTED, MAX_PUBLIC_FILE, MAX_SLOT_FILE, MAX_SLOTS, MAX_SMALL_FILE,
};
use crate::name::Name;
use crate::slot::Slot;
use crate::state::State;
use crate::{Error, Problem, Result};

pub(crate) const KIND: &str = "keyfob-vault";

/// A key store, locked.
#[derive(Clone)]
pub struct Store {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) layout: Layout,
    pub(crate) states: PathBuf,
    pub(crate) vault: VaultId,
}

/// An item as a locked store shows it. Nothing of it is proved: whoever writes to the disk could
/// have put another public key there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub id: ItemId,
    /// Which version of it this is.
    pub generation: u64,
    /// Its name, of the file.
    pub name: Name,
    /// What it says it is.
    pub kind: Kind,
    /// Its public key, if it is one and its file is there.
    pub public: Option<PublicKey>,
    /// Its certificate, if it has one.
    pub certificate: Option<PublicKey>,
    /// The comment beside the public key.
    pub comment: Vec<u8>,
}

impl Listed {
    /// Bytes of what is not bounded by its header.
    fn size(&self) -> usize {
        let keys = [&self.public, &self.certificate];
        keys.into_iter().flatten().map(|key| key.blob().len()).sum::<usize>() + self.comment.len()
    }
}

/// Tells whether a store may have changed: equal stamps, equal stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    keys: Option<SystemTime>,
    slots: Option<SystemTime>,
    manifests: Option<SystemTime>,
}

impl Stamp {
    /// When the last change was.
    #[must_use]
    pub fn newest(&self) -> Option<SystemTime> {
        [self.keys, self.slots, self.manifests].into_iter().flatten().max()
    }
}

impl Store {
    /// Opens the store in a folder. `states` is where this machine keeps its memory of stores,
    /// which is never synchronized.
    ///
    /// # Errors
    /// [`Error::NoStore`] when there is none, or what is wrong with it.
    pub fn open(folder: &Path, states: &Path) -> Result<Self> {
        Self::open_on(Arc::new(SystemDisk), folder, states)
    }

    /// The same on another disk.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_on(disk: Arc<dyn Disk>, folder: &Path, states: &Path) -> Result<Self> {
        // What keeps it from being ended shows as a store that is not there.
        let _ = finish_exchange(&*disk, folder);
        Self::found(disk, Layout::of(folder), states)
    }

    /// The same, and nothing is changed.
    pub(crate) fn found(disk: Arc<dyn Disk>, layout: Layout, states: &Path) -> Result<Self> {
        let path = layout.vault();
        let bytes = match disk.read(&path, MAX_SMALL_FILE).map_err(Error::io(&path))? {
            Some(bytes) => bytes,
            None => return Err(Error::NoStore(layout.folder().to_owned())),
        };
        let vault = read_vault(&bytes).map_err(|problem| Error::damaged(path, problem))?;
        Ok(Self { disk, layout, states: states.to_owned(), vault })
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.layout.folder()
    }

    /// The file of an item's public half.
    #[must_use]
    pub fn public_file(&self, name: &Name) -> PathBuf {
        self.layout.public(name)
    }

    /// Which store it is.
    #[must_use]
    pub fn id(&self) -> VaultId {
        self.vault
    }

    /// The items, by name.
    ///
    /// # Errors
    /// When the folder cannot be read. A file that is damaged hides no other.
    pub fn list(&self) -> Result<Vec<Listed>> {
        self.list_within(MAX_LISTED)
    }

    /// Public halves that there is no room for are as good as not there.
    fn list_within(&self, mut room: usize) -> Result<Vec<Listed>> {
        let mut listed = BTreeMap::new();
        let names = self.names(&self.layout.keys())?;
        for file in &names {
            let Some(stem) = file.strip_suffix(layout::SEALED) else {
                continue;
            };
            let Ok(name) = Name::new(stem) else {
                continue;
            };
            if let Ok(Some(sealed)) = self.sealed(file) {
                let mut one = self.listed(name.clone(), &sealed, &names);
                match room.checked_sub(one.size()) {
                    Some(left) => room = left,
                    None => {
                        one = Listed { public: None, certificate: None, comment: Vec::new(), ..one }
                    }
                }
                listed.insert(name, one);
            }
        }
        Ok(listed.into_values().collect())
    }

    /// The slots that can be read.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn slots(&self) -> Result<Vec<Slot>> {
        Ok(self.slot_files()?.into_iter().map(|(_, slot)| slot).collect())
    }

    /// The same with the names of their files, which are no proof of what is in them.
    pub(crate) fn slot_files(&self) -> Result<Vec<(String, Slot)>> {
        let folder = self.layout.slots();
        let names = self.names(&folder)?;
        let names = names.iter().filter(|name| name.ends_with(layout::SLOT)).take(MAX_SLOTS);
        let slots = names.filter_map(|name| {
            let file = self.disk.read(&folder.join(name), MAX_SLOT_FILE).ok()??;
            Some((name.clone(), Slot::read(&file, self.vault).ok()?))
        });
        Ok(slots.collect())
    }

    /// When it was last changed. A change in the very moment of the question may not show: ask
    /// again when that moment is over.
    ///
    /// # Errors
    /// The system's.
    pub fn stamp(&self) -> Result<Stamp> {
        let changed = |folder: PathBuf| self.disk.changed(&folder).map_err(Error::io(folder));
        Ok(Stamp {
            keys: changed(self.layout.keys())?,
            slots: changed(self.layout.slots())?,
            manifests: changed(self.layout.manifests())?,
        })
    }

    fn listed(&self, name: Name, sealed: &Sealed, files: &[String]) -> Listed {
        // Most keys have no certificate: looking into the list is cheaper than asking the system.
        let read = |file: String| {
            files.binary_search(&file).ok().and_then(|_| self.public_line(&file).ok().flatten())
        };
        let public = read(layout::public(&name));
        let certificate = read(layout::certificate(&name)).map(|(key, _)| key);
        let fits = |key: &PublicKey| {
            key.certificate().is_some() && sealed.header.names(key.plain().blob())
        };
        // A public key that is not the one the sealed part names shows at once, unlocked or not.
        let public = public.filter(|(key, _)| sealed.header.names(key.blob()));
        let (public, comment) = match public {
            Some((key, comment)) => (Some(key), comment),
            None => (None, Vec::new()),
        };
        let certificate = certificate.filter(fits);
        let Header { id, generation, kind, .. } = sealed.header;
        Listed { id, generation, name, kind, public, certificate, comment }
    }

    /// Reads a sealed item.
    pub(crate) fn sealed(&self, file: &str) -> Result<Option<Sealed>> {
        let path = self.layout.keys().join(file);
        let bytes = match self.disk.read(&path, MAX_ITEM_FILE) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
                return Err(Error::damaged(path, Problem::TooLong));
            }
            Err(error) => return Err(Error::io(path)(error)),
        };
        match Sealed::read(&bytes, self.vault) {
            Ok(sealed) => Ok(Some(sealed)),
            Err(problem) => Err(Error::damaged(path, problem)),
        }
    }

    /// Reads a public key's file.
    pub(crate) fn public_line(&self, file: &str) -> Result<Option<(PublicKey, Vec<u8>)>> {
        let path = self.layout.keys().join(file);
        let Some(bytes) = self.disk.read(&path, MAX_PUBLIC_FILE).map_err(Error::io(&path))? else {
            return Ok(None);
        };
        let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        match PublicKey::from_line(line.trim_ascii_end()) {
            Ok(read) => Ok(Some(read)),
            Err(_) => Err(Error::damaged(path, Problem::OtherPublic)),
        }
    }

    /// The names in one of its folders.
    pub(crate) fn names(&self, folder: &Path) -> Result<Vec<String>> {
        let mut names = self.disk.list(folder).map_err(Error::io(folder))?;
        names.sort_unstable();
        Ok(names)
    }

    /// Keeps other writers out for as long as it is held.
    pub(crate) fn lock(&self) -> Result<Box<dyn Guard>> {
        let path = self.layout.lock();
        self.disk.lock(&path).map_err(Error::io(&path))?.ok_or(Error::Busy)
    }

    pub(crate) fn state(&self) -> Result<Option<State>> {
        State::load(&*self.disk, &self.states, self.vault)
    }

    pub(crate) fn save_state(&self, state: &State) -> Result<()> {
        state.save(&*self.disk, &self.states, self.vault)
    }
}

pub(crate) fn read_vault(file: &[u8]) -> Result<VaultId, Problem> {
    let (line, rest) = split(file)?;
    let mut fields = Fields::of(line, KIND)?;
    let vault = fields.id()?;
    fields.finish()?;
    if rest.is_empty() { Ok(vault) } else { Err(Problem::Header) }
}

/// Where it is, and nothing of it.
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({} at {})", self.vault, self.folder().display())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::{PrivateKey, Secret};

    use super::*;
    use crate::{Content, Cost, Facts, New, Terms};

    /// Lost otherwise: whoever can write to the folder of a locked store fills the memory of who
    /// lists it.
    #[test]
    fn public_halves_beyond_the_room_are_not_listed() {
        let folder = tempfile::tempdir().unwrap();
        let (place, states) = (folder.path().join("store"), folder.path().join("states"));
        let passphrase = Secret::from(b"right".to_vec());
        let mut made = Store::create(&place, &states, &passphrase, Cost::FLOOR).unwrap().store;
        let key = |n| PrivateKey::ed25519_from_seed(&[n; 32]);
        let new = |n, name| New {
            name: Name::new(name).unwrap(),
            facts: Facts {
                comment: b"me".to_vec(),
                created: 0,
                public: Some(key(n).public().clone()),
                certificate: None,
                terms: Terms::default(),
            },
            content: Content::Key(key(n)),
        };
        made.add(vec![new(1, "a"), new(2, "b")]).unwrap();
        let shown = |room| {
            let listed = made.store.list_within(room).unwrap();
            listed.iter().map(|one| one.public.is_some()).collect::<Vec<_>>()
        };
        let one = key(1).public().blob().len() + 2;
        assert_eq!(shown(2 * one), [true, true]);
        assert_eq!(shown(2 * one - 1), [true, false]);
    }
}
