//! Modes, links, pipes, and folders that are made to last.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

/// For a file that is there. Not waiting for a writer: somebody may have put a FIFO there.
pub(super) fn reading(follows: bool) -> OpenOptions {
    let link = if follows { OFlags::empty() } else { OFlags::NOFOLLOW };
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(number(OFlags::NONBLOCK | OFlags::NOCTTY | link));
    options
}

/// For a file that is not there yet.
pub(super) fn fresh() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

/// For a file that is locked.
pub(super) fn lockable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    // A link would make a file wherever somebody likes.
    options.custom_flags(number(OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY));
    options
}

/// Which file stands for a lock.
pub(super) fn lock_place(file: &Path) -> PathBuf {
    file.to_owned()
}

pub(super) fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems have no such thing for folders, and what may only be read lasts.
        Err(error) if is_impossible(&error) => Ok(()),
        other => other,
    }
}

/// In one step; false where there is no such step.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
pub(super) fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => Ok(false),
        other => Ok(other.map(|()| true)?),
    }
}

/// In one step; false where there is no such step.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
pub(super) fn exchange(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

fn number(flags: OFlags) -> i32 {
    i32::try_from(flags.bits()).unwrap_or_default()
}

fn is_impossible(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS | Errno::ROFS))
}
