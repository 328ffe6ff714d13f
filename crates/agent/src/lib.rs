//! Keyring, constraints, sessions, policy: decides, performs no I/O.
//!
//! [`Agent`] takes a request and returns a [`Step`]: what to answer, whom to
//! ask, what to sign, which key to derive. The driver (`keyfob-daemon`) does it
//! and hands the result back. No socket, no clock, no prompt and no file is
//! touched here.

mod agent;
mod clock;
mod destination;
mod identity;
mod keyring;
mod keys;
pub mod limits;
mod lock;
mod policy;
mod record;
mod session;
mod sign;
mod step;
mod stored;

pub use agent::{Agent, Tick};
pub use clock::{Moment, Now};
pub use destination::Forbidden;
pub use identity::IdentityId;
pub use lock::{Derivation, Finished, Purpose};
pub use policy::{Policy, SchemeRefusal};
pub use record::{KeyName, Record, Refusal, SignRefusal};
pub use session::{BindRefusal, Binding, Session};
pub use sign::{Answer, Fresh, PendingSign, Permit, Question, Queued, Signed};
pub use step::{Command, Reply, Step};
pub use stored::{Fetched, ItemId, Rules, StoredKey, Wanted};
