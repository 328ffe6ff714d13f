//! What can be wrong with a store, as facts.

use std::io;
use std::path::PathBuf;

use crate::item::Kind;
use crate::name::NameError;

/// The result of everything here that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A fact about a store. Hints belong to whoever talks to a person. Paths and names of files come
/// from outside: escape them before they are shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing is there.
    #[error("no key store at {}", .0.display())]
    NoStore(PathBuf),
    /// Something is there.
    #[error("there is something at {} already", .0.display())]
    Taken(PathBuf),
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The passphrase opens no slot.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The recovery code opens no slot.
    #[error("this is not the recovery code of the key store")]
    WrongCode,
    /// What the system keeps for this account opens no slot.
    #[error("what this system keeps for your account does not open the key store")]
    WrongAccount,
    /// The system keeps no secrets for an account.
    #[error("this system keeps no secret that every login of your account would open")]
    NoKeeper,
    /// There is no slot for what was given.
    #[error("the key store has no slot for a {0}")]
    NoSlot(&'static str),
    /// The slots lead to another root than the one this machine has known.
    #[error("the key store is not the one this machine knows: its root key was replaced")]
    OtherRoot,
    /// The manifests are older than what this machine has seen.
    #[error("the key store is older than the one this machine has seen: it was rolled back")]
    RolledBack,
    /// No such item.
    #[error("no key named {0} in the key store")]
    NoItem(String),
    /// An item of that name is there.
    #[error("there is a key named {0} in the key store already")]
    NameTaken(String),
    /// That key is there, by this name.
    #[error("this key is in the key store already, as {0}")]
    KeyTaken(String),
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An item of another kind is needed.
    #[error("{name} is {}, which has no private key in the key store", kind.described())]
    WrongKind {
        /// Its name.
        name: String,
        /// Its kind.
        kind: Kind,
    },
    /// A field is too long to keep.
    #[error("{what} has more than {limit} bytes")]
    TooLong {
        /// What it is.
        what: &'static str,
        /// How many it may have.
        limit: usize,
    },
    /// A key that cannot be kept.
    #[error(transparent)]
    Key(#[from] keyfob_keys::Error),
    /// Another process writes to the store and does not end.
    #[error("another program is writing to the key store")]
    Busy,
    /// The system's random generator failed.
    #[error("the system's random generator failed")]
    Randomness,
    /// There is too little memory.
    #[error("not enough memory to derive the key of a passphrase ({} MiB)", .0 / 1024)]
    OutOfMemory(u32),
}

/// What is wrong with a file of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Written by a later release. Guessing what it says could lose what it says.
    #[error("was written by a newer keyfob (format {0})")]
    Version(u32),
    /// The header line is not one.
    #[error("its first line is damaged")]
    Header,
    /// It names another store.
    #[error("belongs to another key store")]
    OtherStore,
    /// The content does not open: changed, cut, or sealed by another store.
    #[error("is damaged, or was sealed by another key store")]
    Seal,
    /// What was sealed is not what it should be.
    #[error("holds what this keyfob does not understand")]
    Content,
    /// No file, or one that the system does not give.
    #[error("cannot be read")]
    Unreadable,
    /// Too long to be one.
    #[error("is too long for a file of a key store")]
    TooLong,
    /// It asks for too much or too little work.
    #[error("asks for a key derivation outside of the limits")]
    Cost,
    /// The name inside is another one than the file's.
    #[error("has the name of another file: it was copied or moved")]
    Moved,
    /// It is older than what the manifest promises.
    #[error("is older than it should be: an earlier version was put back")]
    Rollback,
    /// The item was deleted.
    #[error("is what is left of a deleted key")]
    Deleted,
    /// It is not the text this release writes: another release's, or a stranger's.
    #[error("is not the text of this keyfob: do not run what it says")]
    OtherRecovery,
    /// The public half is not the one the sealed part names.
    #[error("is not the public half of its key")]
    OtherPublic,
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn damaged(path: impl Into<PathBuf>, problem: Problem) -> Self {
        Self::Damaged { path: path.into(), problem }
    }
}
