//! What an unlocked store holds, by the rules that tell a genuine file from one put there.
//!
//! - A version that is older than a manifest promises is refused: somebody put it back.
//! - A newer one than promised is taken: its write was cut short before the manifest.
//! - A deleted item stays deleted.
//! - A name inside a seal counts, not the file's.
//! - One bad file hides no other.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::facts::Facts;
use crate::finding::Finding;
use crate::id::ItemId;
use crate::item::Sealed;
use crate::layout::{self, Layout};
use crate::limits::{MAX_MANIFEST_FILE, MAX_SLOT_FILE};
use crate::manifest::{Floors, Manifest, digest};
use crate::name::Name;
use crate::root::Root;
use crate::slot::Slot;
use crate::state::State;
use crate::store::Store;
use crate::{Error, Problem, Result};

/// Everything that was read at one moment.
#[derive(Default)]
pub(crate) struct View {
    /// The items that may be used, by the name they go by.
    pub(crate) items: BTreeMap<Name, Entry>,
    /// What all manifests together promise.
    pub(crate) floors: Floors,
    /// The hash of this device's own manifest, and its number.
    pub(crate) own: ([u8; 32], u64),
    pub(crate) findings: Vec<Finding>,
}

/// An item that may be used.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// The stem of its file, which is not always its name.
    pub(crate) stem: String,
    pub(crate) sealed: Sealed,
    pub(crate) facts: Facts,
}

impl View {
    /// Reads the store, and once more with writers kept out when something seems wrong: a writer
    /// may have been in the middle of a change.
    pub(crate) fn settled(store: &Store, root: &Root, state: &State) -> Result<Self> {
        let view = Self::read(store, root, state)?;
        if view.findings.is_empty() && !view.is_rolled_back(state) {
            return Ok(view);
        }
        match store.lock() {
            Ok(_alone) => Self::read(store, root, state),
            // A store that may only be read has no writers.
            Err(_) => Ok(view),
        }
    }

    /// Reads the store.
    pub(crate) fn read(store: &Store, root: &Root, state: &State) -> Result<Self> {
        let mut view = Self::default();
        view.read_manifests(store, root, state)?;
        view.read_slots(store)?;
        let candidates = view.candidates(store, root)?;
        view.choose(candidates, &store.layout);
        view.check_public(store);
        Ok(view)
    }

    /// Whether every device's manifest is at least as new as this machine has seen it.
    pub(crate) fn is_rolled_back(&self, state: &State) -> bool {
        let seen = |device| self.floors.seen.get(device).copied().unwrap_or_default();
        state.seen.iter().any(|(device, sequence)| seen(device) < *sequence)
    }

    /// Whether it may be believed by who has seen it before.
    pub(crate) fn check_age(&self, state: &State) -> Result<()> {
        if !self.is_rolled_back(state) {
            return Ok(());
        }
        let damaged = self.findings.iter().find_map(|finding| match finding {
            Finding::File { file, problem } if file.extension() == Some(OsStr::new("m")) => {
                Some(Error::damaged(file, *problem))
            }
            _ => None,
        });
        Err(damaged.unwrap_or(Error::RolledBack))
    }

    fn read_manifests(&mut self, store: &Store, root: &Root, state: &State) -> Result<()> {
        let folder = store.layout.manifests();
        let mut there = Floors::default();
        for name in store.names(&folder)? {
            let path = folder.join(&name);
            let Some(stem) = name.strip_suffix(layout::MANIFEST) else {
                self.note_other(&name, path);
                continue;
            };
            let Some(file) = self.read_file(store, &path, MAX_MANIFEST_FILE) else {
                continue;
            };
            match Manifest::open(&file, root, store.vault) {
                Ok(manifest) if manifest.device.to_string() != stem => {
                    self.find(path, Problem::Moved);
                }
                Ok(manifest) => {
                    there.saw(manifest.device, manifest.sequence);
                    if manifest.device == state.device {
                        self.own = (digest(&file), manifest.sequence);
                    }
                    self.floors.merge(&manifest.floors);
                }
                Err(problem) => self.find(path, problem),
            }
        }
        // What manifests say of each other is no proof that the other is there.
        self.floors.seen = there.seen;
        Ok(())
    }

