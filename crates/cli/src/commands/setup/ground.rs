//! What is there before anything is done: key files, and which of their keys the store shows.
//!
//! Nothing is unlocked for it. A key the store shows by a file of its own counts as there.

use std::path::{Path, PathBuf};

use keyfob_keyfile::inspect;
use keyfob_keys::PublicKey;
use keyfob_keystore::{Listed, Name};
use keyfob_sys::user;

use super::opening::Opening;
use crate::commands::import::{self, Candidate};
use crate::exit::Exit;
use crate::exposure::Exposure;
use crate::voice::{importing, setting_up as words};
use crate::{files, public_file};

/// What is there.
pub(crate) struct Ground {
    /// Whose `~` is left out of paths.
    pub(crate) home: Option<PathBuf>,
    /// Where the store is, or would be.
    pub(crate) folder: PathBuf,
    /// The keys the store shows.
    pub(crate) stored: Vec<Listed>,
    /// Private key files.
    pub(crate) keys: Vec<FoundKey>,
    /// Whether somebody named places to look at.
    pub(crate) is_named: bool,
}

/// A private key file.
pub(crate) struct FoundKey {
    /// As the import takes it.
    pub(crate) candidate: Candidate,
    /// Its type and size, or else its format.
    pub(crate) kind: String,
    /// Whether it has a passphrase.
    pub(crate) encrypted: bool,
    /// Whether the key itself is on a token.
    pub(crate) on_token: bool,
    /// What lets others do anything with it.
    pub(crate) too_open: Option<Exposure>,
    /// What the store calls it, if it shows it.
    pub(crate) stored: Option<Name>,
}

impl Ground {
    /// Looks at these places, or at what `ssh` is configured with.
    pub(super) fn look(paths: &[PathBuf], opening: &Opening) -> Result<Self, Exit> {
        let is_named = !paths.is_empty();
        let candidates = match is_named {
            true => import::of_paths(paths),
            false => import::of_ssh()?.files,
        };
        let stored = opening.listed();
        let progress = importing::progress(candidates.len());
        let count = candidates.len();
        let mut keys = Vec::new();
        for (at, candidate) in candidates.into_iter().enumerate() {
            let path = candidate.path.clone();
            match FoundKey::of(candidate, &stored) {
                Some(key) => keys.push(key),
                // What somebody named is there, or was meant to be.
                None if is_named && !path.exists() => {
                    drop(progress);
                    words::not_there(&path);
                    return Err(Exit::Failure);
                }
                None => {}
            }
            progress.set(import::share(at + 1, count));
        }
        drop(progress);
        let (home, folder) = (user::home_directory(), opening.folder().to_owned());
        Ok(Self { home, folder, stored, keys, is_named })
    }

    /// Keys that could go into the store, and are not there.
    pub(super) fn new_keys(&self) -> impl Iterator<Item = &FoundKey> {
        self.keys.iter().filter(|key| key.stored.is_none() && !key.on_token)
    }

    /// Whether there is no key at all, neither in a file nor in the store.
    pub(super) fn has_none(&self) -> bool {
        self.keys.is_empty() && self.stored.is_empty()
    }
}

impl FoundKey {
    /// `None` for what is no private key.
    fn of(candidate: Candidate, stored: &[Listed]) -> Option<Self> {
        let mut opened = files::open(&candidate.path).ok().filter(files::Opened::is_file)?;
        let bytes = opened.read().ok()?;
        let inspection = inspect(&bytes).ok().filter(|it| it.format.is_private())?;
        let public = inspection.public.map(|key| key.plain());
        let public = public.or_else(|| beside(&candidate.path));
        let kind = public.as_ref().map(|key| format!("{} {}", key.short_name(), key.bits()));
        let known = |item: &&Listed| item.public.is_some() && item.public == public;
        Some(Self {
            kind: kind.unwrap_or_else(|| inspection.format.to_string()),
            encrypted: inspection.encryption.is_some(),
            on_token: public.as_ref().is_some_and(|key| key.algorithm().is_fido()),
            too_open: opened.too_open(),
            stored: stored.iter().find(known).map(|item| item.name.clone()),
            candidate,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.candidate.path
    }
}

/// The public half beside a file that shows none.
fn beside(path: &Path) -> Option<PublicKey> {
    let (key, _) = public_file::load(&files::beside(path, ".pub")).ok()?;
    Some(key.plain())
}
