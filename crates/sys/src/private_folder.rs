//! Folders for this account alone, wherever they are.

#[cfg_attr(unix, path = "private_folder/unix.rs")]
#[cfg_attr(windows, path = "private_folder/windows.rs")]
mod system;

use std::io::{self, ErrorKind};
use std::path::Path;

/// Makes it in a folder that is there.
///
/// # Errors
/// `AlreadyExists` when something of this name is there, else the system's refusal.
pub fn make(path: &Path) -> io::Result<()> {
    system::make(path)
}

/// Makes it, and those above it that are missing. One that is there stays as it is.
///
/// # Errors
/// The system's refusal.
pub fn make_all(path: &Path) -> io::Result<()> {
    let made = match (system::make(path), path.parent()) {
        (Err(error), Some(above)) if error.kind() == ErrorKind::NotFound => {
            make_all(above)?;
            system::make(path)
        }
        (made, _) => made,
    };
    // Of a root it is said in several ways that it is there.
    if path.as_os_str().is_empty() || path.is_dir() { Ok(()) } else { made }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_with_those_above_them_and_once() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("a").join("b");
        assert_eq!(make(&path).unwrap_err().kind(), ErrorKind::NotFound);
        make_all(&path).unwrap();
        make_all(&path).unwrap();
        assert!(path.is_dir());
        assert_eq!(make(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
        make_all(Path::new("")).unwrap();
    }

    #[test]
    fn a_file_in_the_way_is_an_error_and_stays() {
        let base = tempfile::tempdir().unwrap();
        let file = base.path().join("file");
        std::fs::write(&file, "kept").unwrap();
        make_all(&file).unwrap_err();
        make_all(&file.join("below")).unwrap_err();
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    }
}
