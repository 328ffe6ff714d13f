//! The limit on the size of files (`ulimit -f`), as an error instead of the process's end. Windows has
//! no such limit.
//!
//! A write beyond it sends SIGXFSZ, and that kills: a program that is about to replace a file
//! would never get to put things right. With the signal ignored the write fails, and says so.

#[cfg_attr(unix, path = "file_size/unix.rs")]
#[cfg_attr(windows, path = "file_size/windows.rs")]
mod system;

pub use system::Ignored;
