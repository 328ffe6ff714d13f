//! A snapshot of a whole store: taken while nobody writes, and proved before it takes a place.
//!
//! It is the files of the store by their paths, sealed as they are: it opens with what opens
//! the store, and in what form it is kept is not this crate's part.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{DRAFT, Disk, SystemDisk, place};
use crate::id::Id;
use crate::layout::{self, Layout};
use crate::limits::{
    MAX_FILES, MAX_ITEM_FILE, MAX_MANIFEST_FILE, MAX_MEMORY_FILE, MAX_PUBLIC_FILE, MAX_SLOT_FILE,
    MAX_SMALL_FILE,
};
use crate::slot::Method;
use crate::state::State;
use crate::store::{Store, read_vault};
use crate::unlocked::{Trust, Unlocked};
use crate::view::View;
use crate::{Error, Problem, Result};

/// Every file of a store, by its path inside, with `/` between folder and name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    files: BTreeMap<String, Vec<u8>>,
}

/// A store that was put in its place.
#[derive(Debug)]
pub struct Restored {
    /// Unlocked.
    pub store: Unlocked,
    /// Where the one is that was there before.
    pub old: Option<PathBuf>,
}

impl Store {
    /// Reads every file of the store while no other program writes.
    ///
    /// # Errors
    /// [`Error::Busy`], or the system's.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let _alone = self.lock()?;
        let mut snapshot = Snapshot::default();
        let folder = self.folder();
        for name in [layout::VAULT, layout::RECOVERY, layout::MEMORY] {
            self.take(&mut snapshot, name.to_owned(), &folder.join(name))?;
        }
        for inside in [self.layout.keys(), self.layout.slots(), self.layout.manifests()] {
            let stem = inside.file_name().unwrap_or_default().to_string_lossy().into_owned();
            for name in self.names(&inside)? {
                self.take(&mut snapshot, format!("{stem}/{name}"), &inside.join(name))?;
            }
        }
        Ok(snapshot)
    }

    /// What is no file of a store stays out; and a link is none, wherever it leads: whoever can
    /// write to the folder would have any file of the user in the backup.
    fn take(&self, snapshot: &mut Snapshot, name: String, path: &Path) -> Result<()> {
        if let Some(limit) = limit_of(&name)
            && let Some(bytes) = self.disk.read_itself(path, limit).map_err(Error::io(path))?
        {
            snapshot.files.insert(name, bytes);
        }
        Ok(())
    }
}

impl Snapshot {
    /// Takes a file that was kept.
    ///
    /// # Errors
    /// [`Error::Damaged`] for a path that is none of a store, twice the same, or too many bytes.
    pub fn insert(&mut self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let refused = |problem| Err(Error::damaged(name, problem));
        match limit_of(name) {
            None => refused(Problem::Moved),
            Some(limit) if bytes.len() > limit => refused(Problem::TooLong),
            Some(_) if self.files.len() >= MAX_FILES => refused(Problem::TooLong),
            Some(_) => match self.files.insert(name.to_owned(), bytes) {
                None => Ok(()),
                Some(_) => refused(Problem::Moved),
            },
        }
    }

    /// The files, by name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }

    /// Puts it in the place of a store. It is written beside the place, unlocked and every item
    /// of it opened there; only then it goes to its place in one step, and what was there is kept
    /// beside it. This machine remembers the store as it is now.
    ///
    /// # Errors
    /// What is wrong with the copy, or with the way to its place: then nothing has changed.
    pub fn restore(&self, folder: &Path, states: &Path, method: &dyn Method) -> Result<Restored> {
        self.restore_on(Arc::new(SystemDisk), folder, states, method)
    }

    /// The same on another disk.
    ///
    /// # Errors
    /// As [`Snapshot::restore`].
    pub fn restore_on(
        &self,
        disk: Arc<dyn Disk>,
        folder: &Path,
        states: &Path,
        method: &dyn Method,
    ) -> Result<Restored> {
        let _signals_wait = keyfob_sys::signals::Held::new();
        let _limit_is_an_error = keyfob_sys::file_size::Ignored::new();
        let vault = self.files.get(layout::VAULT).map_or(&[][..], Vec::as_slice);
        read_vault(vault).map_err(|problem| Error::damaged(layout::VAULT, problem))?;
        let draft = beside(folder, "new")?;
        let placed = self
            .write(&*disk, &Layout::of(&draft))
            .and_then(|()| prove(&disk, &draft, states, method))
            .and_then(|()| take_place(&disk, &draft, folder, states));
        let old = placed.inspect_err(|_| {
            // Whatever is left of it is no store anybody looks for.
            let _ = disk.remove_folder(&draft);
        })?;
        let store = Store::open_on(disk, folder, states)?;
        Ok(Restored { store: store.unlock(method, Trust::AsItIs)?, old })
    }

    fn write(&self, disk: &dyn Disk, layout: &Layout) -> Result<()> {
        for folder in [layout.slots(), layout.keys(), layout.manifests()] {
            disk.make_folder(&folder).map_err(Error::io(folder))?;
        }
        for (name, bytes) in &self.files {
            match name.split_once('/') {
                None => place(disk, layout.folder(), name, bytes)?,
                Some((inside, name)) => place(disk, &layout.folder().join(inside), name, bytes)?,
            }
        }
        Ok(())
    }
}

