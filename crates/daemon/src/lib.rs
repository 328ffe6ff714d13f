//! Composes the agent: accept, drive, sign, expire, lock, audit.
//!
//! Does not parse files from strangers (`keyfile` is out of reach here) and
//! decides nothing about keys: `keyfob-agent` decides, this crate carries out.

mod audit;
mod clock;
mod connection;
mod driver;
mod fetching;
mod limits;
pub mod linked;
mod options;
mod peer;
mod refusals;
mod run;
mod store;
mod turns;
mod wording;

pub use options::{Ended, Open, Options, Ready, Rules, Signals};
pub use run::run;
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
