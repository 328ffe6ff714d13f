//! The numbers that bound a line and what is read of a log.

/// Bytes of a line, its end included, that a reader takes. A writer stays below by what follows.
pub const MAX_LINE: usize = 256 << 10;

/// Bytes of lines that are written together; the last may be beyond.
pub(crate) const MAX_PIECE: usize = 64 << 10;

/// Bytes of a text from outside; what is longer is cut.
pub const MAX_TEXT: usize = 512;

/// Bytes of a host's name.
pub const MAX_NAME: usize = 128;

/// Names of one host.
pub const MAX_NAMES: usize = 4;

/// Hosts a request came over.
pub const MAX_HOSTS: usize = 8;

/// Processes of who asks.
pub const MAX_PROCESSES: usize = 10;

/// Agents of one user that log at the same time.
pub const MAX_BOOKS: u32 = 64;

/// Files of one book that are read, and the most that can be kept.
pub const MAX_FILES: usize = 1000;

/// The largest number of a line that is believed: beyond what any log reaches, and far from where
/// counting on would overflow.
pub const MAX_SEQ: u64 = 1 << 53;

/// Bytes of a key file.
pub(crate) const MAX_KEY_FILE: u64 = 8 << 10;

/// Lines between the beginning of a run and the oldest of it that is still there. Each costs a
/// hash: a number from a damaged file must not keep a reader busy for ever.
pub(crate) const MAX_ADVANCE: u64 = 1 << 26;