/// Unlocks what was written, and opens every item of it. This machine's memory is neither asked
/// nor changed.
fn prove(disk: &Arc<dyn Disk>, draft: &Path, states: &Path, method: &dyn Method) -> Result<()> {
    let store = Store::open_on(Arc::clone(disk), draft, states)?;
    let state = State::fresh()?;
    let root = store.root(method, &state, Trust::AsItIs)?;
    let view = View::read(&store, &root, &state)?;
    for entry in view.items.values() {
        let opened = entry.sealed.open(&root, store.vault);
        opened.map_err(|it| Error::damaged(store.layout.sealed_of(&entry.stem), it))?;
    }
    Ok(())
}

/// Goes to its place; what was there goes beside it.
fn take_place(
    disk: &Arc<dyn Disk>,
    draft: &Path,
    folder: &Path,
    states: &Path,
) -> Result<Option<PathBuf>> {
    let settle = || match folder.parent() {
        Some(above) => disk.sync_folder(above).map_err(Error::io(above)),
        None => Ok(()),
    };
    if disk.changed(folder).map_err(Error::io(folder))?.is_none() {
        disk.rename(draft, folder).map_err(Error::io(folder))?;
        return settle().map(|()| None);
    }
    // No writer is in the middle of something, if it is a store at all.
    let old = Store::open_on(Arc::clone(disk), folder, states).ok();
    let _alone = old.map(|old| old.lock()).transpose()?;
    let kept = beside(folder, "before-restore")?;
    disk.exchange(draft, folder).map_err(Error::io(folder))?;
    // The exchange is done, so an error here is none of the restore: it stays by its first name.
    let kept = match disk.rename(draft, &kept) {
        Ok(()) => kept,
        Err(_) => draft.to_owned(),
    };
    settle().map(|()| Some(kept))
}

fn beside(folder: &Path, what: &str) -> Result<PathBuf> {
    let mut name = folder.as_os_str().to_owned();
    name.push(format!(".{what}-{}", Id::<8>::fresh()?));
    Ok(name.into())
}

/// How long a file of this path may be; `None` when it is none of a store. Not only for what is
/// read back: a path with anything odd in it could lead out of the folder it is written to.
fn limit_of(path: &str) -> Option<usize> {
    let Some((folder, name)) = path.split_once('/') else {
        return match path {
            layout::VAULT | layout::RECOVERY => Some(MAX_SMALL_FILE),
            layout::MEMORY => Some(MAX_MEMORY_FILE),
            _ => None,
        };
    };
    let odd = |byte: u8| byte == b'/' || byte == b'\\' || byte == 0;
    if name.starts_with('.') || name.starts_with(DRAFT) || name.len() > 255 || name.bytes().any(odd)
    {
        return None;
    }
    let ends = |ending: &str| name.ends_with(ending) && name.len() > ending.len();
    match folder {
        "keys" if ends(layout::SEALED) => Some(MAX_ITEM_FILE),
        "keys" if ends(layout::PUBLIC) => Some(MAX_PUBLIC_FILE),
        "slots" if ends(layout::SLOT) => Some(MAX_SLOT_FILE),
        "manifest" if ends(layout::MANIFEST) => Some(MAX_MANIFEST_FILE),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// Lost otherwise: a link in a folder that is synchronized brings any file of the user into a
    /// backup, and from there wherever that goes.
    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_into_a_snapshot() {
        let folder = tempfile::tempdir().unwrap();
        let (place, states) = (folder.path().join("store"), folder.path().join("states"));
        let passphrase = keyfob_keys::Secret::from(b"right".to_vec());
        let made = Store::create(&place, &states, &passphrase, crate::Cost::FLOOR).unwrap().store;
        let store = made.store();
        assert!(store.snapshot().is_ok());
        std::fs::write(folder.path().join("other"), "not for a backup").unwrap();
        let link = place.join("keys/link.pub");
        std::os::unix::fs::symlink(folder.path().join("other"), &link).unwrap();
        let refused = store.snapshot().unwrap_err().to_string();
        assert!(refused.contains("link.pub"), "{refused}");
    }

    #[test]
    fn only_paths_of_a_store_are_taken_and_each_once() {
        let mut snapshot = Snapshot::default();
        for good in ["VAULT", "RECOVERY.txt", "keys/a.sealed", "keys/a-cert.pub", "slots/1.slot"] {
            snapshot.insert(good, vec![1]).unwrap();
        }
        for bad in [
            "",
            "/VAULT",
            "VAULT/x",
            "keys",
            "keys/",
            "keys/.sealed",
            "keys/../VAULT",
            "../keys/a.sealed",
            "keys/a/b.sealed",
            "keys/a\\b.sealed",
            "keys/a\0.sealed",
            "keys/.new-1.sealed",
            "keys/a.slot",
            "slots/a.sealed",
            "manifest/x",
            ".lock",
            "VAULT",
        ] {
            assert!(snapshot.insert(bad, Vec::new()).is_err(), "{bad}");
        }
        assert!(snapshot.insert("slots/2.slot", vec![0; MAX_SLOT_FILE + 1]).is_err());
        assert_eq!(snapshot.files().count(), 5);
    }
}
