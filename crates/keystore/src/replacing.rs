//! Whole stores: a new one, and one that takes the place of another.
//!
//! Built beside the place and moved there in one step: a store is never half made, and a new root
//! is never mixed with an old one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyfob_keys::Secret;
use keyfob_sys::file_size;
use keyfob_sys::signals::Held;

use crate::code::RecoveryCode;
use crate::cost::Cost;
use crate::disk::{self, Disk, SystemDisk, parent, place};
use crate::header;
use crate::id::{Id, VaultId};
use crate::item::{Label, Sealed};
use crate::layout::{self, Layout};
use crate::manifest::{Floor, Floors, Manifest, SlotFloor};
use crate::root::Root;
use crate::slot::{Slot, SlotKind};
use crate::state::State;
use crate::store::{self, Store};
use crate::unlocked::{Trust, Unlocked};
use crate::{Error, Result, memory};

/// How to get keys out without this program.
pub(crate) const RECOVERY: &str = include_str!("recovery.txt");

/// A store that was made, and the code that opens it when the passphrase is lost.
#[derive(Debug)]
pub struct Made {
    /// Unlocked.
    pub store: Unlocked,
    /// To be shown once.
    pub code: RecoveryCode,
    /// Why the folder that was replaced is still there, if it is: all in it opens with what was
    /// taken back. The next write tries again.
    pub left: Option<Error>,
}

impl Store {
    /// Makes a store without keys.
    ///
    /// # Errors
    /// [`Error::Taken`] when there is something; what went wrong while writing: then there is
    /// nothing.
    pub fn create(folder: &Path, states: &Path, passphrase: &Secret, cost: Cost) -> Result<Made> {
        Self::create_on(Arc::new(SystemDisk), folder, states, passphrase, cost)
    }

    /// The same on another disk.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub fn create_on(
        disk: Arc<dyn Disk>,
        folder: &Path,
        states: &Path,
        passphrase: &Secret,
        cost: Cost,
    ) -> Result<Made> {
        let _signals_wait = Held::new();
        let _limit_is_an_error = file_size::Ignored::new();
        let layout = Layout::of(folder);
        if disk.changed(folder).map_err(Error::io(folder))?.is_some() {
            return Err(Error::Taken(folder.to_owned()));
        }
        let vault = VaultId::fresh()?;
        let draft = Draft::new(disk, &layout, states, vault)?;
        let filled =
            draft.fill(State::fresh()?, &Floors::default(), 0, passphrase, cost, &Kept::default());
        draft.finish(filled, |disk, draft| disk.rename(draft, folder))?.open(&layout, passphrase)
    }
}

impl Unlocked {
    /// Makes a new root, seals everything anew, and takes all old ways to unlock back. The folder
    /// of the old store is deleted; copies of it elsewhere still open with the old passphrase,
    /// and hold the keys as they were.
    ///
    /// # Errors
    /// What went wrong; then the old store stays as it was, unless the new one does not open. That
    /// the old one could not be deleted is no error: somebody waits for the code.
    pub fn rekey(mut self, passphrase: &Secret, cost: Cost) -> Result<Made> {
        let _signals_wait = Held::new();
        let _limit_is_an_error = file_size::Ignored::new();
        let _alone = self.store.lock()?;
        self.reload_alone()?;
        self.store.sweep();
        let names: Vec<_> = self.view.items.keys().cloned().collect();
        let mut items = Vec::with_capacity(names.len());
        for name in names {
            let header = self.entry(&name)?.1.sealed.header.clone();
            let label = Label {
                id: header.id,
                generation: header.generation.saturating_add(1),
                name: name.clone(),
                device: self.state.device,
            };
            let (facts, content) = self.open(&name)?;
            items.push((label, facts, content));
        }
        // One that does not open is worth nothing, and no reason to stay with the old root.
        let memory = self.memory().ok().flatten();
        let kept = Kept { items, memory };
        let Self { store, state, view, .. } = self;
        let sequence = view.own.1.max(state.seen.get(&state.device).copied().unwrap_or_default());
        let draft = Draft::new(Arc::clone(&store.disk), &store.layout, &store.states, store.vault)?;
        let filled = draft.fill(state, &view.floors, sequence, passphrase, cost, &kept);
        let folder = store.folder().to_owned();
        if let Ok(filled) = &filled {
            // For a power cut between the new store and the memory of it.
            filled.announce(&store);
        }
        let mut made = draft
            .finish(filled, |disk, draft| disk.exchange(draft, &folder))?
            .open(&store.layout, passphrase)?;
        // What the system keeps opens nothing any more; that it is left would be no harm.
        let _ = store.forget_account(made.store.state.device);
        // Where the new one was built, the old one is now.
        let old = draft.layout.folder();
        // The code is shown once, and this is no reason to lose it.
        made.left = store.disk.remove_folder(old).map_err(Error::io(old)).err();
        Ok(made)
    }
}

/// What a store with a new root takes over.
#[derive(Default)]
struct Kept {
    items: Vec<Resealed>,
    memory: Option<Vec<u8>>,
}

type Resealed = (Label, crate::Facts, crate::Content);

/// A store that is being built.
struct Draft {
    disk: Arc<dyn Disk>,
    layout: Layout,
    states: PathBuf,
    vault: VaultId,
}

