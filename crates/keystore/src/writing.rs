//! Changes to a store: data first, then the manifest that promises it.
//!
//! Whatever cuts a change short leaves the store before it or after it. An item that is newer than
//! its promise is believed, because only who knows the root can make one; a promise that came
//! first would be a key that is missing.

use keyfob_sys::file_size;
use keyfob_sys::signals::Held;

use crate::code::RecoveryCode;
use crate::content::Content;
use crate::cost::Cost;
use crate::disk::place;
use crate::facts::Facts;
use crate::id::ItemId;
use crate::layout;
use crate::manifest::{Floor, Manifest, SlotFloor};
use crate::name::Name;
use crate::slot::{Method, Slot, SlotKind};
use crate::unlocked::Unlocked;
use crate::view::View;
use crate::{Error, Result};

/// An item that is not in the store yet.
#[derive(Debug)]
pub struct New {
    /// What it shall be called.
    pub name: Name,
    /// Everything but its secret.
    pub facts: Facts,
    /// Its secret.
    pub content: Content,
}

impl Unlocked {
    /// Takes items in: all that fit, and one manifest for them.
    ///
    /// # Errors
    /// [`Error::NameTaken`], [`Error::KeyTaken`] before anything is written; else what went wrong
    /// while writing: those before it are in the store, it and those behind it are not.
    pub fn add(&mut self, items: Vec<New>) -> Result<()> {
        self.write(|store| {
            for (number, new) in items.iter().enumerate() {
                store.is_free(new, &items[..number])?;
            }
            let (mut fresh, mut written) = (Vec::new(), Ok(()));
            for New { name, facts, content } in items {
                let id = ItemId::fresh()?;
                written = store.put(id, 1, &name, &facts, &content);
                if written.is_err() {
                    store.withdraw(id, &name);
                    break;
                }
                fresh.push((id, name));
            }
            if fresh.is_empty() {
                return written;
            }
            let committed = store.commit();
            if committed.is_err() {
                store.withdraw_all(fresh)?;
            }
            committed.and(written)
        })
    }

    /// After a manifest that was not written, or is not known to last.
    fn withdraw_all(&mut self, fresh: Vec<(ItemId, Name)>) -> Result<()> {
        let view = View::read(&self.store, &self.root, &self.state)?;
        for (id, name) in fresh {
            // A promise that is there must be kept.
            if !view.floors.items.contains_key(&id) {
                self.withdraw(id, &name);
            }
        }
        Ok(())
    }

    /// Changes what an item says, or its secret.
    ///
    /// # Errors
    /// [`Error::NoItem`]; what went wrong while writing.
    pub fn change(
        &mut self,
        name: &Name,
        change: impl FnOnce(&mut Facts, &mut Content),
    ) -> Result<()> {
        self.write(|store| {
            let (mut facts, mut content) = store.open(name)?;
            change(&mut facts, &mut content);
            store.replace(name, name, &facts, &content)
        })
    }

    /// Gives an item another name.
    ///
    /// # Errors
    /// [`Error::NoItem`], [`Error::NameTaken`]; what went wrong while writing.
    pub fn rename(&mut self, from: &Name, to: &Name) -> Result<()> {
        self.write(|store| {
            let taken = store.view.items.keys().find(|known| known.is_same_file(to));
            if taken.is_some_and(|known| known != from) {
                return Err(Error::NameTaken(to.to_string()));
            }
            let (facts, content) = store.open(from)?;
            store.replace(from, to, &facts, &content)
        })
    }

    /// Deletes an item. What is left of its files after a power cut stays dead.
    ///
    /// # Errors
    /// [`Error::NoItem`]; what went wrong while writing.
    pub fn delete(&mut self, name: &Name) -> Result<()> {
        self.write(|store| {
            let files = store.files(name)?;
            let header = store.entry(name)?.1.sealed.header.clone();
            store.promise(header.id, header.generation, true);
            store.commit()?;
            store.unlink(&files)
        })
    }

    /// Replaces the passphrase: the slots of the old one are taken back. A copy of the store that
    /// somebody made before still opens with the old one; only a new root changes that.
    ///
    /// # Errors
    /// What went wrong while deriving or writing; the old one then still opens the store.
    pub fn set_passphrase(&mut self, passphrase: &keyfob_keys::Secret, cost: Cost) -> Result<()> {
        self.set_slot(SlotKind::Passphrase(cost), passphrase)
    }

