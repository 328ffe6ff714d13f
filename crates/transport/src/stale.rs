//! Tidies away sockets in `~/.ssh/agent` whose agent is gone.
//!
//! A socket goes when all of this holds: it is a socket, it belongs to this user, its name carries
//! this host's hash (another host may share the home, and cannot be asked), it is over an hour
//! old, and the kernel refuses a connection. OpenSSH 10.1 does the same, except that it does not
//! look at the owner and takes any failed connection, a full queue included, for a dead agent.

use std::fs::{self, DirEntry};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use keyfob_sys::os_text::OsStrExt;
use rustix::process::geteuid;

use crate::folder::{FolderError, LockedFolder};
use crate::limits::{STALE_AGE, TIDY_LOCK_WAIT};
use crate::probe::{Answer, probe};
use crate::socket_dir::{agent_folder, host_hash};

/// Whose sockets are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Hosts<'a> {
    /// Those of the host with this name: at every start, and `ssh-agent -u`.
    Only(&'a [u8]),
    /// Those of all hosts that share the home: `ssh-agent -uu`.
    All,
}

/// Removes what is stale and returns what was removed. A folder that is missing has nothing stale.
///
/// # Errors
/// When the folder cannot be read, is not safe, or stays locked by a process that is starting.
pub fn clean(home: &Path, hosts: Hosts<'_>, now: SystemTime) -> Result<Vec<PathBuf>, FolderError> {
    let folder = agent_folder(home);
    // Locked, so that nobody replaces a dead socket by a live one between our look and removal.
    let _locked = match LockedFolder::lock(&folder, TIDY_LOCK_WAIT) {
        Err(FolderError::Open { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            return Ok(Vec::new());
        }
        locked => locked?,
    };
    let entries = fs::read_dir(&folder)
        .map_err(|source| FolderError::Open { path: folder.clone(), source })?;
    let prefix = match hosts {
        Hosts::Only(host) => format!("s.{}.", host_hash(host)),
        Hosts::All => String::new(),
    };
    let mine = |entry: &DirEntry| entry.file_name().as_bytes().starts_with(prefix.as_bytes());
    let stale = entries.flatten().filter(mine).map(|entry| entry.path());
    Ok(stale.filter(|path| is_stale(path, now) && remove(path)).collect())
}

fn is_stale(path: &Path, now: SystemTime) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return false;
    };
    // A time in the future is a wrong clock, not an old socket.
    let old = metadata
        .modified()
        .is_ok_and(|modified| now.duration_since(modified).is_ok_and(|age| age >= STALE_AGE));
    metadata.file_type().is_socket()
        && metadata.uid() == geteuid().as_raw()
        && old
        && matches!(probe(path), Ok(Answer::Nobody))
}

fn remove(path: &Path) -> bool {
    match fs::remove_file(path) {
        Ok(()) => {
            tracing::debug!(path = %path.display(), "removed a stale socket");
            true
        }
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "cannot remove a stale socket");
            false
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::time::Duration;

    use super::*;
    use crate::socket_dir::in_home;

    const HOST: &[u8] = b"here";

    fn in_an_hour() -> SystemTime {
        SystemTime::now() + STALE_AGE + Duration::from_secs(1)
    }

    fn dead(path: &Path) {
        drop(UnixListener::bind(path).unwrap());
    }

    #[test]
    fn an_old_socket_of_this_host_without_an_agent_goes() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), HOST).unwrap();
        dead(&path);
        let removed = clean(home.path(), Hosts::Only(HOST), in_an_hour()).unwrap();
        assert_eq!(removed.as_slice(), std::slice::from_ref(&path));
        assert!(!path.exists());
    }

    /// sshd's forwarded sockets lie in the same folder under the tag `sshd`.
    #[test]
    fn the_tag_does_not_matter() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), HOST).unwrap();
        let forwarded = path.with_file_name(format!("s.{}.sshd.AAAAAAAAAA", host_hash(HOST)));
        dead(&forwarded);
        assert_eq!(clean(home.path(), Hosts::Only(HOST), in_an_hour()).unwrap(), [forwarded]);
    }

    #[test]
    fn a_young_socket_stays() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), HOST).unwrap();
        dead(&path);
        let almost = SystemTime::now() + STALE_AGE - Duration::from_secs(60);
        for now in [SystemTime::now(), almost, SystemTime::UNIX_EPOCH] {
            assert!(clean(home.path(), Hosts::Only(HOST), now).unwrap().is_empty());
        }
        assert!(path.exists());
    }

    #[test]
    fn a_live_socket_stays_even_when_its_queue_is_full() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), HOST).unwrap();
        let address = rustix::net::SocketAddrUnix::new(&path).unwrap();
        let socket = crate::probe::stream_socket().unwrap();
        rustix::net::bind(&socket, &address).unwrap();
        rustix::net::listen(&socket, 0).unwrap();
        let _waiting = std::os::unix::net::UnixStream::connect(&path).unwrap();
        assert!(clean(home.path(), Hosts::All, in_an_hour()).unwrap().is_empty());
        assert!(path.exists());
    }

    #[test]
    fn another_hosts_socket_goes_only_when_asked_for_all() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), b"elsewhere").unwrap();
        dead(&path);
        assert!(clean(home.path(), Hosts::Only(HOST), in_an_hour()).unwrap().is_empty());
        assert_eq!(clean(home.path(), Hosts::All, in_an_hour()).unwrap(), [path]);
    }

    #[test]
    fn files_links_and_folders_stay_whatever_their_name() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), HOST).unwrap();
        let (target, link) = (path.with_file_name("t"), path.with_extension("link"));
        dead(&target);
        std::os::unix::fs::symlink(&target, &link).unwrap();
        fs::write(&path, b"").unwrap();
        fs::create_dir(path.with_extension("dir")).unwrap();
        assert!(clean(home.path(), Hosts::Only(HOST), in_an_hour()).unwrap().is_empty());
        assert!(path.exists() && link.exists());
    }

    #[test]
    fn another_users_socket_stays() {
        if !geteuid().is_root() {
            return; // only root can give a socket away
        }
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), HOST).unwrap();
        dead(&path);
        std::os::unix::fs::lchown(&path, Some(65534), None).unwrap();
        assert!(clean(home.path(), Hosts::All, in_an_hour()).unwrap().is_empty());
    }

    #[test]
    fn without_a_folder_there_is_nothing_to_do() {
        let home = tempfile::tempdir().unwrap();
        assert!(clean(home.path(), Hosts::All, in_an_hour()).unwrap().is_empty());
    }
}
