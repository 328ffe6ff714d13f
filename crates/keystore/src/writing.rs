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
use crate::disk::{DRAFT, place};
use crate::facts::Facts;
use crate::id::{ItemId, SlotId};
use crate::item::{Label, Sealed};
use crate::layout;
use crate::manifest::{Floor, Manifest, SlotFloor};
use crate::name::Name;
use crate::slot::{Method, Slot, SlotKind};
use crate::unlocked::Unlocked;
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
    /// while writing: those before it are in the store.
    pub fn add(&mut self, items: Vec<New>) -> Result<()> {
        self.write(|store| {
            for (number, new) in items.iter().enumerate() {
                store.is_free(new, &items[..number])?;
            }
            let mut written = Ok(());
            for New { name, facts, content } in items {
                let id = ItemId::fresh()?;
                written = store.put(id, 1, &name, &facts, &content);
                if written.is_err() {
                    break;
                }
            }
            store.commit()?;
            written
        })
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
            store.put_next(name, name, &facts, &content)?;
            store.commit()
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
            let old = store.files(from)?;
            store.put_next(from, to, &facts, &content)?;
            store.commit()?;
            // Where names have no case, `Work` and `work` are one file, which is the new one now.
            if from.is_same_file(to) { Ok(()) } else { store.unlink(&old) }
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

    fn set_slot(&mut self, kind: SlotKind, method: &dyn Method) -> Result<()> {
        let slot = Slot::make(self.store.vault, kind, method, &self.root)?;
        self.write(|store| {
            let old: Vec<SlotId> = store
                .store
                .slots()?
                .iter()
                .filter(|slot| method.serves(slot.kind()))
                .map(Slot::id)
                .collect();
            let folder = store.store.layout.slots();
            place(&*store.store.disk, &folder, &layout::slot(slot.id()), &slot.file())?;
            let live = SlotFloor { gone: false, digest: slot.digest() };
            store.view.floors.slots.insert(slot.id(), live);
            for id in &old {
                let known = store.view.floors.slots.entry(*id).or_insert(live);
                known.gone = true;
            }
            store.commit()?;
            let disk = &store.store.disk;
            for id in &old {
                let path = folder.join(layout::slot(*id));
                disk.remove(&path).map_err(Error::io(path))?;
            }
            disk.sync_folder(&folder).map_err(Error::io(folder))
        })
    }

    /// Does `work` on the newest store, with other writers kept out. Ctrl-C waits meanwhile, and a
    /// limit on the size of files is an error instead of an end.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let _signals_wait = Held::new();
        let _limit_is_an_error = file_size::Ignored::new();
        let _alone = self.store.lock()?;
        self.reload()?;
        self.sweep();
        let done = work(self);
        // What is on the disk counts, whatever came of it.
        let read = self.reload();
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

    /// The next version of an item, perhaps by another name.
    pub(crate) fn put_next(
        &mut self,
        from: &Name,
        to: &Name,
        facts: &Facts,
        content: &Content,
    ) -> Result<()> {
        let header = self.entry(from)?.1.sealed.header.clone();
        let floor = self.view.floors.items.get(&header.id).map_or(0, |floor| floor.generation);
        let generation = header.generation.max(floor).saturating_add(1);
        self.put(header.id, generation, to, facts, content)
    }

    /// Writes an item's files, and notes what the manifest is to promise.
    fn put(
        &mut self,
        id: ItemId,
        generation: u64,
        name: &Name,
        facts: &Facts,
        content: &Content,
    ) -> Result<()> {
        let label = Label { id, generation, name: name.clone(), device: self.state.device };
        let sealed = Sealed::make(&self.root, self.store.vault, label, facts, content)?;
        let folder = self.store.layout.keys();
        let disk = &*self.store.disk;
        place(disk, &folder, &layout::sealed(name), &sealed.file())?;
        self.promise(id, generation, false);
        self.put_public(name, facts)
    }

    /// Writes the halves that are not secret, as files that `ssh` can be told of.
    pub(crate) fn put_public(&self, name: &Name, facts: &Facts) -> Result<()> {
        let folder = self.store.layout.keys();
        let disk = &*self.store.disk;
        if let Some(public) = &facts.public {
            place(disk, &folder, &layout::public(name), &public_file(public, &facts.comment))?;
        }
        let certificate = layout::certificate(name);
        match &facts.certificate {
            Some(key) => place(disk, &folder, &certificate, &public_file(key, &facts.comment)),
            None => {
                let path = folder.join(certificate);
                disk.remove(&path).map_err(Error::io(path))
            }
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

    /// The files of an item, by their names.
    fn files(&self, name: &Name) -> Result<[String; 3]> {
        let (_, entry) = self.entry(name)?;
        let sealed = format!("{}{}", entry.stem, layout::SEALED);
        Ok([sealed, layout::public(name), layout::certificate(name)])
    }

    fn unlink(&self, files: &[String]) -> Result<()> {
        let folder = self.store.layout.keys();
        for file in files {
            let path = folder.join(file);
            self.store.disk.remove(&path).map_err(Error::io(path))?;
        }
        self.store.disk.sync_folder(&folder).map_err(Error::io(folder))
    }

    /// Takes away what writes before this one left unfinished. Nobody else is writing.
    fn sweep(&self) {
        let layout = &self.store.layout;
        for folder in [layout.keys(), layout.slots(), layout.manifests()] {
            for name in self.store.names(&folder).unwrap_or_default() {
                if name.starts_with(DRAFT) {
                    // It costs nothing if it stays.
                    let _ = self.store.disk.remove(&folder.join(name));
                }
            }
        }
    }
}

/// One line. A comment may be any bytes, and must neither end the line nor steer a terminal.
pub(crate) fn public_file(key: &keyfob_keys::PublicKey, comment: &[u8]) -> Vec<u8> {
    let comment: Vec<u8> =
        comment.iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
    let mut line = key.to_line(&comment);
    line.push(b'\n');
    line
}
