//! The folder a socket lives in: made if missing, checked, locked while something in it changes.
//!
//! The lock is the folder's own (`flock` on the opened directory), so that no lock file is left
//! behind and nothing has to be created to try. It orders programs that take it; others (OpenSSH)
//! are kept out by the kernel's refusal to bind an existing path.

use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::process::{getegid, geteuid};

use crate::limits::FOLDER_LOCK_PAUSE;

/// Why a socket cannot be placed into a folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// It is missing and cannot be made.
    #[error("cannot make the folder {}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be opened, or is not a folder.
    #[error("cannot open the folder {}", path.display())]
    Open {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It belongs to somebody who could replace the socket.
    #[error("the folder {} belongs to user {owner}", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// Others may write into it and could replace the socket.
    #[error("the folder {} may be written by others (mode {mode:04o})", path.display())]
    WritableByOthers {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another process has held its lock all the time.
    #[error(
        "the folder {} has been locked by another process for {} s",
        path.display(),
        waited.as_secs()
    )]
    Busy {
        /// The folder.
        path: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
}

/// A folder whose lock is held until this is dropped.
#[derive(Debug)]
pub(crate) struct LockedFolder {
    // Held for its lock: closing the descriptor releases it.
    _handle: File,
    private: bool,
}

impl LockedFolder {
    /// Makes the folder 0700 where it is missing, checks it and locks it. An existing folder is
    /// never changed: its mode is its owner's decision.
    pub(crate) fn prepare(path: &Path, wait: Duration) -> Result<Self, FolderError> {
        make_missing(path)
            .map_err(|source| FolderError::Create { path: path.to_owned(), source })?;
        Self::lock(path, wait)
    }

    /// Checks and locks an existing folder.
    pub(crate) fn lock(path: &Path, wait: Duration) -> Result<Self, FolderError> {
        let deadline = Instant::now() + wait;
        loop {
            let (handle, metadata) = open(path)?;
            check(path, &metadata)?;
            let locked = lock_until(&handle, deadline, path)?;
            // While we waited the folder may have been removed and made anew: then we hold the
            // lock of something nobody else will ever see.
            if locked && is_still(path, &metadata) {
                let private = metadata.mode() & 0o077 == 0;
                return Ok(Self { _handle: handle, private });
            }
            if Instant::now() >= deadline {
                return Err(FolderError::Busy { path: path.to_owned(), waited: wait });
            }
        }
    }

    /// Nobody but the owner may even look inside.
    pub(crate) fn is_private(&self) -> bool {
        self.private
    }
}

/// Makes `path` with mode 0700, and its parents likewise where they are missing.
pub(crate) fn make_missing(path: &Path) -> io::Result<()> {
    let made = DirBuilder::new().mode(0o700).create(path);
    match (made, path.parent()) {
        (Err(error), _) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
            // An empty parent means the current folder, which exists or never will.
            if parent.as_os_str().is_empty() {
                return Err(error);
            }
            make_missing(parent)?;
            match DirBuilder::new().mode(0o700).create(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                made => made,
            }
        }
        (made, _) => made,
    }
}

fn open(path: &Path) -> Result<(File, Metadata), FolderError> {
    // O_DIRECTORY also keeps us from waiting at a named pipe.
    #[allow(clippy::cast_possible_wrap, reason = "flag bits, not a number")]
    let flags = OFlags::DIRECTORY.bits() as i32;
    let opened = || {
        let handle = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let metadata = handle.metadata()?;
        Ok((handle, metadata))
    };
    opened().map_err(|source| FolderError::Open { path: path.to_owned(), source })
}

fn check(path: &Path, metadata: &Metadata) -> Result<(), FolderError> {
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != 0 && owner != geteuid().as_raw() {
        return Err(FolderError::NotOurs { path: path.to_owned(), owner });
    }
    // A group that is named after its one member is no others: with it, homes are made group
    // writable by default (umask 002).
    let own_group = owner != 0 && metadata.gid() == owner && metadata.gid() == getegid().as_raw();
    let others = if own_group { 0o002 } else { 0o022 };
    // With the sticky bit others may add names but not replace ours.
    if mode & others != 0 && mode & 0o1000 == 0 {
        return Err(FolderError::WritableByOthers { path: path.to_owned(), mode });
    }
    Ok(())
}

