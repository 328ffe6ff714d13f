//! The named limits of this crate. Each number is written here and nowhere else.

use std::time::Duration;

/// Bytes of a header line, without its line end.
pub const MAX_HEADER: usize = 1024;
/// Bytes of a sealed item: a certificate and the largest RSA key together have a tenth of it.
pub const MAX_ITEM_FILE: usize = 256 * 1024;
/// Bytes of a public key's file: one line, of a certificate at most.
pub const MAX_PUBLIC_FILE: usize = 64 * 1024;
/// Bytes of all public keys, certificates and comments that a locked store is listed with: whoever
/// can write to it can put any number of them there. Ten thousand keys have a tenth of it.
pub const MAX_LISTED: usize = 64 * 1024 * 1024;
/// Bytes of a slot's file.
pub const MAX_SLOT_FILE: usize = 4096;
/// Slots that are tried: each may cost a derivation.
pub const MAX_SLOTS: usize = 64;
/// Bytes of a manifest: 100 for each item that is there or was deleted.
pub const MAX_MANIFEST_FILE: usize = 16 * 1024 * 1024;
/// Bytes of the file that names the store, and of the one this machine keeps beside it.
pub const MAX_SMALL_FILE: usize = 64 * 1024;
/// Bytes of what an agent remembers: of each thing a few hundred.
pub const MAX_MEMORY_FILE: usize = 8 * 1024 * 1024;
/// Files looked at in one folder of a store.
pub const MAX_FILES: usize = 100_000;
/// Characters of an item's name.
pub const MAX_NAME: usize = 64;
/// Bytes of a comment, as in the agent.
pub const MAX_COMMENT: usize = 4096;
/// Bytes of a path or a passphrase that an item keeps.
pub const MAX_FIELD: usize = 4096;
/// What a sealed content is padded to a multiple of: its length tells the kind of key, not more.
pub const PADDING: usize = 256;

/// Least memory of the passphrase's Argon2id in a file that is read, in KiB (19 MiB). Less would
/// let whoever writes to the disk make guessing cheap.
pub const MIN_MEMORY_KIB: u32 = 19 * 1024;
/// Most memory in a file that is read, in KiB (1 GiB): more would stop the machine.
pub const MAX_MEMORY_KIB: u32 = 1024 * 1024;
/// Most passes in a file that is read.
pub const MAX_PASSES: u32 = 32;
/// Most work in a file that is read: memory in KiB times passes (8 GiB).
pub const MAX_WORK_KIB: u64 = 8 * 1024 * 1024;

/// Memory of a new slot's Argon2id where the machine is fast enough, in KiB (256 MiB).
pub const USUAL_MEMORY_KIB: u32 = 256 * 1024;
/// Least memory of a new slot, in KiB (64 MiB).
pub const FLOOR_MEMORY_KIB: u32 = 64 * 1024;
/// Passes of a new slot.
pub const PASSES: u32 = 3;
/// A new slot's derivation takes at least this long, if memory allows,
pub const DERIVATION_AT_LEAST: Duration = Duration::from_millis(500);
/// and at most this long, down to the least memory.
pub const DERIVATION_AT_MOST: Duration = Duration::from_secs(1);

/// How long a writer waits for another one.
pub const LOCK_PATIENCE: Duration = Duration::from_secs(30);
