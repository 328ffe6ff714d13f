//! Makes a listening socket at a path, so that it is ours alone from its first moment and nobody
//! else's is ever taken away.
//!
//! Rejected: unlink and bind (steals the socket of a running agent), bind and chmod (others can
//! connect in between), umask (one for the whole process, and other threads make files too).

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use interprocess::local_socket::{GenericFilePath, ListenerOptions, ToFsName};
use interprocess::os::unix::local_socket::ListenerOptionsExt;
use interprocess::os::unix::uds_local_socket::Listener as SocketListener;
use rustix::process::geteuid;

use crate::folder::LockedFolder;
use crate::limits::{FOLDER_LOCK_WAIT, SOCKET_PATH_MAX};
use crate::listener::Listener;
use crate::probe::{Answer, probe};
use crate::socket_file::SocketFile;

pub use crate::folder::FolderError;

/// Why there is no listener.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The kernel has no room for such a path.
    #[error(
        "the path {} has {length} bytes, but a socket's path may have {SOCKET_PATH_MAX}",
        path.display()
    )]
    TooLong {
        /// The path.
        path: PathBuf,
        /// Its bytes.
        length: usize,
    },
    /// The folder is missing, unsafe or busy.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Another process listens there. It was left alone.
    #[error("another process listens at {}", path.display())]
    Live {
        /// The path.
        path: PathBuf,
    },
    /// Something that is no socket has that name. It was left alone.
    #[error("{} is {kind}, not a socket", path.display())]
    NotASocket {
        /// The path.
        path: PathBuf,
        /// What it is: "a folder", "a file", "a symbolic link", "something else".
        kind: &'static str,
    },
    /// A socket of another user has that name. It was left alone.
    #[error("the socket {} belongs to user {owner}", path.display())]
    Foreign {
        /// The path.
        path: PathBuf,
        /// The owner's number.
        owner: u32,
    },
    /// It cannot be found out what is there.
    #[error("cannot look at {}", path.display())]
    Probe {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A leftover could not be removed, or the socket not made.
    #[error("cannot make the socket {}", path.display())]
    Create {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A descriptor from the service manager is no listening stream socket.
    #[error("the inherited descriptor is not a listening Unix socket")]
    Inherited {
        /// What the system said, if it did.
        source: io::Error,
    },
    /// The socket is there, but cannot be watched for connections.
    #[error("cannot wait for connections")]
    Listen {
        /// What the system said.
        source: io::Error,
    },
}

/// Listens at `path`: [`reserve`] and [`Bound::listen`] in one. Call it inside the runtime.
///
/// # Errors
/// [`BindError`]; what was at `path` is then as it was.
pub fn bind(path: &Path) -> Result<Listener, BindError> {
    reserve(path)?.listen()
}

/// Makes the socket at `path`, mode 0600 from creation, in a folder that is made 0700 if missing.
/// A leftover of ours that nobody listens at any more is replaced. Needs no runtime, so a process
/// that forks can do it first. Blocks up to 5 s while another start holds the folder's lock.
///
/// # Errors
/// [`BindError`]; what was at `path` is then as it was.
pub fn reserve(path: &Path) -> Result<Bound, BindError> {
    check_length(path)?;
    let folder = LockedFolder::prepare(folder_of(path), FOLDER_LOCK_WAIT)?;
    clear_the_way(path)?;
    make(path, &folder)
}

/// Makes a socket anew whose file is lost, and its folder where that is lost too: [`reserve`], but
/// whatever has the name by now stays, a leftover too. Blocks as long.
///
/// # Errors
/// [`BindError`]; what was at `path` is then as it was.
pub(crate) fn restore(path: &Path) -> Result<Bound, BindError> {
    check_length(path)?;
    let folder = LockedFolder::prepare(folder_of(path), FOLDER_LOCK_WAIT)?;
    make(path, &folder)
}

/// The kernel binds no path that exists.
fn make(path: &Path, folder: &LockedFolder) -> Result<Bound, BindError> {
    let made = create(path, folder.is_private())
        .and_then(|listener| Ok(Bound { file: SocketFile::observe(path)?, listener }));
    made.map_err(|source| BindError::Create { path: path.to_owned(), source })
}

/// A socket that clients can already reach (they wait), not yet tied to a runtime.
///
/// Dropping it removes the socket file.
#[derive(Debug)]
pub struct Bound {
    // First: the file must go while the socket is still open (see `socket_file`).
    file: SocketFile,
    listener: SocketListener,
}

impl Bound {
    /// The socket's path, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Whether the path still leads to this socket.
    #[must_use]
    pub fn still_ours(&self) -> bool {
        self.file.still_ours()
    }

    /// The folder was made for this socket and is removed with it, if it is empty then.
    #[must_use]
    pub fn with_its_folder(mut self) -> Self {
        self.file.remove_folder_too();
        self
    }

    /// Closes our end and leaves the file: after a fork the other process serves it.
    pub fn leave(mut self) {
        self.file.keep();
    }

    /// Ties the socket to the runtime.
    ///
    /// # Errors
    /// [`BindError::Listen`] outside a runtime, or when the kernel refuses.
    pub fn listen(self) -> Result<Listener, BindError> {
        Listener::from_parts(self.listener, Some(self.file))
            .map_err(|source| BindError::Listen { source })
    }
}

impl AsFd for Bound {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

fn check_length(path: &Path) -> Result<(), BindError> {
    let length = path.as_os_str().len();
    if length > SOCKET_PATH_MAX {
        return Err(BindError::TooLong { path: path.to_owned(), length });
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Under the folder's lock: removes a leftover of ours, refuses everything else.
fn clear_the_way(path: &Path) -> Result<(), BindError> {
    let unknown = |source| BindError::Probe { path: path.to_owned(), source };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unknown(error)),
    };
    if !metadata.file_type().is_socket() {
        return Err(BindError::NotASocket { path: path.to_owned(), kind: kind_of(&metadata) });
    }
    let answer = probe(path);
    if matches!(answer, Ok(Answer::Live)) {
        return Err(BindError::Live { path: path.to_owned() });
    }
    if metadata.uid() != geteuid().as_raw() {
        return Err(BindError::Foreign { path: path.to_owned(), owner: metadata.uid() });
    }
    match answer.map_err(unknown)? {
        // Gone meanwhile: its owner ended.
        Answer::Missing => Ok(()),
        Answer::Live | Answer::Nobody => {
            tracing::info!(path = %path.display(), "replacing a socket nobody listens at");
            fs::remove_file(path)
                .map_err(|source| BindError::Create { path: path.to_owned(), source })
        }
    }
}

fn kind_of(metadata: &fs::Metadata) -> &'static str {
    if metadata.is_dir() {
        "a folder"
    } else if metadata.is_file() {
        "a file"
    } else if metadata.is_symlink() {
        "a symbolic link"
    } else {
        "something else"
    }
}

fn create(path: &Path, folder_is_private: bool) -> io::Result<SocketListener> {
    let options = || {
        let name = path.to_fs_name::<GenericFilePath>()?;
        // Reclaiming by name would remove whatever has the name then; `SocketFile` looks first.
        Ok::<_, io::Error>(ListenerOptions::new().name(name).reclaim_name(false))
    };
    match options()?.mode(0o600).create_sync_as::<SocketListener>() {
        // macOS cannot set a socket's mode before it has a name; there the folder alone keeps
        // others out, so it has to.
        Err(error) if error.kind() == io::ErrorKind::Unsupported && folder_is_private => {
            options()?.create_sync_as()
        }
        made => made,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::net::{UnixListener, UnixStream};

    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn makes_a_private_socket_in_a_private_folder_and_takes_it_away_again() {
        let root = folder();
        let path = root.path().join("run/keyfob/agent.sock");
        let bound = reserve(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o7777, 0o700);
        assert!(bound.still_ours());
        UnixStream::connect(&path).unwrap();
        drop(bound);
        assert!(!path.exists());
    }

    #[test]
    fn w4_the_socket_of_a_running_agent_is_never_taken() {
        let root = folder();
        let path = root.path().join("s");
        let first = reserve(&path).unwrap();
        assert!(matches!(reserve(&path), Err(BindError::Live { .. })));
        assert!(first.still_ours());
    }

    #[test]
    fn a_leftover_is_replaced() {
        let root = folder();
        let path = root.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        let bound = reserve(&path).unwrap();
        UnixStream::connect(&path).unwrap();
        assert!(bound.still_ours());
    }

    #[test]
    fn what_is_restored_replaces_nothing() {
        let root = folder();
        let path = root.path().join("gone/s");
        drop(restore(&path).unwrap());
        let leftover = UnixListener::bind(&path).unwrap();
        let inode = fs::metadata(&path).unwrap().ino();
        assert!(matches!(restore(&path), Err(BindError::Create { .. })));
        drop(leftover);
        assert!(matches!(restore(&path), Err(BindError::Create { .. })));
        assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
    }

    #[test]
    fn what_is_no_socket_is_never_deleted() {
        let root = folder();
        let (file, dir, link) =
            (root.path().join("file"), root.path().join("dir"), root.path().join("link"));
        fs::write(&file, b"precious").unwrap();
        fs::create_dir(&dir).unwrap();
        std::os::unix::fs::symlink(root.path().join("nowhere"), &link).unwrap();
        for (path, said) in [(&file, "a file"), (&dir, "a folder"), (&link, "a symbolic link")] {
            let refused = reserve(path).unwrap_err();
            assert!(matches!(refused, BindError::NotASocket { kind, .. } if kind == said));
            assert!(fs::symlink_metadata(path).is_ok());
        }
        assert_eq!(fs::read(&file).unwrap(), b"precious");
    }

    #[test]
    fn a_leftover_of_another_user_is_not_deleted() {
        if !geteuid().is_root() {
            return; // only root can give a socket away
        }
        let root = folder();
        let path = root.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        std::os::unix::fs::chown(&path, Some(65534), None).unwrap();
        assert!(matches!(reserve(&path), Err(BindError::Foreign { owner: 65534, .. })));
        assert!(path.exists());
    }

    #[test]
    fn a_path_one_byte_too_long_is_refused_with_both_numbers_and_one_that_just_fits_works() {
        let root = folder();
        let room = SOCKET_PATH_MAX - root.path().as_os_str().len() - 1;
        let path = root.path().join("x".repeat(room));
        drop(reserve(&path).unwrap());
        let refused = reserve(&root.path().join("x".repeat(room + 1))).unwrap_err().to_string();
        assert!(refused.contains("108 bytes") && refused.contains("107"), "{refused}");
    }

    #[test]
    fn after_a_fork_the_parent_leaves_the_file_to_the_child() {
        let root = folder();
        let path = root.path().join("s");
        let bound = reserve(&path).unwrap();
        let childs_end = bound.as_fd().try_clone_to_owned().unwrap();
        bound.leave();
        UnixStream::connect(&path).unwrap();
        drop(childs_end);
    }

    #[test]
    fn the_legacy_folder_goes_with_its_socket() {
        let root = folder();
        let path = root.path().join("ssh-abc/agent.1");
        drop(reserve(&path).unwrap().with_its_folder());
        assert!(!root.path().join("ssh-abc").exists());
    }

    #[test]
    fn outside_a_runtime_listening_is_an_error_and_not_a_panic() {
        let root = folder();
        let path = root.path().join("s");
        assert!(matches!(bind(&path), Err(BindError::Listen { .. })));
        assert!(!path.exists());
    }
}
