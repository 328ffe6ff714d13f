//! The user this process runs as, as the system's user database has it.

#[cfg_attr(unix, path = "user/unix.rs")]
#[cfg_attr(windows, path = "user/windows.rs")]
mod system;

pub use system::{effective_uid, home_directory, host_name, name};
