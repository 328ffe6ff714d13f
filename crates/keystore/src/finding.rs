//! What is not as it should be in a store that opens all the same.

use std::path::PathBuf;

use crate::name::Name;
use crate::{ItemId, Problem};

/// One thing that was noticed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Finding {
    /// A file is not used, because of this.
    #[error("{}: {problem}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why it is not used, or what is odd about it.
        problem: Problem,
    },
    /// A manifest promises an item that is not there.
    #[error("a key is missing that was never deleted (number {0})")]
    Missing(ItemId),
    /// Two files claim to be the newest version of one item.
    #[error("{}: another version of {name}, made at the same time elsewhere", file.display())]
    Conflict {
        /// The one that is not used.
        file: PathBuf,
        /// The item.
        name: Name,
    },
    /// Two items have one name; this one goes by another until it is renamed.
    #[error("two keys are called {name}: one of them is shown as {shown}")]
    SameName {
        /// The name both have.
        name: Name,
        /// What this one is shown as.
        shown: Name,
    },
    /// The file of a public half is missing.
    #[error("{}: the public half of a key is missing", .0.display())]
    NoPublic(PathBuf),
    /// The file of a public half whose key is not in the store.
    #[error("{}: is the public half of no key in the key store", .0.display())]
    Ownerless(PathBuf),
    /// A file that was never finished.
    #[error("{}: what is left of a write that did not end", .0.display())]
    Draft(PathBuf),
    /// A file of nothing a store has.
    #[error("{}: is no file of a key store", .0.display())]
    Stranger(PathBuf),
    /// A slot that no manifest knows: made elsewhere, or a write was cut short.
    #[error("{}: a way to unlock that is not in the list of this key store", .0.display())]
    UnknownSlot(PathBuf),
    /// This machine could not note how new the store is: whether an older one was put back will
    /// not show.
    #[error("{}: cannot be written, so a store that was put back would not be noticed", .0.display())]
    Forgetful(PathBuf),
    /// A slot is missing that was never taken back.
    #[error("a way to unlock the key store is missing (number {0})")]
    MissingSlot(crate::SlotId),
}
