//! What a caller decides before the agent runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::{HostRule, Offer, Policy, Profile};
use keyfob_keys::HashKind;
use keyfob_prompt::Surroundings;
use keyfob_sys::os_handle::Owned;
use keyfob_transport::{BindError, Listener, Notifier};

use crate::desktop::{DesktopHelper, Wishes};
use crate::linked::Helper;
use crate::log::LogRules;
use crate::pauses::Patience;
use crate::settings::Reload;
use crate::store::StorePlace;
use crate::ways::Way;

/// Opens the listeners. Called once, inside the runtime, because a listener
/// registers with it; and in the process that keeps it, because the kernel
/// notes that process as the socket's owner.
pub type Open = Box<dyn FnOnce() -> Result<Vec<Socket>, BindError> + Send>;

/// One socket the agent listens at.
#[derive(Debug)]
pub struct Socket {
    /// Where clients come in.
    pub listener: Listener,
    /// Which keys it shows; all when there is none.
    pub profile: Option<Arc<Profile>>,
}

impl From<Listener> for Socket {
    fn from(listener: Listener) -> Self {
        Self { listener, profile: None }
    }
}

/// Called once when every listener accepts connections.
pub type Ready = Box<dyn FnOnce() + Send>;

/// Everything [`run`](crate::run) needs to know.
pub struct Options {
    /// Opens the sockets to listen at.
    pub open: Open,
    /// Where they are: their folders may go and be made anew.
    pub sockets: Vec<PathBuf>,
    /// Whether the process closes itself in ([`keyfob_sys::sandbox`]).
    pub sandbox: bool,
    /// Told when clients can connect.
    pub ready: Ready,
    /// Rules for keys and prompts.
    pub rules: Rules,
    /// Tells the service manager, where there is one.
    pub notifier: Notifier,
    /// The environment that says how questions reach a person: the agent's own, at its start, as
    /// with OpenSSH. Programs come from nowhere else.
    pub surroundings: Surroundings,
    /// Where the key store is, or would be.
    pub store: Option<StorePlace>,
    /// Where changed rules come from; without it they stay as they are.
    pub reload: Option<Reload>,
    /// What the signals do.
    pub signals: Signals,
    /// Reads linked key files.
    pub helper: Helper,
    /// The folder of the log; none where there is no place for one.
    pub log: Option<PathBuf>,
    /// Listens to the desktop; none where there is nothing to listen to.
    pub desktop: Option<DesktopHelper>,
    /// The agent ends when this becomes readable: a process descriptor of the
    /// command that was started under the agent.
    pub until: Option<Owned>,
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
    /// Where a question may go, the first that can be reached.
    pub ways: Vec<Way>,
    /// How long a key stays without use that brings no such time of its own.
    pub key_idle: Option<Duration>,
    /// How long after its passphrase the key store locks, used or not, and how long a key of no
    /// store stays.
    pub session: Option<Duration>,
    /// What is wanted of the desktop.
    pub desktop: Wishes,
    /// How long a question waits for a person; `None` waits for ever.
    pub confirm_timeout: Option<Duration>,
    /// How long "for a while" is, as an answer to a question; `None` is not offered.
    pub allow_for: Option<Duration>,
    /// Whether answers to questions about forwarded requests may be remembered.
    pub remember_forwarded: bool,
    /// How many denials are followed by how long a pause.
    pub patience: Patience,
    /// The hash of fingerprints in questions and in the log.
    pub fingerprint_hash: HashKind,
    /// Rules for hosts; the first that matches counts.
    pub hosts: Arc<[HostRule]>,
    /// Which keys a host is shown that is known to take one of them.
    pub offer: Offer,
    /// Whether it is remembered which key a host took.
    pub learn: bool,
    /// Whether there is a log, and how much of it.
    pub log: LogRules,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            default_lifetime: None,
            allow_rsa_sha1: true,
            idle_wipe: Duration::from_secs(60),
            store_lock_after: None,
            ways: Way::ALL.to_vec(),
            key_idle: None,
            session: None,
            desktop: Wishes::default(),
            confirm_timeout: None,
            allow_for: Some(Duration::from_secs(15 * 60)),
            remember_forwarded: false,
            patience: Patience::default(),
            fingerprint_hash: HashKind::Sha256,
            hosts: Arc::default(),
            offer: Offer::default(),
            learn: true,
            log: LogRules::default(),
        }
    }
}

impl Rules {
    /// The part the agent decides by.
    pub(crate) fn policy(&self) -> Policy {
        Policy {
            default_lifetime: self.default_lifetime,
            allow_rsa_sha1: self.allow_rsa_sha1,
            key_idle: self.key_idle,
            session: self.session,
            idle_wipe: self.idle_wipe,
            hosts: Arc::clone(&self.hosts),
            offer: self.offer,
            learn: self.learn,
            remember_forwarded: self.remember_forwarded,
        }
    }
}

/// What the signals do; SIGTERM always ends the agent cleanly, SIGUSR1 always
/// drops all keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signals {
    /// SIGINT ends the agent (foreground); otherwise it is ignored (daemon).
    pub interrupt_ends: bool,
    /// SIGHUP makes it read its settings again; otherwise it ends it, as `ssh-agent`.
    pub hangup_reloads: bool,
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
