//! The numbers that bound what a known hosts file can cost.

/// The longest line that is read for names. A line with a 16384-bit key has 3 KiB.
pub const MAX_LINE: usize = 64 << 10;

/// The longest name, without the brackets and the port: what DNS allows.
pub const MAX_NAME: usize = 255;

/// Names of one host key.
pub const MAX_NAMES: usize = 16;

/// Hashed names of one host key that are kept, to be solved.
pub const MAX_HASHED: usize = 64;

/// Names that are tried against hashed ones in one search: some milliseconds at the worst.
pub const MAX_CANDIDATES: usize = 256;

/// Lines of all files that name an authority.
pub const MAX_AUTHORITIES: usize = 4096;

/// Different host keys of all files: larger files than any site has.
pub const MAX_KEYS: usize = 1 << 20;

/// Names of hosts that are taken from one file of a client's settings: not more than are tried.
pub const MAX_CONFIGURED: usize = MAX_CANDIDATES;

/// Files that one file of a client's settings includes.
pub const MAX_INCLUDES: usize = 16;