/// `false`: the deadline passed. Polls, because a wait for `flock` has no time limit.
fn lock_until(handle: &File, deadline: Instant, path: &Path) -> Result<bool, FolderError> {
    loop {
        match handle.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(FOLDER_LOCK_PAUSE),
            Err(TryLockError::Error(source)) => {
                return Err(FolderError::Open { path: path.to_owned(), source });
            }
        }
    }
}

fn is_still(path: &Path, opened: &Metadata) -> bool {
    path.metadata().is_ok_and(|now| (now.dev(), now.ino()) == (opened.dev(), opened.ino()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const NO_WAIT: Duration = Duration::ZERO;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    #[test]
    fn every_component_we_make_is_ours_alone() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        let folder = LockedFolder::prepare(&deep, NO_WAIT).unwrap();
        assert!(folder.is_private());
        for made in ["a", "a/b", "a/b/c"] {
            assert_eq!(mode(&root.path().join(made)), 0o700, "{made}");
        }
    }

    #[test]
    fn an_existing_folder_keeps_the_mode_its_owner_gave_it() {
        let root = tempfile::tempdir().unwrap();
        set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
        let folder = LockedFolder::prepare(root.path(), NO_WAIT).unwrap();
        assert!(!folder.is_private());
        assert_eq!(mode(root.path()), 0o755);
    }

    #[test]
    fn a_folder_where_others_could_replace_the_socket_is_refused() {
        let root = tempfile::tempdir().unwrap();
        for unsafe_mode in [0o777, 0o775, 0o770, 0o702] {
            set_permissions(root.path(), Permissions::from_mode(unsafe_mode)).unwrap();
            let refused = LockedFolder::prepare(root.path(), NO_WAIT).unwrap_err();
            assert!(
                matches!(refused, FolderError::WritableByOthers { mode, .. } if mode == unsafe_mode)
            );
        }
        set_permissions(root.path(), Permissions::from_mode(0o1777)).unwrap();
        LockedFolder::prepare(root.path(), NO_WAIT).unwrap();
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        if !geteuid().is_root() {
            return; // only root can give a folder away
        }
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::chown(root.path(), Some(65534), None).unwrap();
        let refused = LockedFolder::prepare(root.path(), NO_WAIT).unwrap_err();
        assert!(matches!(refused, FolderError::NotOurs { owner: 65534, .. }));
    }

    #[test]
    fn who_finds_the_lock_taken_waits_a_bounded_time_and_says_so() {
        let root = tempfile::tempdir().unwrap();
        let held = LockedFolder::prepare(root.path(), NO_WAIT).unwrap();
        let begun = Instant::now();
        let refused = LockedFolder::lock(root.path(), Duration::from_millis(60)).unwrap_err();
        assert!(matches!(refused, FolderError::Busy { .. }));
        assert!(begun.elapsed() >= Duration::from_millis(60));
        drop(held);
        LockedFolder::lock(root.path(), NO_WAIT).unwrap();
    }

    #[test]
    fn a_folder_made_anew_while_we_waited_is_locked_itself() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("runtime");
        let old = LockedFolder::prepare(&path, NO_WAIT).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| LockedFolder::lock(&path, Duration::from_secs(5)));
            thread::sleep(Duration::from_millis(30));
            std::fs::remove_dir(&path).unwrap();
            std::fs::create_dir(&path).unwrap();
            drop(old);
            let _new = waiting.join().unwrap().unwrap();
            // Were the old one's lock held, this one would be free.
            assert!(matches!(LockedFolder::lock(&path, NO_WAIT), Err(FolderError::Busy { .. })));
        });
    }

    #[test]
    fn a_file_or_a_pipe_is_not_a_folder_and_is_not_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, b"").unwrap();
        assert!(matches!(LockedFolder::prepare(&file, NO_WAIT), Err(FolderError::Open { .. })));
    }
}
