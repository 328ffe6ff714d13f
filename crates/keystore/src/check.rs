//! Looks at everything in a store, to its last byte.
//!
//! Unlocking proves what an item says, and leaves its secret sealed; this opens each secret once,
//! and drops it. It changes nothing: that is `repair`.

use crate::finding::Finding;
use crate::layout;
use crate::limits::MAX_SMALL_FILE;
use crate::replacing::RECOVERY;
use crate::store::Store;
use crate::unlocked::Unlocked;
use crate::{Problem, Result};

impl Unlocked {
    /// Reads the store again and everything in it: each secret is opened, each public half and
    /// certificate compared, each file accounted for.
    ///
    /// # Errors
    /// As [`Unlocked::reload`]: a store that cannot be read as a whole.
    pub fn check(&mut self) -> Result<Vec<Finding>> {
        self.reload()?;
        let findings = self.check_read();
        if findings.is_empty() {
            return Ok(findings);
        }
        // As with reading: a writer may have been in the middle of a change.
        match self.store.lock() {
            Ok(_alone) => {
                self.reload_alone()?;
                Ok(self.check_read())
            }
            Err(_) => Ok(findings),
        }
    }

    /// What is wrong with items that may be used.
    pub(crate) fn check_items(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, entry) in &self.view.items {
            let layout = &self.store.layout;
            if let Err(problem) = entry.sealed.open(&self.root, self.store.vault) {
                let file = layout.sealed_of(&entry.stem);
                findings.push(Finding::File { file, problem });
            }
            let file = layout.keys().join(layout::certificate(name));
            let there = self.store.public_line(&layout::certificate(name));
            match (there, &entry.facts.certificate) {
                (Ok(None), None) => {}
                (Ok(Some((there, _))), Some(certificate)) if there == *certificate => {}
                (Ok(None), Some(_)) => findings.push(Finding::NoPublic(file)),
                _ => findings.push(Finding::File { file, problem: Problem::OtherPublic }),
            }
        }
        findings.extend(self.ownerless_public_files());
        findings
    }

    /// Public halves of nothing: somebody may believe that the store has their keys.
    fn ownerless_public_files(&self) -> Vec<Finding> {
        let folder = self.store.layout.keys();
        let names = self.store.names(&folder).unwrap_or_default();
        let has_owner = |file: &String| {
            self.view.items.iter().any(|(name, entry)| {
                (*file == layout::public(name) && entry.facts.public.is_some())
                    || *file == layout::certificate(name)
            })
        };
        let files = names.into_iter().filter(|file| file.ends_with(layout::PUBLIC));
        let ownerless = files.filter(|file| !has_owner(file));
        ownerless.map(|file| Finding::Ownerless(folder.join(file))).collect()
    }
}

/// Whether the text a person in trouble would follow is the one of this release. Nothing protects
/// it, and it holds a script: another one could send the keys away.
pub(crate) fn recovery_is_ours(store: &Store) -> bool {
    let path = store.layout.folder().join(layout::RECOVERY);
    let there = store.disk.read(&path, MAX_SMALL_FILE);
    matches!(there, Ok(Some(text)) if text == RECOVERY.as_bytes())
}
