//! Where the files of a store are.

use std::path::{Path, PathBuf};

use crate::id::{DeviceId, SlotId};
use crate::name::Name;

/// Names the store.
pub(crate) const VAULT: &str = "VAULT";
/// Tells how to get keys out without this program.
pub(crate) const RECOVERY: &str = "RECOVERY.txt";
/// What an agent remembers, sealed.
pub(crate) const MEMORY: &str = "memory";
/// What a sealed item ends in.
pub(crate) const SEALED: &str = ".sealed";
/// What a certificate's file ends in.
pub(crate) const CERTIFICATE: &str = "-cert.pub";
/// What a public key's file ends in.
pub(crate) const PUBLIC: &str = ".pub";
/// What a slot's file ends in.
pub(crate) const SLOT: &str = ".slot";
/// What a manifest ends in.
pub(crate) const MANIFEST: &str = ".m";

/// The folders and files of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    folder: PathBuf,
}

impl Layout {
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.folder.join(VAULT)
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.folder.join(".lock")
    }

    pub(crate) fn memory(&self) -> PathBuf {
        self.folder.join(MEMORY)
    }

    pub(crate) fn slots(&self) -> PathBuf {
        self.folder.join("slots")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.join("keys")
    }

    pub(crate) fn manifests(&self) -> PathBuf {
        self.folder.join("manifest")
    }

    pub(crate) fn sealed_of(&self, stem: &str) -> PathBuf {
        self.keys().join(sealed_stem(stem))
    }

    pub(crate) fn public(&self, name: &Name) -> PathBuf {
        self.keys().join(public(name))
    }
}

pub(crate) fn slot(id: SlotId) -> String {
    format!("{id}{SLOT}")
}

pub(crate) fn manifest(device: DeviceId) -> String {
    format!("{device}{MANIFEST}")
}

pub(crate) fn sealed(name: &Name) -> String {
    sealed_stem(name.as_str())
}

pub(crate) fn sealed_stem(stem: &str) -> String {
    format!("{stem}{SEALED}")
}

pub(crate) fn public(name: &Name) -> String {
    format!("{name}{PUBLIC}")
}

/// What a file of a public half would be called after, whether a name or not.
pub(crate) fn stem_of_public(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    name.strip_suffix(CERTIFICATE).or_else(|| name.strip_suffix(PUBLIC))
}

pub(crate) fn certificate(name: &Name) -> String {
    format!("{name}{CERTIFICATE}")
}
