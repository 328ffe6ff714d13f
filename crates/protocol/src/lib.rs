//! Agent messages in bounded frames, OpenSSH's extensions, the userauth blob.
//!
//! Bytes come in as a stream, frames and then requests come out; answers go the other way.
//! RFC 9987 and OpenSSH's PROTOCOL.agent are what it speaks, OpenSSH 10.5 is what it is compared
//! with. It decides nothing: which keys there are, who may use them and what a person is asked
//! is in the agent; sockets are in the transport.
//!
//! The way of a request: [`FrameBuffer`] → [`Request::decode`] → (agent) →
//! [`Response::encode`]. A broken frame ends the connection ([`FrameError`]), a broken message
//! in a good frame is answered ([`Refusal`]).

mod add;
pub mod constraint;
pub mod destination;
pub mod details;
mod error;
pub mod extension;
mod frame;
mod host_key;
pub mod hosts;
mod identities;
pub mod limits;
pub mod log;
pub mod number;
mod outgoing;
mod parts;
pub mod pattern;
pub mod putty;
mod refusal;
pub mod refusals;
mod reply;
pub mod request;
pub mod response;
pub mod security;
pub mod settings;
pub mod signed_data;
pub mod store;
mod text;
pub mod userauth;
pub mod watch;

pub use add::AddIdentity;
pub use constraint::Constraints;
pub use details::Details;
pub use error::{Error, Result};
pub use extension::{Extension, SessionBind};
pub use frame::{FrameBuffer, FrameError};
pub use identities::IdentitiesBuilder;
pub use putty::PuttyRequest;
pub use refusal::{Refusal, RefusalReply};
pub use reply::{Identity, Reply};
pub use request::{Request, SignRequest};
pub use response::Response;
pub use signed_data::{Purpose, Sshsig};
pub use store::{StoreReply, StoreRequest};
pub use userauth::Userauth;
pub use watch::{WatchReply, WatchRequest};
