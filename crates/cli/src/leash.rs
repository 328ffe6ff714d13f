//! A helper ends with who waits for its answer.

use std::fs::File;
use std::io;

use crate::lent::lent;

/// From now on the end of this pipe is the end of this process. Where the system has no such thing
/// that is an error, and whoever started the helper ends it.
pub(crate) fn end_with(pipe: &File) -> io::Result<()> {
    keyfob_sys::process::end_with(lent(pipe))
}
