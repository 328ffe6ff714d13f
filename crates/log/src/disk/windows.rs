//! Folders that are locked by a file in them: a folder itself cannot be.
//!
//! Checked: that a folder or file is one, and no link or junction at the end of its path. Not checked:
//! whose it is, and who else may write into it. It lies in the profile of this account, which gives
//! files made there its own access list: the account, administrators and the system. Who moves the
//! log elsewhere has to see to that.
//!
//! Names are not made to last one by one: the file system keeps a journal of them.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::os::windows::fs::OpenOptionsExt as _;
use std::path::Path;

use keyfob_sys::private_folder;

/// `FILE_FLAG_OPEN_REPARSE_POINT`: a link at the end of a path is opened itself, and found to be
/// none of what is looked for.
const NO_LINK: u32 = 0x0020_0000;
/// `FILE_FLAG_BACKUP_SEMANTICS`: without it no folder is opened.
const FOLDER: u32 = 0x0200_0000;

/// The file that is locked.
const LOCK: &str = "lock";

/// Makes the folder, and those above it, where they are missing, and opens its lock.
pub(crate) fn folder(path: &Path) -> io::Result<File> {
    private_folder::make_all(path)?;
    let there = OpenOptions::new().read(true).custom_flags(NO_LINK | FOLDER).open(path)?;
    if !there.metadata()?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).custom_flags(NO_LINK);
    super::regular(options.open(path.join(LOCK))?)
}

/// What is locked of a folder that is there.
pub(crate) fn lock_of(folder: &Path) -> io::Result<File> {
    super::regular(reading().open(folder.join(LOCK))?)
}

/// The journal has them.
pub(super) fn sync_names(_folder: &File) -> io::Result<()> {
    Ok(())
}

/// For a file that grows. Not for appending only: what is opened so cannot be made shorter again.
pub(super) fn growing() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).read(true).create(true).truncate(false).custom_flags(NO_LINK);
    options
}

/// What is written next is behind all that is there.
pub(crate) fn go_to_the_end(growing: &mut File) -> io::Result<()> {
    growing.seek(SeekFrom::End(0)).map(drop)
}

/// For a file to read from.
pub(super) fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(NO_LINK);
    options
}

/// For a file that is not there yet.
pub(super) fn fresh() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_locked_by_the_file_in_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("1");
        assert!(lock_of(&path).is_err());
        let held = folder(&path).unwrap();
        held.try_lock().unwrap();
        let another = lock_of(&path).unwrap();
        assert!(matches!(another.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)));
        drop(held);
        another.try_lock_shared().unwrap();
    }

    #[test]
    fn a_file_is_no_folder() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("1");
        std::fs::write(&path, "").unwrap();
        assert!(folder(&path).is_err());
    }
}
