//! An unlocked store: what is in it, and the keys, one at a time.

use crate::content::Content;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::id::ItemId;
use crate::item::Kind;
use crate::name::Name;
use crate::root::Root;
use crate::slot::{Method, Slot};
use crate::state::State;
use crate::store::Store;
use crate::view::{Entry, View};
use crate::{Error, Result};

/// A key store, unlocked. The root is in locked memory and wiped when this is dropped.
pub struct Unlocked {
    pub(crate) store: Store,
    pub(crate) root: Root,
    pub(crate) state: State,
    pub(crate) view: View,
}

/// An item, proved to be genuine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number, which it keeps whatever it is called.
    pub id: ItemId,
    /// What it is called.
    pub name: Name,
    /// What it is.
    pub kind: Kind,
    /// Which version this is.
    pub generation: u64,
    /// Everything but its secret.
    pub facts: Facts,
}

/// How far the memory of this machine is to be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// A store with another root than the last time, or an older one, is refused.
    Remembered,
    /// The store is taken as it is, and remembered so. Only for a person who knows why.
    AsItIs,
}

impl Store {
    /// Unlocks. Takes about a second of one core for a passphrase, right or wrong.
    ///
    /// # Errors
    /// What [`Method::refused`] says, [`Error::NoSlot`], [`Error::OtherRoot`],
    /// [`Error::RolledBack`], or what is wrong with the store.
    pub fn unlock(&self, method: &dyn Method, trust: Trust) -> Result<Unlocked> {
        let mut state = self.state()?;
        let root = self.root(method, &state, trust)?;
        let view = View::read(self, &root, &state)?;
        if view.is_rolled_back(&state) && trust == Trust::Remembered {
            return Err(Error::RolledBack);
        }
        if trust == Trust::AsItIs {
            state.seen.clear();
        }
        let mut unlocked = Unlocked { store: self.clone(), root, state, view };
        unlocked.remember()?;
        Ok(unlocked)
    }

    fn root(&self, method: &dyn Method, state: &State, trust: Trust) -> Result<Root> {
        let mut slots = self.slots()?;
        slots.retain(|slot| method.serves(slot.kind()));
        if slots.is_empty() {
            return Err(Error::NoSlot(method.called()));
        }
        // Before anything is derived: whoever put another root there wants the passphrase.
        if let (Some(root), Trust::Remembered) = (&state.root, trust) {
            slots.retain(|slot| slot.commitment() == root);
            if slots.is_empty() {
                return Err(Error::OtherRoot);
            }
        }
        let opened = |slot: &Slot| slot.open(self.vault, method).transpose();
        slots.iter().find_map(opened).unwrap_or_else(|| Err(method.refused()))
    }
}

impl Unlocked {
    /// The store, as it is without a passphrase.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The items, by name.
    #[must_use]
    pub fn items(&self) -> Vec<Item> {
        self.view.items.iter().map(|(name, entry)| item(name, entry)).collect()
    }

    /// The item of a name.
    ///
    /// # Errors
    /// [`Error::NoItem`].
    pub fn item(&self, name: &Name) -> Result<Item> {
        self.entry(name).map(|(name, entry)| item(name, entry))
    }

    /// Opens an item: under a millisecond, but for the largest RSA keys.
    ///
    /// # Errors
    /// [`Error::NoItem`], or what is wrong with it.
    pub fn open(&self, name: &Name) -> Result<(Facts, Content)> {
        let (_, entry) = self.entry(name)?;
        let opened = entry.sealed.open(&self.root, self.store.vault);
        opened.map_err(|problem| Error::damaged(self.store.layout.sealed_of(&entry.stem), problem))
    }

    /// The name of the item that has this number.
    #[must_use]
    pub fn name_of(&self, id: ItemId) -> Option<&Name> {
        let mut items = self.view.items.iter();
        items.find(|(_, entry)| entry.sealed.header.id == id).map(|(name, _)| name)
    }

    /// What is not as it should be.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.view.findings
    }

    /// A key for something else that is to be as safe as the store: the same for the same purpose,
    /// and never the root itself.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`].
    pub fn derive(&self, purpose: &str) -> Result<zeroize::Zeroizing<[u8; 32]>> {
        let key = self.root.derived(purpose.as_bytes(), self.store.vault)?;
        let mut bytes = zeroize::Zeroizing::new([0; 32]);
        bytes.copy_from_slice(key.bytes());
        Ok(bytes)
    }

    /// Reads the store again, because another program may have changed it.
    ///
    /// # Errors
    /// [`Error::OtherRoot`] and [`Error::RolledBack`] as [`Store::unlock`]; what was read before
    /// stays.
    pub fn reload(&mut self) -> Result<()> {
        *self = self.reloaded()?;
        Ok(())
    }

    /// The store as it is now, beside this view of it: for who shares this one.
    ///
    /// # Errors
    /// As [`Unlocked::reload`].
    pub fn reloaded(&self) -> Result<Self> {
        let root = Root::from_bytes(self.root.key().bytes())?;
        let view = View::read(&self.store, &root, &self.state)?;
        let state = self.state.clone();
        let mut fresh = Self { store: self.store.clone(), root, state, view };
        fresh.check_age()?;
        fresh.remember()?;
        Ok(fresh)
    }

    /// Whether the store still is the one that was unlocked, and no older.
    fn check_age(&self) -> Result<()> {
        let commitment = self.root.commitment(self.store.vault)?;
        if !self.store.slots()?.iter().any(|slot| *slot.commitment() == commitment) {
            return Err(Error::OtherRoot);
        }
        if self.view.is_rolled_back(&self.state) { Err(Error::RolledBack) } else { Ok(()) }
    }

    pub(crate) fn entry(&self, name: &Name) -> Result<(&Name, &Entry)> {
        let found = self.view.items.get_key_value(name);
        found.ok_or_else(|| Error::NoItem(name.to_string()))
    }

    /// Notes outside of the store how new it was.
    pub(crate) fn remember(&mut self) -> Result<()> {
        let mut state = self.state.clone();
        state.root = Some(self.root.commitment(self.store.vault)?);
        for (device, sequence) in &self.view.floors.seen {
            let known = state.seen.entry(*device).or_default();
            *known = (*known).max(*sequence);
        }
        if state == self.state {
            return Ok(());
        }
        // A machine that cannot write this down unlocks all the same.
        match self.store.save_state(&state) {
            Ok(()) => self.state = state,
            Err(_) => {
                self.view.findings.push(Finding::Forgetful(self.store.states.clone()));
            }
        }
        Ok(())
    }
}

fn item(name: &Name, entry: &Entry) -> Item {
    let header = &entry.sealed.header;
    Item {
        id: header.id,
        name: name.clone(),
        kind: header.kind,
        generation: header.generation,
        facts: entry.facts.clone(),
    }
}

/// Which store, and nothing of it.
impl std::fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unlocked({:?})", self.store)
    }
}
