//! What is open, by one name for both kinds of systems.

use keyfob_sys::os_handle::{AsOpen, Borrowed};

/// Its descriptor, on Windows its handle.
#[cfg(unix)]
pub(crate) fn lent(open: &impl AsOpen) -> Borrowed<'_> {
    open.as_fd()
}

/// Its descriptor, on Windows its handle.
#[cfg(windows)]
pub(crate) fn lent(open: &impl AsOpen) -> Borrowed<'_> {
    open.as_handle()
}
