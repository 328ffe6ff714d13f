//! The numbers that bound what passes between the daemon and its helpers.

use std::time::Duration;

/// Bytes of a path: no system call takes more (`PATH_MAX`).
pub(super) const MAX_PATH: usize = 4096;

/// Bytes of a passphrase: nobody can have typed more.
pub(super) const MAX_PASSPHRASE: usize = keyfob_prompt::MAX_PASSPHRASE;

/// Bytes of a key file a client gives to the agent. The largest honest one, an RSA key of 16384 bits,
/// has about 13 KiB.
pub const MAX_FILE: usize = 32 * 1024;

/// Bytes of a request behind its length: version, kind, path or file, yes or no, passphrase.
pub(super) const MAX_REQUEST: usize = 1 + 1 + (4 + MAX_FILE) + 1 + (4 + MAX_PASSPHRASE);

/// Bytes of an answer. The largest honest one, an RSA key of 16384 bits with a certificate, has
/// about 25 KiB.
pub const MAX_ANSWER: usize = 64 * 1024;

/// Bytes of a comment: the agent takes no longer one from anybody.
pub(super) const MAX_COMMENT: usize = keyfob_protocol::limits::MAX_COMMENT;

/// Characters of a text: one line of a log that somebody reads.
pub(super) const MAX_TEXT: usize = 300;

/// Bytes of a text: no character has more than four.
pub(super) const MAX_TEXT_BYTES: usize = 4 * MAX_TEXT;

/// How long a helper may take. Key files may ask for some ten seconds of work (`keyfile`'s
/// limits), and this machine may be slower or busy; an ssh that waits longer has been given up.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// Helpers at the same time. Each may take a gigabyte while it derives a key.
pub(super) const AT_ONCE: usize = 2;
