//! Notices that names go from a folder, or the folder itself.
//!
//! By inotify, so that nothing wakes the agent while nothing happens. A folder further up that is
//! renamed is not noticed. Where there is no inotify nothing ever is.

use std::io;
use std::path::Path;

/// Removals from one folder.
#[derive(Debug)]
pub(crate) struct Removals {
    #[cfg(target_os = "linux")]
    events: tokio::net::unix::pipe::Receiver,
}

impl Removals {
    /// Looks from now on. Call it inside the runtime.
    ///
    /// # Errors
    /// The kernel's: no such folder, or no more of these for this user.
    #[cfg(target_os = "linux")]
    pub(crate) fn from(folder: &Path) -> io::Result<Self> {
        use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
        use tokio::net::unix::pipe::Receiver;
        let events = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        let removals = WatchFlags::DELETE
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        inotify::add_watch(&events, folder, removals)?;
        // It is no pipe, but is waited for and read as one. The runtime's way for any descriptor
        // (`AsyncFd`) is `unsafe`.
        Ok(Self { events: Receiver::from_owned_fd_unchecked(events)? })
    }

    /// Returns after a removal, once for several at the same time.
    ///
    /// # Errors
    /// The kernel's; none will be noticed any more.
    #[cfg(target_os = "linux")]
    pub(crate) async fn next(&self) -> io::Result<()> {
        self.events.readable().await?;
        // Which name it was is of no use: who asks looks at the one it knows.
        let mut buffer = [0; 4096];
        loop {
            match self.events.try_read(&mut buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn from(_folder: &Path) -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) async fn next(&self) -> io::Result<()> {
        std::future::pending().await
    }
}
