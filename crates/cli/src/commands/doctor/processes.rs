//! Programs that run, as far as the system tells of them.

#[cfg_attr(unix, path = "processes/unix.rs")]
#[cfg_attr(windows, path = "processes/windows.rs")]
mod system;

pub(super) use system::*;
