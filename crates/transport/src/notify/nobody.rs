//! There is no service manager that waits to be told.

use std::ffi::OsStr;
use std::io;

/// Whom nobody hears.
#[derive(Debug, Default)]
pub struct Notifier(());

impl Notifier {
    /// Nobody is behind an address.
    ///
    /// # Errors
    /// None.
    pub fn new(_address: Option<&OsStr>) -> io::Result<Self> {
        Ok(Self(()))
    }

    /// Connections are accepted.
    ///
    /// # Errors
    /// None.
    pub fn ready(&self) -> io::Result<()> {
        Ok(())
    }

    /// The end has begun.
    ///
    /// # Errors
    /// None.
    pub fn stopping(&self) -> io::Result<()> {
        Ok(())
    }

    /// Nobody listens at an abstract socket.
    #[must_use]
    pub fn is_abstract(&self) -> bool {
        false
    }
}
