//! Holding back signals while the terminal is in a state it must not be left in.
//!
//! No handlers: the signals are blocked for this thread and noticed through a descriptor, so
//! the terminal can be put right by ordinary code before the signal does its work. Other
//! threads of the process are not covered, so prompt from a process with one thread.

#[cfg_attr(unix, path = "signals/unix.rs")]
#[cfg_attr(windows, path = "signals/windows.rs")]
mod system;

pub use system::*;
