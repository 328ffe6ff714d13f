//! Listens and connects: Unix socket, socket activation, named pipe of Windows.
//!
//! What it does: makes the socket so that nobody else can reach it, decides by the kernel's word
//! who may connect, hands out byte streams, and calls the agent from the client's side.
//!
//! What it does not: it knows no message. Frames, limits of a frame and replies belong to
//! `protocol`; time-outs of a connection belong to the daemon.

mod backoff;
pub mod client;
mod limits;
#[cfg_attr(windows, path = "notify/nobody.rs")]
pub mod notify;
mod sparing;

#[cfg(unix)]
pub mod descriptors;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
pub mod listener;
#[cfg(unix)]
pub mod probe;
#[cfg(unix)]
mod removals;
#[cfg(unix)]
pub mod socket_dir;
#[cfg(unix)]
mod socket_file;
#[cfg(unix)]
pub mod stale;
#[cfg(unix)]
pub mod stream;
#[cfg(unix)]
pub mod unix;

#[cfg(windows)]
pub mod cygwin;
#[cfg(any(windows, test))]
mod leftovers;
#[cfg(windows)]
mod listening;
#[cfg(windows)]
pub mod pageant;
#[cfg(windows)]
pub mod pipe;
#[cfg(any(windows, test))]
mod socket_error;
#[cfg(any(windows, test))]
pub mod wsl;

pub use client::Client;
pub use limits::{REPLY_MAX, SOCKET_PATH_MAX};
#[cfg(unix)]
pub use listener::Listener;
#[cfg(windows)]
pub use listening::Listener;
pub use notify::Notifier;
#[cfg(windows)]
pub use pipe::{BindError, ReadHalf, Stream, WriteHalf, bind};
#[cfg(windows)]
pub use socket_error::SocketError;
#[cfg(unix)]
pub use stream::{ReadHalf, Stream, WriteHalf};
#[cfg(unix)]
pub use unix::{BindError, Bound, bind};
