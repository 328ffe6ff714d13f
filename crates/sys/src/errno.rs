//! The system's number of an error, by the name the heap knows it by.

#[cfg(unix)]
pub(crate) use rustix::io::Errno;

/// A number of `GetLastError`.
#[cfg(windows)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Errno(u32);

#[cfg(windows)]
impl Errno {
    pub(crate) const NOMEM: Self = Self(windows_sys::Win32::Foundation::ERROR_NOT_ENOUGH_MEMORY);
    #[cfg(test)]
    pub(crate) const PERM: Self = Self(windows_sys::Win32::Foundation::ERROR_ACCESS_DENIED);

    /// What the last call of this thread left.
    pub(crate) fn last() -> Self {
        // SAFETY: reads a number of this thread.
        Self(unsafe { windows_sys::Win32::Foundation::GetLastError() })
    }
}

#[cfg(windows)]
impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0.cast_signed())
    }
}
