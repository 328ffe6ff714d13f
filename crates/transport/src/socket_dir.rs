//! Where OpenSSH's programs put an agent's socket, old place and new.
//!
//! Facts from openssh-portable (`misc.c` `mktemp_proto`, `misc-agent.c`, 10.1 to 10.5):
//! * until 10.0, and with `-T`: `$TMPDIR/ssh-` and 12 random characters (the manual shows ten), a
//!   folder 0700, in it `agent.` and the number of the process that was started;
//! * from 10.1: `$HOME/.ssh/agent/s.` H `.agent.` R, where H tells hosts with a shared home apart:
//!   the first ten bytes of SHA-512 of the host name, each modulo 62 an index into a-z A-Z 0-9;
//!   R is ten random characters. sshd puts forwarded sockets there too, with `sshd` for `agent`.
//!
//! This module names places and makes their folders; sockets are made by [`crate::unix`].

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha512};

use crate::limits::SOCKET_PATH_MAX;

const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const HOST_HASH_LEN: usize = 10;
const HOME_RANDOM_LEN: usize = 10;
const LEGACY_RANDOM_LEN: usize = 12;

/// Makes a fresh folder below `temporary` (`$TMPDIR`; `/tmp` when it is not given, empty or too
/// long for a socket) and names a socket in it after `pid`. Pair it with
/// [`Listener::with_its_folder`](crate::Listener::with_its_folder), so that the folder goes too.
///
/// # Errors
/// When no folder can be made there.
pub fn legacy(temporary: Option<&Path>, pid: u32) -> io::Result<PathBuf> {
    let name = format!("agent.{pid}");
    let fits = |root: &&Path| {
        let rest = "/ssh-".len() + LEGACY_RANDOM_LEN + "/".len() + name.len();
        !root.as_os_str().is_empty() && root.as_os_str().len() + rest <= SOCKET_PATH_MAX
    };
    let root = temporary.filter(fits).unwrap_or(Path::new("/tmp"));
    loop {
        let folder = root.join(format!("ssh-{}", random_name(LEGACY_RANDOM_LEN)?));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder.join(name)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Names a socket in `home`/.ssh/agent; both folders are made 0700 where they are missing.
///
/// # Errors
/// When a folder cannot be made.
pub fn in_home(home: &Path, host: &[u8]) -> io::Result<PathBuf> {
    for folder in [home.join(".ssh"), agent_folder(home)] {
        match DirBuilder::new().mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    let random = random_name(HOME_RANDOM_LEN)?;
    Ok(agent_folder(home).join(format!("s.{}.agent.{random}", host_hash(host))))
}

/// The folder of [`in_home`].
#[must_use]
pub fn agent_folder(home: &Path) -> PathBuf {
    home.join(".ssh/agent")
}

/// What stands for the host in a socket's name.
#[must_use]
pub fn host_hash(host: &[u8]) -> String {
    let digest = Sha512::digest(host);
    digest
        .iter()
        .take(HOST_HASH_LEN)
        .map(|byte| letter(usize::from(*byte) % LETTERS.len()))
        .collect()
}

fn random_name(length: usize) -> io::Result<String> {
    let mut name = String::with_capacity(length);
    while name.len() < length {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        // Six bits each; the two values without a letter are thrown away, so all are as likely.
        let indexes =
            bytes.iter().map(|byte| usize::from(byte & 63)).filter(|i| *i < LETTERS.len());
        name.extend(indexes.take(length - name.len()).map(letter));
    }
    Ok(name)
}

fn letter(index: usize) -> char {
    LETTERS.get(index).map_or('a', |letter| char::from(*letter))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().mode() & 0o7777
    }

    /// Expected values computed with Python's hashlib from the description in OpenSSH's source.
    #[test]
    fn a_host_has_the_same_hash_as_in_openssh() {
        assert_eq!(host_hash(b"localhost"), "ty5jXgL98F");
        assert_eq!(host_hash(b"keyfob.example.org"), "NwBOwzp2QN");
        assert_eq!(host_hash(b""), "vhN1c18d3w");
    }

    #[test]
    fn the_place_in_the_home_is_private_and_named_as_openssh_names_it() {
        let home = tempfile::tempdir().unwrap();
        let path = in_home(home.path(), b"localhost").unwrap();
        assert_eq!(mode(&home.path().join(".ssh")), 0o700);
        assert_eq!(path.parent(), Some(agent_folder(home.path()).as_path()));
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        let name = path.file_name().unwrap().to_str().unwrap();
        let random = name.strip_prefix("s.ty5jXgL98F.agent.").unwrap();
        assert!(random.len() == 10 && random.bytes().all(|byte| LETTERS.contains(&byte)), "{name}");
        assert_ne!(in_home(home.path(), b"localhost").unwrap(), path);
    }

    #[test]
    fn existing_folders_keep_their_mode_and_a_missing_home_is_not_made() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        DirBuilder::new().create(&ssh).unwrap();
        std::fs::set_permissions(&ssh, std::fs::Permissions::from_mode(0o755)).unwrap();
        in_home(home.path(), b"h").unwrap();
        assert_eq!(mode(&ssh), 0o755);
        let missing = home.path().join("nobody");
        assert_eq!(in_home(&missing, b"h").unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(!missing.exists());
    }

    #[test]
    fn the_legacy_place_is_a_fresh_private_folder() {
        let temporary = tempfile::tempdir().unwrap();
        let path = legacy(Some(temporary.path()), 4711).unwrap();
        let folder = path.parent().unwrap();
        assert_eq!(folder.parent(), Some(temporary.path()));
        assert_eq!(mode(folder), 0o700);
        assert_eq!(path.file_name().unwrap(), "agent.4711");
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(name.starts_with("ssh-") && name.len() == 16, "{name}");
    }

    #[test]
    fn a_temporary_folder_too_long_for_a_socket_is_passed_over_but_a_missing_one_is_an_error() {
        let temporary = tempfile::tempdir().unwrap();
        let long = temporary.path().join("x".repeat(90));
        for unusable in [Some(long.as_path()), Some(Path::new("")), None] {
            let path = legacy(unusable, 1).unwrap();
            assert!(path.starts_with("/tmp"));
            std::fs::remove_dir(path.parent().unwrap()).unwrap();
        }
        legacy(Some(&temporary.path().join("missing")), 1).unwrap_err();
    }

    #[test]
    fn random_names_use_every_letter() {
        let name = random_name(10_000).unwrap();
        assert_eq!(name.len(), 10_000);
        assert!(LETTERS.iter().all(|letter| name.contains(char::from(*letter))));
    }
}
