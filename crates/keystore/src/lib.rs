//! The passphrase-encrypted store of keys on disk.
//!
//! A folder of small files, each sealed on its own under one random root key; the root is sealed once
//! for each way to unlock. [`spec`] is the format, for who wants to read or judge it without this
//! code. In reading order: [`Store`] is what can be known of it locked, [`Store::unlock`] leads to
//! [`Unlocked`], whose `view` module has the rules that tell a genuine file from one put there;
//! `writing` and `replacing` change it, data first and the promise of it last; `check` and `repair`
//! look for damage and mend it.
//!
//! It never asks anybody, prints nothing, knows no settings and no default folder: `cli` and the
//! agent's helper do. It does not keep a store unlocked for any time: whoever has an [`Unlocked`]
//! decides when to drop it.

mod account;
mod check;
mod code;
mod content;
mod cost;
pub mod disk;
mod error;
mod facts;
mod finding;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod header;
mod id;
mod item;
mod layout;
pub mod limits;
mod manifest;
mod memory;
mod name;
mod placing;
mod repair;
mod replacing;
mod root;
mod seal;
mod slot;
mod snapshot;
pub mod spec;
mod state;
mod store;
mod survey;
mod unlocked;
mod view;
mod writing;

pub use account::{ACCOUNT_KEEPER, AccountKey};
pub use code::{CodeError, RecoveryCode};
pub use content::Content;
pub use cost::Cost;
pub use error::{Error, Problem, Result};
pub use facts::{Destination, Facts, Terms};
pub use finding::Finding;
pub use id::{DeviceId, Id, ItemId, SlotId, VaultId};
pub use item::Kind;
pub use name::{Name, NameError};
pub use repair::Remedy;
pub use replacing::Made;
pub use slot::{Method, Slot, SlotKey, SlotKind};
pub use snapshot::{Restored, Snapshot};
pub use store::{Listed, Stamp, Store};
pub use survey::{Survey, is_aside, survey};
pub use unlocked::{Item, Trust, Unlocked};
pub use writing::New;
