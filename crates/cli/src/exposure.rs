//! Who else may read a key file: in words, and what closes it to them.
//!
//! On Unix that is its mode, on Windows its owner and its access list.

#[cfg_attr(unix, path = "exposure/unix.rs")]
#[cfg_attr(windows, path = "exposure/windows.rs")]
mod system;

pub(crate) use system::Exposure;
