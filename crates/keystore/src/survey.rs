//! What can be told of a locked store by looking: which files are not what they should be.
//!
//! It opens nothing and changes nothing, not even what a write that was cut short has left. What
//! only the passphrase proves (that an item is the one that was sealed, that none is missing or was
//! put back) is left to `check`.

use std::path::Path;
use std::sync::Arc;

use crate::Result;
use crate::check::recovery_is_ours;
use crate::disk::{SystemDisk, aside};
use crate::finding::Finding;
use crate::layout::{self, Layout};
use crate::manifest::Manifest;
use crate::store::Store;
use crate::view::View;
use crate::{Error, Problem};

/// What was seen.
#[derive(Debug)]
pub struct Survey {
    /// Items whose files look right.
    pub items: usize,
    /// Ways to unlock it that look right; without one nobody opens it.
    pub slots: usize,
    /// What is not as it should be.
    pub findings: Vec<Finding>,
}

/// Looks at the store in a folder.
///
/// # Errors
/// [`Error::NoStore`] when there is none, or what hides all of it.
pub fn survey(folder: &Path) -> Result<Survey> {
    let states = Path::new("");
    let store = Store::found(Arc::new(SystemDisk), Layout::of(folder), states)?;
    let mut view = View::default();
    let items = items(&store, &mut view)?;
    let slots = slots(&store, &mut view)?;
    manifests(&store, &mut view)?;
    if !recovery_is_ours(&store) {
        view.find(folder.join(layout::RECOVERY), Problem::OtherRecovery);
    }
    Ok(Survey { items, slots, findings: view.findings })
}

/// Whether a store stands beside its place since an exchange was cut short. Whoever opens it the
/// next time puts it back.
#[must_use]
pub fn is_aside(folder: &Path) -> bool {
    !folder.exists() && aside(folder).is_dir()
}

fn items(store: &Store, view: &mut View) -> Result<usize> {
    let folder = store.layout.keys();
    let names = store.names(&folder)?;
    let mut items = 0;
    for name in &names {
        let Some(stem) = name.strip_suffix(layout::SEALED) else {
            match layout::stem_of_public(Path::new(name)) {
                None => view.note_other(name, folder.join(name)),
                Some(stem) if names.binary_search(&layout::sealed_stem(stem)).is_err() => {
                    view.findings.push(Finding::Ownerless(folder.join(name)));
                }
                Some(_) => {}
            }
            continue;
        };
        match store.sealed(name) {
            Ok(Some(sealed)) => {
                items += 1;
                if sealed.header.name.as_str() != stem {
                    view.find(folder.join(name), Problem::Moved);
                }
                // A secret has none.
                if sealed.header.public.is_none() {
                    continue;
                }
                let file = folder.join(format!("{stem}{}", layout::PUBLIC));
                match store.public_line(&format!("{stem}{}", layout::PUBLIC)) {
                    Ok(Some((key, _))) if sealed.header.names(key.blob()) => {}
                    Ok(None) => view.findings.push(Finding::NoPublic(file)),
                    _ => view.find(file, Problem::OtherPublic),
                }
            }
            Ok(None) => {}
            Err(Error::Damaged { path, problem }) => view.find(path, problem),
            Err(_) => view.find(folder.join(name), Problem::Unreadable),
        }
    }
    Ok(items)
}

fn slots(store: &Store, view: &mut View) -> Result<usize> {
    let folder = store.layout.slots();
    let mut slots = 0;
    for name in store.names(&folder)? {
        let path = folder.join(&name);
        if !name.ends_with(layout::SLOT) {
            view.note_other(&name, path);
            continue;
        }
        let Some(file) = view.read_file(store, &path, crate::limits::MAX_SLOT_FILE) else {
            continue;
        };
        match crate::Slot::read(&file, store.vault) {
            Ok(_) => slots += 1,
            Err(problem) => view.find(path, problem),
        }
    }
    Ok(slots)
}

fn manifests(store: &Store, view: &mut View) -> Result<()> {
    let folder = store.layout.manifests();
    for name in store.names(&folder)? {
        let path = folder.join(&name);
        let Some(stem) = name.strip_suffix(layout::MANIFEST) else {
            view.note_other(&name, path);
            continue;
        };
        let Some(file) = view.read_file(store, &path, crate::limits::MAX_MANIFEST_FILE) else {
            continue;
        };
        match Manifest::device_of(&file, store.vault) {
            Ok(device) if device.to_string() == stem => {}
            Ok(_) => view.find(path, Problem::Moved),
            Err(problem) => view.find(path, problem),
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use keyfob_keys::{PrivateKey, Secret};

    use super::*;
    use crate::{Content, Cost, Facts, Name, New, Terms};

    fn store(folder: &Path) {
        let passphrase = Secret::from(b"right".to_vec());
        let states = folder.with_extension("states");
        let mut made = Store::create(folder, &states, &passphrase, Cost::FLOOR).unwrap().store;
        let key = PrivateKey::ed25519_from_seed(&[7; 32]);
        let new = New {
            name: Name::new("work").unwrap(),
            facts: Facts {
                comment: b"me".to_vec(),
                created: 0,
                public: Some(key.public().clone()),
                certificate: None,
                terms: Terms::default(),
            },
            content: Content::Key(key),
        };
        made.add(vec![new]).unwrap();
    }

    fn found(folder: &Path) -> Vec<String> {
        survey(folder).unwrap().findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_file_that_is_not_as_it_should_be_is_told_without_a_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("store");
        store(&place);
        let whole = survey(&place).unwrap();
        assert_eq!((whole.items, whole.slots > 0), (1, true));
        assert!(whole.findings.is_empty(), "{:?}", whole.findings);

        let sealed = place.join("keys/work.sealed");
        let bytes = std::fs::read(&sealed).unwrap();
        std::fs::write(&sealed, b"keyfob-item").unwrap();
        assert_eq!(found(&place).len(), 1, "{:?}", found(&place));
        std::fs::write(place.join("keys/other.sealed"), &bytes).unwrap();
        assert!(found(&place).iter().any(|one| one.contains("copied or moved")));
        std::fs::remove_file(place.join("keys/other.sealed")).unwrap();
        std::fs::write(&sealed, &bytes).unwrap();

        std::fs::write(place.join("slots/stranger"), b"x").unwrap();
        std::fs::write(place.join("RECOVERY.txt"), b"curl it").unwrap();
        std::fs::remove_file(place.join("keys/work.pub")).unwrap();
        assert_eq!(found(&place).len(), 3, "{:?}", found(&place));
    }

    /// Lost otherwise: who only looks would move folders.
    #[test]
    fn an_exchange_that_was_cut_short_is_seen_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("store");
        store(&place);
        std::fs::rename(&place, aside(&place)).unwrap();
        assert!(matches!(survey(&place), Err(Error::NoStore(_))));
        assert!(is_aside(&place) && !place.exists());
    }
}
