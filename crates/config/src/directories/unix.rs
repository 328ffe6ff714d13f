//! The runtime folder of the XDG base directories, and a socket in it.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Directories;
use crate::env::{Environment, Name};

pub(super) const NO_HOME: &str =
    "no home directory: HOME is not set and the user database has none";

/// The runtime folder, if it is what it should be (XDG base directories: the user's own, for
/// nobody else). In a folder others can write to they could put their socket in our place.
pub(super) fn runtime(environment: &Environment, uid: u32) -> Option<PathBuf> {
    let path = environment.get(Name::XdgRuntimeDir).map(Path::new)?;
    let metadata = path.is_absolute().then(|| std::fs::metadata(path).ok())??;
    let ours = metadata.is_dir() && metadata.uid() == uid && metadata.mode() & 0o022 == 0;
    ours.then(|| path.to_owned())
}

/// Its socket.
pub(super) fn agent_place(directories: &Directories, host: &OsStr) -> PathBuf {
    directories.agent_socket(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, create_dir, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    fn uid_of(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().uid()
    }

    #[test]
    fn w4_only_our_own_closed_runtime_folder_is_used() {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join("run");
        create_dir(&path).unwrap();
        set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
        let environment = Environment::default().with(Name::XdgRuntimeDir, &path);
        let uid = uid_of(&path);
        assert_eq!(runtime(&environment, uid), Some(path.clone()));
        assert_eq!(runtime(&environment, uid + 1), None, "somebody else's");
        set_permissions(&path, Permissions::from_mode(0o777)).unwrap();
        assert_eq!(runtime(&environment, uid), None, "anybody may write to it");
    }

    #[test]
    fn w4_a_runtime_folder_that_is_none_is_not_used() {
        let temporary = tempfile::tempdir().unwrap();
        let file = temporary.path().join("file");
        std::fs::write(&file, "").unwrap();
        let missing = temporary.path().join("missing");
        let uid = uid_of(temporary.path());
        for path in [Path::new(""), Path::new("run"), Path::new("."), &file, &missing] {
            let environment = Environment::default().with(Name::XdgRuntimeDir, path);
            assert_eq!(runtime(&environment, uid), None, "{}", path.display());
        }
        assert_eq!(runtime(&Environment::default(), uid), None);
    }
}
