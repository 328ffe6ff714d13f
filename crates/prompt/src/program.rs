//! A program that was [ordered](keyfob_sys::starter), for those who wait for many things at once.
//!
//! Dropping it ends the program.

#[cfg_attr(unix, path = "program/ordered.rs")]
#[cfg_attr(windows, path = "program/child.rs")]
mod system;

pub use system::{Input, Output, Running};
