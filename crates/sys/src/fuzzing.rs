//! What the system tells as text, for `tests/fuzz`. Not a part of the crate otherwise.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

/// Gives these bytes to the reader of `/proc/PID/stat` and to that of the variables of socket
/// activation.
///
/// # Panics
/// When another process is taken for this one.
pub fn read(bytes: &[u8]) {
    let _ = crate::peer::read_status(bytes);
    let taken = crate::activation::check_variables(OsStr::from_bytes(bytes), OsStr::new("1"), 42);
    assert!(taken.is_err() || bytes.iter().rev().skip(2).all(|byte| *byte == b'0'));
}
