//! What can be done about what was found, said before it is done.
//!
//! A remedy never takes away the only copy of anything that opens: it removes what is unfinished,
//! dead or superseded, and writes anew what can be made from the rest. What is damaged stays where
//! it is, for a person who has a copy elsewhere to put it together.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::check::recovery_is_ours;
use crate::content::Content;
use crate::disk::place;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::id::ItemId;
use crate::item::Sealed;
use crate::layout;
use crate::manifest::SlotFloor;
use crate::name::Name;
use crate::slot::Slot;
use crate::unlocked::Unlocked;
use crate::{Error, Problem, Result};

/// One thing that can be done. It says so: `to_string` is a sentence for a person, with the names
/// of files, which come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remedy {
    /// Takes away what a write left, or what is left of a deleted key or an older version.
    Remove(PathBuf),
    /// Writes the files of a public half anew, from the sealed part.
    WritePublic(Name),
    /// Writes the text that tells how to get keys out anew.
    WriteRecovery(PathBuf),
    /// Gives a moved file the name of what is in it.
    PutBack(Name),
    /// Notes a slot that leads to the root of this store as one of its own.
    Adopt(PathBuf),
    /// Gives one of two items of the same name another one.
    Rename {
        /// What it is shown as.
        shown: Name,
    },
    /// Notes a missing item as deleted. If its file turns up later, it stays dead.
    Forget(ItemId),
    /// Notes a missing slot as taken back.
    ForgetSlot(crate::SlotId),
    /// Takes an older version of a key that is not there in a newer one, as its newest. Whoever
    /// put it back could have wanted just that: rules that were added since are gone.
    AcceptOlder(PathBuf),
}

impl Remedy {
    /// Whether a person has to say yes to just this: it gives up what may turn up again, or may be
    /// what somebody wants who can write to the store.
    #[must_use]
    pub fn is_risky(&self) -> bool {
        match self {
            Self::Forget(_) | Self::ForgetSlot(_) | Self::AcceptOlder(_) | Self::Adopt(_) => true,
            Self::Remove(_)
            | Self::WritePublic(_)
            | Self::WriteRecovery(_)
            | Self::PutBack(_)
            | Self::Rename { .. } => false,
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove(file) => write!(f, "delete {}", file.display()),
            Self::WritePublic(name) => write!(f, "write the public half of {name} anew"),
            Self::WriteRecovery(file) => write!(f, "write {} anew", file.display()),
            Self::PutBack(name) => write!(f, "give the file of {name} its name back"),
            Self::Adopt(file) => {
                write!(f, "keep {} as a way to unlock this key store", file.display())
            }
            Self::Rename { shown } => write!(f, "let {shown} have this name from now on"),
            Self::Forget(id) => write!(f, "note the missing key {id} as deleted, for good"),
            Self::ForgetSlot(id) => write!(f, "note the missing way to unlock {id} as taken back"),
            Self::AcceptOlder(file) => {
                write!(f, "take the older version in {} as the newest", file.display())
            }
        }
    }
}

impl Unlocked {
    /// What can be done about a finding; none where only a person can.
    #[must_use]
    pub fn remedy(&self, finding: &Finding) -> Option<Remedy> {
        match finding {
            Finding::Draft(file) => Some(Remedy::Remove(file.clone())),
            Finding::Ownerless(file) => {
                (!self.may_be_of_a_lost_key(file)).then(|| Remedy::Remove(file.clone()))
            }
            Finding::NoPublic(file) => self.public_of(file).map(Remedy::WritePublic),
            Finding::UnknownSlot(file) => {
                // What says it leads elsewhere is a stranger's. What says it leads here may be, too:
                // anybody can copy that. It opens nothing then, and costs a try at each unlock.
                let slot = self.slot_in(file)?;
                let ours = self.root.is_committed(self.store.vault, slot.commitment()).ok()?;
                Some(if ours { Remedy::Adopt(file.clone()) } else { Remedy::Remove(file.clone()) })
            }
            Finding::SameName { shown, .. } => Some(Remedy::Rename { shown: shown.clone() }),
            Finding::Conflict { .. } | Finding::Stranger(_) | Finding::Forgetful(_) => None,
            Finding::Missing(id) => Some(Remedy::Forget(*id)),
            Finding::MissingSlot(id) => Some(Remedy::ForgetSlot(*id)),
            Finding::File { file, problem } => self.remedy_of_file(file, *problem),
        }
    }

