//! Which file or folder it is, whatever it is called: whether two names, or a name and what was
//! opened by it before, are one.
//!
//! For now only: a file that was removed may hand its number on to a new one.

#[cfg_attr(unix, path = "file_identity/unix.rs")]
#[cfg_attr(windows, path = "file_identity/windows.rs")]
mod system;

use std::fs::File;
use std::io;
use std::path::Path;

/// The file's volume, and its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    volume: u64,
    number: u64,
}

impl FileIdentity {
    /// Of something that is open.
    ///
    /// # Errors
    /// The system's.
    pub fn of(file: &File) -> io::Result<Self> {
        system::of(file)
    }

    /// Of what has this name; of a link, where there is one at its end.
    ///
    /// # Errors
    /// The system's.
    pub fn at(path: &Path) -> io::Result<Self> {
        system::at(path)
    }
}

/// How many names (hard links) a file has; links are followed.
///
/// # Errors
/// The system's.
pub fn names(path: &Path) -> io::Result<u64> {
    system::names(path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_same_by_any_name_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        let file = File::create(&path).unwrap();
        std::fs::write(&other, "").unwrap();
        let identity = FileIdentity::of(&file).unwrap();
        assert_eq!(FileIdentity::at(&path).unwrap(), identity);
        assert_ne!(FileIdentity::at(&other).unwrap(), identity);
        assert_ne!(FileIdentity::at(folder.path()).unwrap(), identity);
        std::fs::rename(&path, folder.path().join("c")).unwrap();
        assert_eq!(FileIdentity::at(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::rename(folder.path().join("c"), &other).unwrap();
        assert_eq!(FileIdentity::at(&other).unwrap(), identity);
    }

    #[test]
    fn every_name_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a"), folder.path().join("b"));
        assert_eq!(names(&path).unwrap_err().kind(), io::ErrorKind::NotFound);
        std::fs::write(&path, "").unwrap();
        assert_eq!(names(&path).unwrap(), 1);
        std::fs::hard_link(&path, &other).unwrap();
        assert_eq!((names(&path).unwrap(), names(&other).unwrap()), (2, 2));
    }
}
