//! The numbers that bound what one client can make the agent hold. In `tests/fuzz`, whose scripts
//! have a few hundred acts, those that are counted are so small that they are reached.

use std::time::Duration;

/// Session bindings one connection may record (`AGENT_MAX_SESSION_IDS` of
/// OpenSSH): a chain of forwarded hops is never this long.
pub const MAX_BINDINGS: usize = if cfg!(fuzzing) { 3 } else { 16 };

/// Comparisons of keys and of bytes in names that the destination constraints of one request may
/// cost, all keys of a listing together: some ten milliseconds. A thousand keys with a thousand
/// destinations each stay far below.
pub const MAX_COMPARISONS: usize = 1 << 24;

/// A wrong unlock number n waits n of these before it is answered …
pub const UNLOCK_DELAY_STEP: Duration = Duration::from_millis(100);

/// … and never longer than this.
pub const UNLOCK_DELAY_MAX: Duration = Duration::from_secs(10);

/// The longest a signing object may stay unused, however the setting reads.
pub const MAX_IDLE: Duration = Duration::from_secs(24 * 60 * 60);

/// Accounts on hosts whose key is remembered: four times what a person with many servers has.
pub const MAX_REMEMBERED: usize = if cfg!(fuzzing) { 4 } else { 4096 };

/// Keys whose last use is remembered: more than fit into a listing.
pub const MAX_REMEMBERED_USES: usize = if cfg!(fuzzing) { 4 } else { 4096 };

/// A host that was shown only the key it is known to take, and did not use it, is shown all keys
/// for so long.
pub const NARROWED_FOR: Duration = Duration::from_secs(10 * 60);

/// Answers that are remembered for longer than once; of more the oldest are asked for again.
pub const MAX_APPROVALS: usize = if cfg!(fuzzing) { 4 } else { 1024 };

/// The longest account or namespace an answer is remembered for, in bytes: of longer ones it would
/// be as many bytes a thousand times over.
pub const MAX_APPROVED_TEXT: usize = 256;
