//! Links that are not followed, and a lock that stands beside its folder.
//!
//! Who may read the store is not decided here: it lies in the profile of this account, whose access
//! list (the account, administrators and the system) new files take over. What is in it is sealed.
//!
//! NTFS keeps a journal of names, so that folders are not made to last one by one; the content of
//! files is.

use std::fs::OpenOptions;
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link at the end of a path is opened itself, and is no file.
const NO_LINK: u32 = 0x0020_0000;

/// For a file that is there.
pub(super) fn reading(follows: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(if follows { 0 } else { NO_LINK });
    options
}

/// For a file that is not there yet.
pub(super) fn fresh() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// For a file that is locked.
pub(super) fn lockable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).custom_flags(NO_LINK);
    options
}

/// Which file stands for a lock: one beside the folder, since no folder with an open file in it
/// can be renamed, and a store that is replaced is.
pub(super) fn lock_place(file: &Path) -> PathBuf {
    let beside = file.parent().and_then(|folder| {
        let mut name = folder.file_name()?.to_owned();
        name.push(".lock");
        Some(folder.with_file_name(name))
    });
    // A store that is a whole drive is in no folder.
    beside.unwrap_or_else(|| file.to_owned())
}

/// Only what may be written can be made to last.
pub(super) fn sync(file: &Path) -> io::Result<()> {
    OpenOptions::new().write(true).open(file)?.sync_all()
}

/// The journal has its names; it has to be there all the same.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::metadata(folder).map(drop)
}

/// There is no such step.
pub(super) fn exchange(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::super::SystemDisk;
    use super::*;
    use crate::disk::Disk as _;

    #[test]
    fn a_store_is_locked_beside_its_folder_and_only_once() {
        let above = tempfile::tempdir().unwrap();
        let store = above.path().join("store");
        std::fs::create_dir(&store).unwrap();
        let held = SystemDisk.lock(&store.join(".lock")).unwrap();
        assert!(held.is_some() && above.path().join("store.lock").is_file());
        assert!(std::fs::read_dir(&store).unwrap().next().is_none());
        assert!(SystemDisk.lock(&store.join(".lock")).unwrap().is_none());
        drop(held);
        assert!(SystemDisk.lock(&store.join(".lock")).unwrap().is_some());
        assert_eq!(lock_place(Path::new(r"E:\.lock")), Path::new(r"E:\.lock"));
    }
}