/// What was built.
struct Filled {
    code: RecoveryCode,
    state: State,
}

impl Filled {
    /// Notes beside the root that this machine knows the one to come. A machine that cannot has
    /// to be told with [`Trust::AsItIs`], if power is lost right then.
    fn announce(&self, store: &Store) {
        if let (Ok(Some(mut before)), Some(root)) = (store.state(), self.state.root) {
            let sequence = self.state.seen.values().next().copied().unwrap_or_default();
            before.next = Some((root, sequence));
            before.device = self.state.device;
            let _ = store.save_state(&before);
        }
    }
}

/// A store in its place, not opened yet.
struct Placed<'a> {
    draft: &'a Draft,
    filled: Filled,
}

impl Draft {
    fn new(disk: Arc<dyn Disk>, place: &Layout, states: &Path, vault: VaultId) -> Result<Self> {
        let mut name = place.folder().as_os_str().to_owned();
        name.push(format!(".new-{}", Id::<8>::fresh()?));
        let layout = Layout::of(Path::new(&name));
        Ok(Self { disk, layout, states: states.to_owned(), vault })
    }

    /// Writes everything.
    fn fill(
        &self,
        mut state: State,
        before: &Floors,
        sequence: u64,
        passphrase: &Secret,
        cost: Cost,
        kept: &Kept,
    ) -> Result<Filled> {
        let (root, code) = (Root::fresh()?, RecoveryCode::fresh()?);
        let disk = &*self.disk;
        let layout = &self.layout;
        for folder in [layout.slots(), layout.keys(), layout.manifests()] {
            disk::folder(disk, &folder)?;
        }
        // Deleted items stay deleted, and other devices begin anew.
        let mut floors = Floors { items: before.items.clone(), ..Floors::default() };
        let passphrase = Slot::make(self.vault, SlotKind::Passphrase(cost), passphrase, &root)?;
        let paper = Slot::make(self.vault, SlotKind::RecoveryCode, &code, &root)?;
        for slot in [passphrase, paper] {
            place(disk, &layout.slots(), &layout::slot(slot.id()), &slot.file())?;
            let live = SlotFloor { gone: false, digest: slot.digest() };
            floors.slots.insert(slot.id(), live);
        }
        for (label, facts, content) in &kept.items {
            let Label { id, generation, name, device } = label;
            let label =
                Label { id: *id, generation: *generation, name: name.clone(), device: *device };
            let sealed = Sealed::make(&root, self.vault, label, facts, content)?;
            place(disk, &layout.keys(), &layout::sealed(name), &sealed.file())?;
            let halves = [
                (layout::public(name), &facts.public),
                (layout::certificate(name), &facts.certificate),
            ];
            for (file, key) in halves {
                if let Some(key) = key {
                    let line = crate::placing::public_file(key, &facts.comment);
                    place(disk, &layout.keys(), &file, &line)?;
                }
            }
            let floor = Floor { generation: *generation, gone: false, device: *device };
            floors.items.insert(*id, floor);
        }
        let sequence = sequence.saturating_add(1);
        let manifest = Manifest { device: state.device, sequence, previous: [0; 32], floors };
        let file = manifest.seal(&root, self.vault)?;
        place(disk, &layout.manifests(), &layout::manifest(state.device), &file)?;
        if let Some(memory) = &kept.memory {
            memory::write(disk, layout, &root, self.vault, memory)?;
        }
        place(disk, layout.folder(), layout::RECOVERY, RECOVERY.as_bytes())?;
        let vault = format!("{}\n", header::line(store::KIND, &[&self.vault]));
        place(disk, layout.folder(), layout::VAULT, vault.as_bytes())?;
        state.root = Some(root.commitment(self.vault)?);
        state.seen = [(state.device, sequence)].into();
        Ok(Filled { code, state })
    }

    /// Moves it to its place, or takes it away.
    fn finish(
        &self,
        filled: Result<Filled>,
        take_place: impl FnOnce(&dyn Disk, &Path) -> std::io::Result<()>,
    ) -> Result<Placed<'_>> {
        let folder = self.layout.folder();
        let placed = filled.and_then(|filled| {
            take_place(&*self.disk, folder).map_err(Error::io(folder))?;
            Ok(filled)
        });
        match placed {
            Ok(filled) => {
                // When this fails both stores stay: either may be the one that lasts.
                let above = parent(folder);
                self.disk.sync_folder(above).map_err(Error::io(above))?;
                Ok(Placed { draft: self, filled })
            }
            Err(error) => {
                let _ = self.disk.remove_folder(folder);
                Err(error)
            }
        }
    }
}

impl Placed<'_> {
    /// Opens it as anybody would: what was written is thereby proved to be readable.
    fn open(self, layout: &Layout, passphrase: &Secret) -> Result<Made> {
        let Draft { disk, states, vault, .. } = self.draft;
        // A machine that cannot note it has a store all the same, and somebody waits for its code.
        let _ = self.filled.state.save(&**disk, states, *vault);
        let store = Store::open_on(Arc::clone(disk), layout.folder(), states)?;
        let store = store.unlock(passphrase, Trust::AsItIs)?;
        Ok(Made { store, code: self.filled.code, left: None })
    }
}