    fn read_slots(&mut self, store: &Store) -> Result<()> {
        let folder = store.layout.slots();
        let mut missing: BTreeSet<_> =
            self.floors.slots.iter().filter(|(_, slot)| !slot.gone).map(|(id, _)| *id).collect();
        for name in store.names(&folder)? {
            let path = folder.join(&name);
            if !name.ends_with(layout::SLOT) {
                self.note_other(&name, path);
                continue;
            }
            let Some(file) = self.read_file(store, &path, MAX_SLOT_FILE) else {
                continue;
            };
            let slot = match Slot::read(&file, store.vault) {
                Ok(slot) => slot,
                Err(problem) => {
                    self.find(path, problem);
                    continue;
                }
            };
            if name != layout::slot(slot.id()) {
                self.find(path.clone(), Problem::Moved);
            }
            match self.floors.slots.get(&slot.id()) {
                None => self.findings.push(Finding::UnknownSlot(path)),
                Some(known) if known.gone => self.find(path, Problem::Deleted),
                Some(known) if known.digest != slot.digest() => self.find(path, Problem::Seal),
                Some(_) => {
                    missing.remove(&slot.id());
                }
            }
        }
        self.findings.extend(missing.into_iter().map(Finding::MissingSlot));
        Ok(())
    }

    /// All sealed items that open, by their number. One that does not is dropped at once: there may
    /// be as many as a folder holds, and as large as a file may be.
    fn candidates(&mut self, store: &Store, root: &Root) -> Result<BTreeMap<ItemId, Vec<Entry>>> {
        let folder = store.layout.keys();
        let mut candidates: BTreeMap<ItemId, Vec<Entry>> = BTreeMap::new();
        for name in store.names(&folder)? {
            let Some(stem) = name.strip_suffix(layout::SEALED) else {
                if !name.ends_with(layout::PUBLIC) {
                    self.note_other(&name, folder.join(&name));
                }
                continue;
            };
            match store.sealed(&name) {
                Ok(Some(sealed)) => {
                    // Something is there of this item, whether it opens or not.
                    let versions = candidates.entry(sealed.header.id).or_default();
                    match sealed.open_facts(root, store.vault) {
                        Ok(facts) => {
                            versions.push(Entry { stem: stem.to_owned(), sealed, facts });
                        }
                        Err(problem) => self.find(store.layout.sealed_of(stem), problem),
                    }
                }
                Ok(None) => {}
                Err(Error::Damaged { path, problem }) => self.find(path, problem),
                // One bad file hides no other.
                Err(_) => self.find(folder.join(&name), Problem::Unreadable),
            }
        }
        Ok(candidates)
    }

    /// Of each item the newest version that is genuine and not too old.
    fn choose(&mut self, candidates: BTreeMap<ItemId, Vec<Entry>>, layout: &Layout) {
        let mut missing: BTreeSet<ItemId> =
            self.floors.items.iter().filter(|(_, floor)| !floor.gone).map(|(id, _)| *id).collect();
        for (id, mut versions) in candidates {
            missing.remove(&id);
            // The newest first; of two alike the one that has its own name.
            versions.sort_by_key(|Entry { stem, sealed, .. }| {
                let header = &sealed.header;
                (std::cmp::Reverse(header.generation), header.name.as_str() != stem)
            });
            let mut versions = versions.into_iter();
            if let Some(newest) = versions.next() {
                let accepted = self.accepted(&newest, layout);
                versions.for_each(|other| self.note_version(&other, &newest, accepted, layout));
                if accepted {
                    self.take(newest, layout);
                }
            }
        }
        self.findings.extend(missing.into_iter().map(Finding::Missing));
    }

    /// A version beside the newest one.
    fn note_version(&mut self, other: &Entry, newest: &Entry, accepted: bool, layout: &Layout) {
        let file = layout.sealed_of(&other.stem);
        let is_older = other.sealed.header.generation < newest.sealed.header.generation;
        let problem = match (accepted, is_older) {
            (true, false) if other.sealed.file() != newest.sealed.file() => {
                let name = newest.sealed.header.name.clone();
                self.findings.push(Finding::Conflict { file, name });
                return;
            }
            (true, false) => Problem::Moved,
            (true, true) => Problem::Deleted,
            (false, _) if self.is_gone(newest) => Problem::Deleted,
            (false, _) => Problem::Rollback,
        };
        self.find(file, problem);
    }

