//! The numbers that bound what one client can make the agent hold.

use std::time::Duration;

/// Session bindings one connection may record (`AGENT_MAX_SESSION_IDS` of
/// OpenSSH): a chain of forwarded hops is never this long.
pub const MAX_BINDINGS: usize = 16;

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
