//! An unlocked store: what is in it, and the keys, one at a time.

use keyfob_sys::file_size;

use crate::content::Content;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::id::{DeviceId, ItemId};
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
        let stored = match self.state() {
            Err(_) if trust == Trust::AsItIs => None,
            stored => stored?,
        };
        let mut state = stored.map_or_else(State::fresh, Ok)?;
        let root = self.root(method, &state, trust)?;
        let commitment = root.commitment(self.vault)?;
        state.follow(&commitment);
        let mut view = View::settled(self, &root, &state)?;
        match trust {
            Trust::Remembered => view.check_age(&state)?,
            Trust::AsItIs => {
                if view.is_rolled_back(&state) {
                    // What others have seen of the old name would be newer than all it writes.
                    state.device = DeviceId::fresh()?;
                    view.own = Default::default();
                }
                state = State { device: state.device, ..State::fresh()? };
            }
        }
        state.root = Some(commitment);
        let mut unlocked = Unlocked { store: self.clone(), root, state, view };
        unlocked.remember(trust);
        Ok(unlocked)
    }

    pub(crate) fn root(&self, method: &dyn Method, state: &State, trust: Trust) -> Result<Root> {
        let mut slots = self.slots()?;
        slots.retain(|slot| method.serves(slot.kind()));
        if slots.is_empty() {
            return Err(Error::NoSlot(method.called()));
        }
        // Before anything is derived: whoever put another root there wants the passphrase.
        if trust == Trust::Remembered {
            slots.retain(|slot| state.knows(slot.commitment()));
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
        self.read_again(View::settled)
    }

    /// The same for who keeps other writers out.
    pub(crate) fn reload_alone(&mut self) -> Result<()> {
        self.read_again(View::read)
    }

    fn read_again(
        &mut self,
        read: impl FnOnce(&Store, &Root, &State) -> Result<View>,
    ) -> Result<()> {
        self.ensure_same_root()?;
        let mut state = self.state.clone();
        // Another process of this machine may have seen more. One that cannot be read says less.
        if let Ok(Some(stored)) = self.store.state() {
            state.merge(&stored);
        }
        let view = read(&self.store, &self.root, &state)?;
        if let Err(error) = view.check_age(&state) {
            // The store may have got a new root while it was read.
            return self.ensure_same_root().and(Err(error));
        }
        self.view = view;
        self.state = state;
        self.remember(Trust::Remembered);
        Ok(())
    }

    pub(crate) fn ensure_same_root(&self) -> Result<()> {
        let commitment = self.root.commitment(self.store.vault)?;
        let slots = self.store.slots()?;
        let same = slots.iter().any(|slot| *slot.commitment() == commitment);
        if same { Ok(()) } else { Err(Error::OtherRoot) }
    }

    /// The store as it is now, beside this view of it: for who shares this one.
    ///
    /// # Errors
    /// As [`Unlocked::reload`].
    pub fn reloaded(&self) -> Result<Self> {
        let root = Root::from_bytes(self.root.key().bytes())?;
        let (store, state) = (self.store.clone(), self.state.clone());
        let mut fresh = Self { store, root, state, view: View::default() };
        fresh.reload()?;
        Ok(fresh)
    }

    pub(crate) fn entry(&self, name: &Name) -> Result<(&Name, &Entry)> {
        let found = self.view.items.get_key_value(name);
        found.ok_or_else(|| Error::NoItem(name.to_string()))
    }

    /// Notes outside of the store how new it was. A machine that cannot write this down unlocks
    /// all the same, and says so.
    pub(crate) fn remember(&mut self, trust: Trust) {
        let stored = self.store.state().ok().flatten();
        let mut state = self.state.clone();
        if let (Some(stored), Trust::Remembered) = (&stored, trust) {
            let knows = state.root.as_ref().is_some_and(|root| stored.knows(root));
            if !knows {
                // Another process accepted another root meanwhile. That is for it to say.
                return;
            }
            state.merge(stored);
        }
        for (device, sequence) in &self.view.floors.seen {
            state.saw(*device, *sequence);
        }
        if stored.as_ref() != Some(&state) && self.write_down(&state).is_err() {
            self.view.findings.push(Finding::Forgetful(self.store.states.clone()));
        }
        self.state.seen = state.seen;
    }

    /// What is remembered must last no longer than what it is about: a manifest that we saw may
    /// have been put there a moment ago, and be gone after a power cut.
    fn write_down(&self, state: &State) -> Result<()> {
        let _limit_is_an_error = file_size::Ignored::new();
        let folder = self.store.layout.manifests();
        self.store.disk.sync_folder(&folder).map_err(Error::io(folder))?;
        self.store.save_state(state)
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
