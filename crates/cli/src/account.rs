//! The number of the account that runs this, for words that name it.

/// The real user.
#[cfg(unix)]
pub(crate) fn number() -> u32 {
    rustix::process::getuid().as_raw()
}

/// There is no other than the one whose rights count.
#[cfg(windows)]
pub(crate) fn number() -> u32 {
    keyfob_sys::user::effective_uid()
}
