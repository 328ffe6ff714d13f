//! The files of an item: how they take their places without costing another item its own.
//!
//! What a file is called is no proof of what is in it: a person or a tool may have moved it. So a
//! name that is free in the store may be the file of something else, and that is moved out of the
//! way, never written over.

use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::disk::{DRAFT, parent, place};
use crate::facts::Facts;
use crate::id::{Id, ItemId};
use crate::item::{Label, Sealed};
use crate::layout;
use crate::name::Name;
use crate::store::Store;
use crate::unlocked::Unlocked;
use crate::{Error, Result};

impl Unlocked {
    /// Writes the next version of an item, perhaps by another name, and takes the old one away.
    pub(crate) fn replace(
        &mut self,
        from: &Name,
        to: &Name,
        facts: &Facts,
        content: &Content,
    ) -> Result<()> {
        let entry = self.entry(from)?.1;
        let old =
            [layout::sealed_stem(&entry.stem), layout::public(from), layout::certificate(from)];
        let header = entry.sealed.header.clone();
        let floor = self.view.floors.items.get(&header.id).map_or(0, |floor| floor.generation);
        let generation = header.generation.max(floor).saturating_add(1);
        self.put(header.id, generation, to, facts, content)?;
        self.commit()?;
        self.unlink_all_but(&old, to)
    }

    /// Writes an item's files, and notes what the manifest is to promise.
    pub(crate) fn put(
        &mut self,
        id: ItemId,
        generation: u64,
        name: &Name,
        facts: &Facts,
        content: &Content,
    ) -> Result<()> {
        let label = Label { id, generation, name: name.clone(), device: self.state.device };
        let sealed = Sealed::make(&self.root, self.store.vault, label, facts, content)?;
        self.make_way(id, name)?;
        let folder = self.store.layout.keys();
        place(&*self.store.disk, &folder, &layout::sealed(name), &sealed.file())?;
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

    /// Gives a file of something else that has this name another one.
    fn make_way(&mut self, id: ItemId, name: &Name) -> Result<()> {
        let folder = self.store.layout.keys();
        if !self.is_in_the_way(id, name) {
            let target = folder.join(layout::sealed(name));
            return match self.store.disk.read(&target, 0) {
                Ok(None) => Ok(()),
                // What makes an old version worthless must last before it is written over.
                _ => self.store.disk.sync_folder(&folder).map_err(Error::io(folder)),
            };
        }
        let free = (2..).filter_map(|number| name.numbered(number)).find(|free| {
            let there = self.store.disk.read(&folder.join(layout::sealed(free)), 0);
            matches!(there, Ok(None))
        });
        // There are fewer files than numbers.
        let Some(free) = free else { return Err(Error::NameTaken(name.to_string())) };
        let (from, to) = (folder.join(layout::sealed(name)), folder.join(layout::sealed(&free)));
        let disk = &self.store.disk;
        // To last before the name is given away: of two files one could be lost otherwise.
        disk.rename(&from, &to)
            .and_then(|()| disk.sync_folder(&folder))
            .map_err(Error::io(from))?;
        for entry in self.view.items.values_mut().filter(|entry| entry.stem == name.as_str()) {
            free.as_str().clone_into(&mut entry.stem);
        }
        Ok(())
    }

    /// Whether a file of this name holds anything but an older version of this item, or what is
    /// left of a deleted one.
    fn is_in_the_way(&self, id: ItemId, name: &Name) -> bool {
        match self.store.sealed(&layout::sealed(name)) {
            Ok(None) => false,
            Ok(Some(sealed)) => {
                let header = &sealed.header;
                let floor = self.view.floors.items.get(&header.id);
                let is_dead =
                    floor.is_some_and(|floor| floor.gone && header.generation <= floor.generation);
                let mut newer = self.view.items.values().map(|entry| &entry.sealed.header);
                let is_old =
                    newer.any(|it| it.id == header.id && it.generation > header.generation);
                header.id != id && !is_dead && !is_old
            }
            // Damaged is not worthless: there may be a copy it can be put together with.
            Err(_) => true,
        }
    }

    /// Takes the files of a new item away again.
    pub(crate) fn withdraw(&mut self, id: ItemId, name: &Name) {
        self.view.floors.items.remove(&id);
        let file = layout::sealed(name);
        if matches!(self.store.sealed(&file), Ok(Some(sealed)) if sealed.header.id == id) {
            // What stays is found, and does no harm.
            let _ = self.unlink(&[file, layout::public(name), layout::certificate(name)]);
        }
    }

    /// The files of an item, by their names.
    pub(crate) fn files(&self, name: &Name) -> Result<[String; 3]> {
        let (_, entry) = self.entry(name)?;
        Ok([layout::sealed_stem(&entry.stem), layout::public(name), layout::certificate(name)])
    }

    /// Takes the files of an old name away, but none that is one of the new name.
    fn unlink_all_but(&self, old: &[String], new: &Name) -> Result<()> {
        let new = [layout::sealed(new), layout::public(new), layout::certificate(new)];
        let listed = self.store.names(&self.store.layout.keys())?;
        let is_there = |name: &String| listed.binary_search(name).is_ok();
        let goes = |file: &&String| match new.iter().find(|new| new.eq_ignore_ascii_case(file)) {
            // Where names have no case, `Work` and `work` are one file, and only one is listed.
            Some(same) => *file != same && is_there(file) && is_there(same),
            None => is_there(file),
        };
        let old: Vec<String> = old.iter().filter(goes).cloned().collect();
        if old.is_empty() { Ok(()) } else { self.unlink(&old) }
    }

    pub(crate) fn unlink(&self, files: &[String]) -> Result<()> {
        let folder = self.store.layout.keys();
        for file in files {
            let path = folder.join(file);
            self.store.disk.remove(&path).map_err(Error::io(path))?;
        }
        self.store.disk.sync_folder(&folder).map_err(Error::io(folder))
    }
}

impl Store {
    /// Takes away what writes before this one left unfinished. Nobody else is writing. What cannot
    /// be taken away costs nothing.
    pub(crate) fn sweep(&self) {
        let [keys, slots, manifests] =
            [self.layout.keys(), self.layout.slots(), self.layout.manifests()];
        for folder in [self.folder().to_owned(), keys, slots, manifests] {
            for name in self.names(&folder).unwrap_or_default() {
                if name.starts_with(DRAFT) {
                    let _ = self.disk.remove(&folder.join(name));
                }
            }
        }
        let above = parent(self.folder());
        for folder in self.replaced_folders() {
            // That ours is in its place must last before the other one goes.
            if self.disk.sync_folder(above).is_ok() {
                let _ = self.disk.remove_folder(&folder);
            }
        }
    }

