//! The name of a socket in the file system, known by what it is and not by what it is called.
//!
//! The kernel keeps a bound socket's inode for as long as the socket is open, so device and inode
//! number cannot come to mean another file while we listen. Hence the rule for users: **drop this
//! before the listener**.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A socket file that is removed on drop if it is still the one we made.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    device: u64,
    inode: u64,
    on_drop: OnDrop,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnDrop {
    Keep,
    Remove,
    RemoveWithFolder,
}

impl SocketFile {
    /// Remembers the socket at `path`, which was just bound. The path is made absolute, because
    /// a daemon leaves the folder it was started in.
    pub(crate) fn observe(path: &Path) -> io::Result<Self> {
        let path = std::path::absolute(path)?;
        let metadata = fs::symlink_metadata(&path)?;
        if !metadata.file_type().is_socket() {
            return Err(io::Error::other("replaced by something else at once"));
        }
        let (device, inode) = (metadata.dev(), metadata.ino());
        Ok(Self { path, device, inode, on_drop: OnDrop::Remove })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the name still leads to our socket.
    pub(crate) fn still_ours(&self) -> bool {
        fs::symlink_metadata(&self.path)
            .is_ok_and(|now| (now.dev(), now.ino()) == (self.device, self.inode))
    }

    /// Whether nothing at all has the name. What cannot be looked at is not gone.
    pub(crate) fn is_gone(&self) -> bool {
        fs::symlink_metadata(&self.path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether the folder was made for it.
    pub(crate) fn has_its_folder(&self) -> bool {
        self.on_drop == OnDrop::RemoveWithFolder
    }

    /// Leaves the file where it is: another process serves it.
    pub(crate) fn keep(&mut self) {
        self.on_drop = OnDrop::Keep;
    }

    /// The folder was made for this socket only and goes with it.
    pub(crate) fn remove_folder_too(&mut self) {
        self.on_drop = OnDrop::RemoveWithFolder;
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if self.on_drop == OnDrop::Keep || !self.still_ours() {
            return;
        }
        // Between look and removal only somebody who ignores that we still listen could have
        // put another file there; our own programs probe first.
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "cannot remove the socket");
            return;
        }
        if self.on_drop == OnDrop::RemoveWithFolder
            && let Some(folder) = self.path.parent()
        {
            // A folder somebody put something into stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn our_socket_goes_and_what_replaced_it_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");

        let listener = UnixListener::bind(&path).unwrap();
        let file = SocketFile::observe(&path).unwrap();
        assert!(file.still_ours());
        drop(file);
        assert!(!path.exists());
        drop(listener);

        let listener = UnixListener::bind(&path).unwrap();
        let file = SocketFile::observe(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(!file.still_ours());
        let _another = UnixListener::bind(&path).unwrap();
        assert!(!file.still_ours());
        drop(file);
        assert!(path.exists());
        drop(listener);
    }

    #[test]
    fn the_folder_goes_only_when_nothing_else_is_in_it() {
        let root = tempfile::tempdir().unwrap();
        for (other, stays) in [(false, false), (true, true)] {
            let folder = root.path().join("ssh-x");
            fs::create_dir_all(&folder).unwrap();
            if other {
                fs::write(folder.join("note"), b"").unwrap();
            }
            let path = folder.join("agent.1");
            let _listener = UnixListener::bind(&path).unwrap();
            let mut file = SocketFile::observe(&path).unwrap();
            file.remove_folder_too();
            drop(file);
            assert_eq!(folder.exists(), stays);
        }
    }

    #[test]
    fn something_that_is_no_socket_is_never_remembered_as_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"").unwrap();
        SocketFile::observe(&path).unwrap_err();
        SocketFile::observe(&folder.path().join("missing")).unwrap_err();
    }
}