    fn remedy_of_file(&self, file: &Path, problem: Problem) -> Option<Remedy> {
        let folder = file.parent()?;
        let in_keys = folder == self.store.layout.keys();
        if file == self.store.layout.memory() {
            // What was remembered is lost already.
            return Some(Remedy::Remove(file.to_owned()));
        }
        match problem {
            Problem::Deleted => Some(Remedy::Remove(file.to_owned())),
            Problem::OtherPublic if in_keys => self.public_of(file).map(Remedy::WritePublic),
            Problem::OtherRecovery => Some(Remedy::WriteRecovery(file.to_owned())),
            Problem::Moved if in_keys => {
                let stem = stem_of(file)?;
                let own = self.view.items.iter().find(|(_, entry)| entry.stem == stem);
                // A second file with the very same bytes is one too many.
                let remedy = own.map(|(name, _)| Remedy::PutBack(name.clone()));
                Some(remedy.unwrap_or_else(|| Remedy::Remove(file.to_owned())))
            }
            Problem::Rollback if in_keys => {
                let id = self.sealed_in(file)?.header.id;
                let newer = self.view.items.values().any(|entry| entry.sealed.header.id == id);
                let file = file.to_owned();
                Some(if newer { Remedy::Remove(file) } else { Remedy::AcceptOlder(file) })
            }
            _ => None,
        }
    }

    /// Does what a remedy says, if it is still called for.
    ///
    /// # Errors
    /// What went wrong while writing; [`Error::NoItem`] when the item is gone meanwhile.
    pub fn mend(&mut self, remedy: &Remedy) -> Result<()> {
        self.write(|store| {
            let asked = store.check_read();
            if !asked.iter().any(|finding| store.remedy(finding).as_ref() == Some(remedy)) {
                return Ok(());
            }
            store.apply(remedy)
        })
    }

    fn apply(&mut self, remedy: &Remedy) -> Result<()> {
        let disk = self.store.disk.clone();
        match remedy {
            Remedy::Remove(file) => {
                let above = crate::disk::parent(file);
                // What makes it worthless must last before it goes: its writer may have been
                // killed a moment before that was so.
                disk.sync_folder(above)
                    // A folder that was replaced, or a file.
                    .and_then(|()| disk.remove(file).or_else(|_| disk.remove_folder(file)))
                    .and_then(|()| disk.sync_folder(above))
                    .map_err(Error::io(file))
            }
            Remedy::WritePublic(name) => {
                let facts = self.entry(name)?.1.facts.clone();
                self.put_public(name, &facts)
            }
            Remedy::WriteRecovery(_) => {
                let folder = self.store.folder().to_owned();
                place(&*disk, &folder, layout::RECOVERY, crate::replacing::RECOVERY.as_bytes())
            }
            Remedy::PutBack(name) | Remedy::Rename { shown: name } => {
                let (facts, content) = self.open(name)?;
                self.replace(name, name, &facts, &content)
            }
            Remedy::Adopt(file) => {
                let slot = self.slot_in(file).ok_or_else(|| unreadable(file))?;
                let live = SlotFloor { gone: false, digest: slot.digest() };
                self.view.floors.slots.insert(slot.id(), live);
                self.commit()
            }
            Remedy::Forget(id) => {
                let generation = self.view.floors.items.get(id).map_or(0, |it| it.generation);
                self.promise(*id, generation, true);
                self.commit()
            }
            Remedy::ForgetSlot(id) => {
                if let Some(slot) = self.view.floors.slots.get_mut(id) {
                    slot.gone = true;
                }
                self.commit()
            }
            Remedy::AcceptOlder(file) => self.accept_older(file),
        }
    }