    /// Files directly in the folder that were never finished.
    pub(crate) fn drafts_at_the_top(&self) -> impl Iterator<Item = PathBuf> {
        let names = self.names(self.folder()).unwrap_or_default().into_iter();
        let drafts = names.filter(|name| name.starts_with(DRAFT));
        drafts.map(|name| self.folder().join(name))
    }

    /// Folders beside this one that are left of it: built and never used, or replaced.
    pub(crate) fn replaced_folders(&self) -> Vec<PathBuf> {
        let above = parent(self.folder());
        let names = self.names(above).unwrap_or_default().into_iter();
        let drafts = names.filter(|name| self.is_draft(name)).map(|name| above.join(name));
        drafts.filter(|folder| !self.is_of_another(folder)).collect()
    }

    /// Whether this is what a store is called while it is built, or after it was replaced: then
    /// all it holds opens with a passphrase that was taken back.
    fn is_draft(&self, name: &str) -> bool {
        let own = self.folder().file_name().and_then(|own| own.to_str());
        let digits = own.and_then(|own| name.strip_prefix(own)?.strip_prefix(DRAFT));
        digits.is_some_and(|digits| Id::<8>::parse(digits).is_some())
    }

    fn is_of_another(&self, folder: &Path) -> bool {
        let other = Self::open_on(self.disk.clone(), folder, &self.states);
        other.is_ok_and(|other| other.vault != self.vault)
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
