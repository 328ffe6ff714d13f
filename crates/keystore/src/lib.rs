//! The passphrase-encrypted store of keys on disk.
//!
//! SPEC

mod check;
mod code;
mod content;
mod cost;
pub mod disk;
mod error;
mod facts;
mod finding;
mod header;
mod id;
mod item;
mod layout;
pub mod limits;
mod manifest;
mod name;
mod placing;
mod repair;
mod replacing;
mod root;
mod seal;
mod slot;
mod state;
mod store;
mod unlocked;
mod view;
mod writing;

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
pub use store::{Listed, Stamp, Store};
pub use unlocked::{Item, Trust, Unlocked};
pub use writing::New;
