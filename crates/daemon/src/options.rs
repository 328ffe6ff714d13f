//! What a caller decides before the agent runs.

use std::os::fd::OwnedFd;
use std::time::Duration;

use keyfob_keys::HashKind;
use keyfob_prompt::Surroundings;
use keyfob_transport::{BindError, Listener, Notifier};

use crate::linked::Helper;
use crate::store::StorePlace;

/// Opens the listeners. Called once, inside the runtime, because a listener
/// registers with it; and in the process that keeps it, because the kernel
/// notes that process as the socket's owner.
pub type Open = Box<dyn FnOnce() -> Result<Vec<Listener>, BindError> + Send>;

/// Called once when every listener accepts connections.
pub type Ready = Box<dyn FnOnce() + Send>;

/// Everything [`run`](crate::run) needs to know.
pub struct Options {
    /// Opens the sockets to listen at.
    pub open: Open,
    /// Told when clients can connect.
    pub ready: Ready,
    /// Rules for keys and prompts.
    pub rules: Rules,
    /// Tells the service manager, where there is one.
    pub notifier: Notifier,
    /// The environment that says how questions reach a person: the agent's own,
    /// at its start, as with OpenSSH.
    pub surroundings: Surroundings,
    /// Where the key store is, or would be.
    pub store: Option<StorePlace>,
    /// What the signals do.
    pub signals: Signals,
    /// Reads linked key files.
    pub helper: Helper,
    /// The agent ends when this becomes readable: a process descriptor of the
    /// command that was started under the agent.
    pub until: Option<OwnedFd>,
}

/// Rules for keys and prompts, from flags and the settings file.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Lifetime of added keys that bring none of their own.
    pub default_lifetime: Option<Duration>,
    /// Whether RSA keys may sign with SHA-1 (`ssh-rsa`), which old network
    /// gear needs.
    pub allow_rsa_sha1: bool,
    /// How long a key stays ready to sign after its last use.
    pub idle_wipe: Duration,
    /// How long the key store stays open after the last use of one of its keys; `None` until it
    /// is locked.
    pub store_lock_after: Option<Duration>,
    /// How long a question waits for a person; `None` waits for ever.
    pub confirm_timeout: Option<Duration>,
    /// The hash of fingerprints in questions and in the log.
    pub fingerprint_hash: HashKind,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            default_lifetime: None,
            allow_rsa_sha1: true,
            idle_wipe: Duration::from_secs(60),
            store_lock_after: None,
            confirm_timeout: None,
            fingerprint_hash: HashKind::Sha256,
        }
    }
}

/// What the signals do; SIGTERM and SIGHUP always end the agent cleanly,
/// SIGUSR1 always drops all keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signals {
    /// SIGINT ends the agent (foreground); otherwise it is ignored (daemon).
    pub interrupt_ends: bool,
    /// The service manager owns the socket: SIGTERM is then a success.
    pub activated: bool,
}

/// Why the agent ended without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// SIGTERM, SIGHUP or SIGINT: `ssh-agent` exits 2.
    BySignal,
    /// SIGTERM from the service manager that owns the socket: exit 0.
    ByManager,
    /// The process it was started for ended: `ssh-agent` exits 2.
    WithParent,
}
