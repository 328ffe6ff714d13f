//! Keyring, constraints, sessions, policy: decides, performs no I/O.
//!
//! [`Agent`] takes a request and returns a [`Step`]: what to answer, whom to
//! ask, what to sign, which key to derive. The driver (`keyfob-daemon`) does it
//! and hands the result back. No socket, no clock, no prompt and no file is
//! touched here.

mod agent;
mod asked;
mod clock;
mod consent;
mod destination;
#[cfg(fuzzing)]
pub mod fuzzing;
mod identity;
mod idle;
mod kept;
mod keyring;
mod keys;
mod learning;
pub mod limits;
mod lock;
mod memory;
mod offer;
mod policy;
mod print;
mod profile;
mod proved;
mod question;
mod record;
mod rules;
mod selector;
mod session;
mod sign;
mod step;
mod stored;
mod view;
mod watching;

pub use agent::{Agent, Tick};
pub use clock::{Moment, Now};
pub use consent::{Answer, RequesterId, Scope};
pub use destination::Forbidden;
pub use identity::IdentityId;
pub use kept::{GivenFile, KeptFile};
pub use learning::{Explained, Host, Noted, Remembered};
pub use lock::{Derivation, Finished, Purpose};
pub use memory::Known;
pub use offer::{Offer, Why};
pub use policy::{Policy, SchemeRefusal};
pub use print::Print;
pub use profile::Profile;
pub use proved::{Aim, Destination, Login, ProvedHost};
pub use question::{Question, Recalled, Subject};
pub use record::{KeyName, LockCause, Locked, Record, Refusal, SignRefusal};
pub use rules::{Forwarded, HostRule, RuleName};
pub use selector::KeySelector;
pub use session::{BindRefusal, Binding, Session};
pub use sign::{Fresh, PendingSign, Permit, Queued, Signed};
pub use step::{Command, Reply, Step};
pub use stored::{Fetched, ItemId, Rules, StoredKey, Wanted};
pub use watching::{Watched, Watching};