    /// Makes a new recovery code; the old one is taken back.
    ///
    /// # Errors
    /// As [`Unlocked::set_passphrase`].
    pub fn set_recovery_code(&mut self) -> Result<RecoveryCode> {
        let code = RecoveryCode::fresh()?;
        self.set_slot(SlotKind::RecoveryCode, &code)?;
        Ok(code)
    }

    /// Takes slots back, with no other in their place. Whether there were any.
    pub(crate) fn take_slots_back(&mut self, which: impl Fn(&Slot) -> bool) -> Result<bool> {
        self.write(|store| {
            let mut old = store.store.slot_files()?;
            old.retain(|(_, slot)| which(slot));
            if old.is_empty() {
                return Ok(false);
            }
            store.take_back(&old)?;
            Ok(true)
        })
    }

    pub(crate) fn set_slot(&mut self, kind: SlotKind, method: &dyn Method) -> Result<()> {
        let slot = Slot::make(self.store.vault, kind, method, &self.root)?;
        self.write(|store| {
            let mut old = store.store.slot_files()?;
            old.retain(|(_, slot)| method.serves(slot.kind()));
            let folder = store.store.layout.slots();
            place(&*store.store.disk, &folder, &layout::slot(slot.id()), &slot.file())?;
            let live = SlotFloor { gone: false, digest: slot.digest() };
            store.view.floors.slots.insert(slot.id(), live);
            store.take_back(&old)
        })
    }

    /// Promises that these are gone, and takes their files away.
    fn take_back(&mut self, slots: &[(String, Slot)]) -> Result<()> {
        for (_, slot) in slots {
            let gone = SlotFloor { gone: true, digest: slot.digest() };
            let known = self.view.floors.slots.entry(slot.id()).or_insert(gone);
            known.gone = true;
        }
        self.commit()?;
        let (disk, folder) = (&self.store.disk, self.store.layout.slots());
        for (file, _) in slots {
            let path = folder.join(file);
            disk.remove(&path).map_err(Error::io(path))?;
        }
        disk.sync_folder(&folder).map_err(Error::io(folder))
    }

    /// Does `work` on the newest store, with other writers kept out. Ctrl-C waits meanwhile, and a
    /// limit on the size of files is an error instead of an end.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let _signals_wait = Held::new();
        let _limit_is_an_error = file_size::Ignored::new();
        let _alone = self.store.lock()?;
        self.reload_alone()?;
        self.store.sweep();
        let done = work(self);
        // What is on the disk counts, whatever came of it.
        let read = self.reload_alone();
        let done = done?;
        read.map(|()| done)
    }

    fn is_free(&self, new: &New, before: &[New]) -> Result<()> {
        let names = self.view.items.keys().chain(before.iter().map(|new| &new.name));
        if names.into_iter().any(|known| known.is_same_file(&new.name)) {
            return Err(Error::NameTaken(new.name.to_string()));
        }
        let there = self.view.items.iter().map(|(name, entry)| (name, &entry.facts));
        let coming = before.iter().map(|new| (&new.name, &new.facts));
        let same = |facts: &Facts| facts.public.is_some() && facts.public == new.facts.public;
        match there.chain(coming).find(|(_, facts)| same(facts)) {
            Some((name, _)) => Err(Error::KeyTaken(name.to_string())),
            None => Ok(()),
        }
    }

    pub(crate) fn promise(&mut self, id: ItemId, generation: u64, gone: bool) {
        let floor = Floor { generation, gone, device: self.state.device };
        self.view.floors.items.insert(id, floor);
    }

    /// Writes this device's manifest.
    pub(crate) fn commit(&mut self) -> Result<()> {
        let device = self.state.device;
        let (previous, own) = self.view.own;
        let remembered = self.state.seen.get(&device).copied().unwrap_or_default();
        let sequence = own.max(remembered).saturating_add(1);
        let floors = self.view.floors.clone();
        let manifest = Manifest { device, sequence, previous, floors };
        let file = manifest.seal(&self.root, self.store.vault)?;
        let folder = self.store.layout.manifests();
        place(&*self.store.disk, &folder, &layout::manifest(device), &file)
    }
}
