//! Composes the agent: accept, drive, sign, expire, lock, audit.
//!
//! Does not parse files from strangers (`keyfile` is out of reach here) and
//! decides nothing about keys: `keyfob-agent` decides, this crate carries out.

mod accepting;
mod audit;
mod blocking;
mod body;
mod changes;
mod clock;
mod closing;
mod confirming;
mod connection;
pub mod desktop;
mod driver;
#[cfg(all(test, target_os = "linux"))]
mod ended;
mod ends;
mod fetching;
mod freed;
mod host_names;
mod kept;
mod lately;
mod limits;
pub mod linked;
mod live_rules;
mod locking;
mod log;
#[cfg(test)]
mod meeting;
mod options;
mod pauses;
mod peer;
mod purpose;
mod questions;
mod refusals;
mod remembering;
mod requester;
mod requester_id;
mod run;
mod settings;
mod starting;
mod store;
mod turns;
mod watching;
pub mod ways;
mod wording;

pub use keyfob_agent::{Forwarded, HostRule, KeySelector, Offer, Profile};
pub use keyfob_log::Limits as LogLimits;
pub use log::LogRules;
pub use options::{Ended, Open, Options, Ready, Rules, Signals, Socket};
pub use pauses::Patience;
pub use run::run;
pub use settings::{Fresh, Reload, Unread};
pub use store::StorePlace;

/// Why the agent could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A socket could not be opened.
    #[error(transparent)]
    Bind(#[from] keyfob_transport::BindError),
    /// No memory or randomness to seal keys with.
    #[error("cannot seal keys in memory")]
    Seal(#[from] keyfob_keys::Error),
    /// The runtime, a signal handler or a process descriptor failed.
    #[error("cannot start the agent")]
    Io(#[from] std::io::Error),
}
