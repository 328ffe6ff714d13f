//! Pipes are names, and only calling tells whether somebody listens.

use std::io;
use std::path::{Component, Path, Prefix};

/// Whether it is the name of a pipe.
pub(super) fn is_socket(path: &Path) -> io::Result<bool> {
    let mut parts = path.components();
    let of_pipes = match parts.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::DeviceNS(device) => device.eq_ignore_ascii_case("pipe"),
            _ => false,
        },
        _ => false,
    };
    if of_pipes {
        return Ok(true);
    }
    std::fs::metadata(path).map(|_| false)
}

/// A pipe has no file whose owner could be asked for before it is opened.
pub(in crate::commands::doctor) fn owner(_path: &Path) -> Option<u32> {
    None
}