    fn is_gone(&self, entry: &Entry) -> bool {
        self.floors.items.get(&entry.sealed.header.id).is_some_and(|floor| floor.gone)
    }

    /// Whether the manifests allow this version.
    fn accepted(&mut self, entry: &Entry, layout: &Layout) -> bool {
        let header = &entry.sealed.header;
        let problem = match self.floors.items.get(&header.id) {
            // First: a version before the deleted one, left by a write that was cut short, is dead
            // as well, and nobody has put it back.
            Some(floor) if floor.gone && header.generation <= floor.generation => Problem::Deleted,
            Some(floor) if header.generation < floor.generation => Problem::Rollback,
            _ => return true,
        };
        self.find(layout.sealed_of(&entry.stem), problem);
        false
    }

    /// Takes an item under its sealed name, or another one where that is taken.
    fn take(&mut self, entry: Entry, layout: &Layout) {
        let name = entry.sealed.header.name.clone();
        if name.as_str() != entry.stem {
            self.find(layout.sealed_of(&entry.stem), Problem::Moved);
        }
        let taken = |items: &BTreeMap<Name, Entry>, name: &Name| {
            items.keys().any(|known| known.is_same_file(name))
        };
        if !taken(&self.items, &name) {
            self.items.insert(name, entry);
            return;
        }
        let free = (2..).filter_map(|number| name.numbered(number));
        // There are fewer items than numbers.
        if let Some(shown) = free.into_iter().find(|shown| !taken(&self.items, shown)) {
            self.findings.push(Finding::SameName { name, shown: shown.clone() });
            self.items.insert(shown, entry);
        }
    }

    /// The public halves, which nothing seals: a swapped one would be installed on servers.
    fn check_public(&mut self, store: &Store) {
        for (name, entry) in &self.items {
            let Some(public) = &entry.facts.public else {
                continue;
            };
            let file = store.layout.public(name);
            match store.public_line(&layout::public(name)) {
                Ok(Some((key, _))) if key == *public => {}
                Ok(None) => self.findings.push(Finding::NoPublic(file)),
                _ => {
                    let problem = Problem::OtherPublic;
                    self.findings.push(Finding::File { file, problem });
                }
            }
        }
    }

    /// The content of a file, if it can be had.
    pub(crate) fn read_file(
        &mut self,
        store: &Store,
        path: &Path,
        limit: usize,
    ) -> Option<Vec<u8>> {
        match store.disk.read(path, limit) {
            Ok(file) => file,
            Err(error) => {
                let is_long = error.kind() == std::io::ErrorKind::FileTooLarge;
                let problem = if is_long { Problem::TooLong } else { Problem::Unreadable };
                self.find(path.to_owned(), problem);
                None
            }
        }
    }

    pub(crate) fn note_other(&mut self, name: &str, path: PathBuf) {
        self.findings.push(if name.starts_with(crate::disk::DRAFT) {
            Finding::Draft(path)
        } else {
            Finding::Stranger(path)
        });
    }

    pub(crate) fn find(&mut self, file: PathBuf, problem: Problem) {
        self.findings.push(Finding::File { file, problem });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::Secret;

    use super::*;
    use crate::Cost;

    /// Lost otherwise: whoever can write to the folder fills the memory of who opens it, with links
    /// to one large file.
    #[test]
    fn what_does_not_open_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("store");
        let passphrase = Secret::from(b"right".to_vec());
        let states = folder.path().join("states");
        let made = Store::create(&place, &states, &passphrase, Cost::FLOOR).unwrap().store;
        let vault = made.store.vault;
        let hex = |count| "7".repeat(count);
        let line = format!(
            "keyfob-item 1 {vault} {} 1 openssh large {} {} {}\n",
            hex(32),
            hex(16),
            hex(64),
            hex(64)
        );
        let large = [line.into_bytes(), vec![7; 100_000]].concat();
        for number in 0..3 {
            std::fs::write(place.join(format!("keys/{number}.sealed")), &large).unwrap();
        }
        let mut view = View::default();
        let candidates = view.candidates(&made.store, &made.root).unwrap();
        assert_eq!(candidates.values().map(Vec::len).collect::<Vec<_>>(), [0]);
        assert_eq!(view.findings.len(), 3);
        assert_eq!(made.store.list().unwrap().len(), 3);
    }
}