    /// Seals it anew, as a version above all that was promised.
    fn accept_older(&mut self, file: &Path) -> Result<()> {
        let sealed = self.sealed_in(file).ok_or_else(|| unreadable(file))?;
        let opened = sealed.open(&self.root, self.store.vault);
        let (facts, content): (Facts, Content) =
            opened.map_err(|problem| Error::damaged(file, problem))?;
        let header = sealed.header;
        let taken = |name: &Name| self.view.items.keys().any(|known| known.is_same_file(name));
        let numbered = (2..).filter_map(|number| header.name.numbered(number));
        let free = std::iter::once(header.name.clone()).chain(numbered).find(|name| !taken(name));
        let name = free.ok_or_else(|| Error::NameTaken(header.name.to_string()))?;
        let floor = self.view.floors.items.get(&header.id).map_or(0, |floor| floor.generation);
        let generation = floor.max(header.generation).saturating_add(1);
        self.put(header.id, generation, &name, &facts, &content)?;
        self.commit()?;
        if Some(name.as_str()) == stem_of(file) {
            return Ok(());
        }
        let disk = &self.store.disk;
        let folder = crate::disk::parent(file);
        disk.remove(file).and_then(|()| disk.sync_folder(folder)).map_err(Error::io(file))
    }

    /// The item whose public half this file is.
    fn public_of(&self, file: &Path) -> Option<Name> {
        let names = self.view.items.keys();
        let file = file.file_name()?.to_str()?;
        let is_its =
            |name: &&Name| file == layout::public(name) || file == layout::certificate(name);
        names.into_iter().find(is_its).cloned()
    }

    /// Whether a public half may be what is left of a key that is damaged or missing: then it is
    /// all that tells which key that was.
    fn may_be_of_a_lost_key(&self, file: &Path) -> bool {
        if self.view.findings.iter().any(|finding| matches!(finding, Finding::Missing(_))) {
            return true;
        }
        let sealed = layout::stem_of_public(file).map(|stem| self.store.layout.sealed_of(stem));
        sealed.is_some_and(|sealed| !matches!(self.store.disk.changed(&sealed), Ok(None)))
    }

    fn sealed_in(&self, file: &Path) -> Option<Sealed> {
        self.store.sealed(file.file_name()?.to_str()?).ok()?
    }

    fn slot_in(&self, file: &Path) -> Option<Slot> {
        let name = file.file_name()?.to_str()?;
        let slots = self.store.slot_files().ok()?;
        slots.into_iter().find(|(known, _)| known == name).map(|(_, slot)| slot)
    }

    /// What [`Unlocked::check`] finds, without reading the store again.
    pub(crate) fn check_read(&self) -> Vec<Finding> {
        let mut findings = self.view.findings.clone();
        findings.extend(self.check_items());
        if !recovery_is_ours(&self.store) {
            let file = self.store.folder().join(layout::RECOVERY);
            findings.push(Finding::File { file, problem: Problem::OtherRecovery });
        }
        if let Err(Error::Damaged { path: file, problem }) = self.memory() {
            findings.push(Finding::File { file, problem });
        }
        findings.extend(self.store.drafts_at_the_top().map(Finding::Draft));
        findings.extend(self.store.replaced_folders().into_iter().map(Finding::Draft));
        findings
    }
}

fn unreadable(file: &Path) -> Error {
    Error::damaged(file, Problem::Unreadable)
}

fn stem_of(file: &Path) -> Option<&str> {
    file.file_name()?.to_str()?.strip_suffix(layout::SEALED)
}
