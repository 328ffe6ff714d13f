//! For tests: a client and its connection, over what this system has for them.

#[cfg_attr(unix, path = "meeting/unix.rs")]
#[cfg_attr(windows, path = "meeting/windows.rs")]
mod system;

pub(crate) use system::{Client, meet};
