//! Who may read or change what keys depend on.
//!
//! On Windows that is in access lists, which are not read yet: it says so.

#[cfg_attr(unix, path = "permissions/unix.rs")]
#[cfg_attr(windows, path = "permissions/windows.rs")]
mod system;

pub(super) use system::check;
