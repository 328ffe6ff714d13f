//! Listens and connects: Unix socket, socket activation.
//!
//! What it does: makes the socket so that nobody else can reach it, decides by the kernel's word
//! who may connect, hands out byte streams, and calls the agent from the client's side.
//!
//! What it does not: it knows no message. Frames, limits of a frame and replies belong to
//! `protocol`; time-outs of a connection belong to the daemon.

mod backoff;
pub mod client;
pub mod descriptors;
mod folder;
mod limits;
pub mod listener;
pub mod notify;
pub mod probe;
mod removals;
pub mod socket_dir;
mod socket_file;
mod sparing;
pub mod stale;
pub mod stream;
pub mod unix;

pub use client::Client;
pub use limits::{REPLY_MAX, SOCKET_PATH_MAX};
pub use listener::Listener;
pub use notify::Notifier;
pub use stream::{ReadHalf, Stream, WriteHalf};
pub use unix::{BindError, Bound};
