//! The limits of this crate, each by name.

use std::time::Duration;

/// Bytes a socket's path may have: `sun_path` less the zero that ends it. The kernel takes one
/// more, but clients written in C then cannot name the socket.
#[cfg(target_os = "linux")]
pub const SOCKET_PATH_MAX: usize = 107;
/// Bytes a socket's path may have: `sun_path` less the zero that ends it.
#[cfg(not(target_os = "linux"))]
pub const SOCKET_PATH_MAX: usize = 103;

/// Longest reply a client accepts, as OpenSSH's clients do.
pub const REPLY_MAX: usize = 256 * 1024;

/// How long a start waits for another one that holds the folder. The work under that lock takes
/// well under a millisecond; whoever holds it for seconds is stuck or hostile.
#[cfg(unix)]
pub(crate) const FOLDER_LOCK_WAIT: Duration = Duration::from_secs(5);
/// How long tidying waits for the folder: it is not worth delaying a start.
#[cfg(unix)]
pub(crate) const TIDY_LOCK_WAIT: Duration = Duration::from_millis(250);
/// Pause between two attempts to take the folder's lock.
#[cfg(unix)]
pub(crate) const FOLDER_LOCK_PAUSE: Duration = Duration::from_millis(2);

/// First and longest pause after `accept` failed for want of descriptors or memory.
pub(crate) const ACCEPT_PAUSE_FIRST: Duration = Duration::from_millis(10);
pub(crate) const ACCEPT_PAUSE_LONGEST: Duration = Duration::from_secs(1);

/// At most one line of a kind in this time, whatever a peer does.
pub(crate) const LOG_EVERY: Duration = Duration::from_secs(10);

/// A socket younger than this is never tidied away: its agent may be between bind and listen.
/// OpenSSH's figure.
#[cfg(unix)]
pub(crate) const STALE_AGE: Duration = Duration::from_secs(60 * 60);

/// Bytes a client reads at a time.
pub(crate) const READ_CHUNK: usize = 4096;

/// How long a client waits for an instance of a pipe, and the pause between two attempts.
#[cfg(windows)]
pub(crate) const PIPE_BUSY_WAIT: Duration = Duration::from_secs(10);
#[cfg(windows)]
pub(crate) const PIPE_BUSY_PAUSE: Duration = Duration::from_millis(20);
