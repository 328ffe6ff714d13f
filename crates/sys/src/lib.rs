//! The only unsafe code: locked memory, hardening, peer identity, processes.
//!
//! Everything here is a thin, checked door to the operating system: facts and
//! effects, no policy. It knows nothing about keys, messages or settings, and
//! it takes environment values as arguments (their names live in `config`).
//!
//! Linux first. What exists only there is behind `cfg(target_os = "linux")`
//! inside the module it belongs to, so that another system adds a branch, not
//! a second copy.

mod errno;
mod error;
mod heap;
mod region;

pub mod account_secret;
#[cfg(unix)]
pub mod activation;
pub mod file_identity;
pub mod file_size;
pub mod file_stamp;
pub mod free_memory;
#[cfg(all(fuzzing, target_os = "linux"))]
pub mod fuzzing;
pub mod hardening;
pub mod local_time;
pub mod locked;
#[cfg(unix)]
#[cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "only who is in a box has another look")
)]
mod looking;
pub mod opening;
pub mod os_handle;
pub mod os_text;
pub mod peer;
pub mod private_folder;
pub mod process;
pub mod room;
pub mod sandbox;
pub mod signals;
#[cfg(feature = "aws-lc")]
pub mod signing_heap;
pub mod starter;
pub mod surroundings;
pub mod traces;
pub mod uptime;
pub mod user;
#[cfg(windows)]
pub mod windows;

pub use error::Error;
