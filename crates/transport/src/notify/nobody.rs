//! There is no service manager that waits to be told.

use std::io;

/// Whom nobody hears.
#[derive(Debug, Default)]
pub struct Notifier(());

impl Notifier {
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
