//! What was put where, so that `keyfob uninstall` finds it again.
//!
//! It only says where to look: what is removed is decided by what stands there.

use std::path::{Path, PathBuf};

use keyfob_config::directories::Directories;
use keyfob_config::env::Environment;
use keyfob_sys::user;
use serde::{Deserialize, Serialize};

use crate::files;
use crate::saving::{self, Mode, Overwrite};

const NAME: &str = "installed.json";

/// What was put where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// Folders that were made, the outer ones first.
    pub(crate) folders: Vec<PathBuf>,
    /// Files that were written whole.
    pub(crate) files: Vec<PathBuf>,
    /// Links that lead to keyfob; on Windows copies of it.
    pub(crate) links: Vec<PathBuf>,
    /// SHA-256 of what was copied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) sums: Vec<String>,
    /// Whether Windows' start-up has an entry.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) start_up: bool,
    /// Entries of it that gave way to ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) replaced: Vec<String>,
    /// Start files of shells with a line of ours.
    pub(crate) start_files: Vec<PathBuf>,
    /// Those of them that were not there before.
    pub(crate) made_start_files: Vec<PathBuf>,
}

impl Record {
    /// Where it is kept, unless there is no home.
    pub(crate) fn place(environment: &Environment) -> Option<PathBuf> {
        let directories = Directories::new(environment, user::effective_uid()).ok()?;
        Some(directories.state.join(NAME))
    }

    /// What was remembered. One that cannot be read is none: the usual places are looked at anyway.
    pub(crate) fn read(place: &Path) -> Self {
        let bytes = files::open(place).ok().and_then(|mut opened| opened.read().ok());
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Remembers it.
    ///
    /// # Errors
    /// As [`saving::save`].
    pub(crate) fn save(&self, place: &Path) -> Result<(), saving::Error> {
        // A path that is no UTF-8 cannot be written, and nothing of the rest then is.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        saving::save(place, &bytes, Mode::Private, Overwrite::Replace)
    }
}

/// Adds a path that is not there yet.
pub(crate) fn remember(list: &mut Vec<PathBuf>, path: &Path) {
    // What is no UTF-8 has no place in JSON.
    if path.to_str().is_some() && !list.iter().any(|known| known == path) {
        list.push(path.to_owned());
    }
}
