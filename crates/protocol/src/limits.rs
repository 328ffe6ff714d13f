//! The limits of this crate, by name, in one place (DESIGN §3.3).
//!
//! Where OpenSSH has a limit, ours is the same number: a message its tools send is never too
//! long for us, and a message of ours is never too long for them.

/// Longest body of a frame, without the four bytes of length, in bytes.
///
/// OpenSSH's agent closes the connection one byte above, and its clients do the same with a
/// reply. RFC 9987 names no limit.
pub const MAX_FRAME: usize = 256 * 1024;

/// Most identities in one listing. OpenSSH's client throws the *whole* listing away above this.
pub const MAX_IDENTITIES: usize = 2048;

/// Most steps in the destination constraint of one key.
pub const MAX_DESTINATIONS: usize = 1024;

/// Longest user pattern in a destination constraint, in bytes.
///
/// OpenSSH has this limit since 10.4. Patterns are matched against text from outside, and each
/// byte of a pattern costs time at every signature.
pub const MAX_USER_PATTERN: usize = 256;

/// Longest name of a host in a destination constraint, in bytes. A DNS name has 253.
pub const MAX_HOST_NAME: usize = 1024;

/// Longest comment of a key, in bytes. OpenSSH sets none; but all comments have to fit into
/// one listing, and one client must not be able to crowd the others' keys out of it.
pub const MAX_COMMENT: usize = 4096;

/// Longest user name in a userauth request that is still read as one, in bytes.
///
/// The other factor of the cost of matching a pattern. OpenSSH sets none; the longest names
/// seen are those of jump gateways (`user@target:service:…`), a few hundred bytes.
pub const MAX_USER_NAME: usize = 1024;

/// Longest session identifier, in bytes. The longest hash of a key exchange has 64.
pub const MAX_SESSION_ID: usize = 128;

/// Refusals in an answer of `refusals@keyfob`: with the longest reasons they fit a frame.
pub const MAX_REFUSALS: usize = 50;

/// Longest reason or path in an answer of `store@keyfob` or `refusals@keyfob`,
/// in bytes.
pub const MAX_STORE_TEXT: usize = 4096;

/// What an answer of `security@keyfob` tells of: 16 reasons of full length fit a frame.
pub const MAX_MEASURES: usize = 16;

/// Questions in a state of `watch@keyfob`. More than three are never asked at the same time.
pub const MAX_WATCHED_QUESTIONS: usize = 16;

/// Uses in a state of `watch@keyfob`.
pub const MAX_WATCHED_USES: usize = 50;

/// Keys in a state of `watch@keyfob`: more than a screen has lines.
pub const MAX_WATCHED_KEYS: usize = 256;

/// Longest text of a use in a state of `watch@keyfob`, in bytes.
pub const MAX_WATCHED_TEXT: usize = 1024;

/// Longest extension name shown in a log line, in bytes. RFC 4251 §6 allows names of 64.
pub const MAX_SHOWN_NAME: usize = 64;

/// Names of one host, and keys of one host, in a request of `hosts@keyfob`.
pub const MAX_EXPLAINED_HOSTS: usize = 64;
