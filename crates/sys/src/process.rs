//! Processes: becoming a daemon, and noticing the end of another process at once.
//!
//! `fork`, where there is one, is a safe function because it refuses where a fork is not safe: with more than one
//! thread (the child would inherit locks nobody will ever open) and once memory for secrets
//! exists (the child would lose or share it). Fork first, then start everything else.

#[cfg_attr(unix, path = "process/unix.rs")]
#[cfg_attr(windows, path = "process/windows.rs")]
mod system;

pub use system::*;
