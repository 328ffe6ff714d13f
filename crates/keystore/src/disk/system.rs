//! The file system there is.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::{Disk, Guard, aside};
use crate::limits::{LOCK_PATIENCE, MAX_FILES};

/// How often a lock that somebody has is tried.
const TRY_AGAIN: Duration = Duration::from_millis(10);

/// The disk of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

/// A lock on a file; the system takes it back when the file is closed, whatever ends the process.
struct Locked {
    _file: File,
}

impl Guard for Locked {}

impl Disk for SystemDisk {
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = std::fs::read_dir(folder)?.take(MAX_FILES + 1);
        // What is no text is none of ours.
        let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
        let names: Vec<String> =
            names.filter_map(io::Result::transpose).collect::<Result<_, _>>()?;
        // A part of them would be items that are missing, and names that seem free.
        if names.len() > MAX_FILES {
            return Err(io::Error::new(ErrorKind::InvalidData, "too many files"));
        }
        Ok(names)
    }

    fn read(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
        read(file, limit, OFlags::empty())
    }

    fn read_itself(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
        read(file, limit, OFlags::NOFOLLOW)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?.write_all(bytes)
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        File::open(file)?.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        match File::open(folder)?.sync_all() {
            // Some file systems have no such thing for folders, and what may only be read lasts.
            Err(error) if is_impossible(&error) => Ok(()),
            other => other,
        }
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        match exchange(one, other) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
                // In three steps: cut short in between, `finish_exchange` takes the last one.
                let aside = aside(other);
                std::fs::rename(one, &aside)?;
                std::fs::rename(other, one)?;
                std::fs::rename(&aside, other)
            }
            other => Ok(other?),
        }
    }

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn changed(&self, folder: &Path) -> io::Result<Option<SystemTime>> {
        match std::fs::metadata(folder) {
            Ok(facts) => facts.modified().map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn lock(&self, file: &Path) -> io::Result<Option<Box<dyn Guard>>> {
        let deadline = Instant::now() + LOCK_PATIENCE;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        // A link would make a file wherever somebody likes.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
        loop {
            let opened = options.open(file)?;
            match opened.try_lock() {
                // The store may have been replaced as a whole while we waited: then this is the
                // lock of one that is gone.
                Ok(()) if is_still(&opened, file) => {
                    return Ok(Some(Box::new(Locked { _file: opened })));
                }
                Ok(()) | Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            std::thread::sleep(TRY_AGAIN);
        }
    }
}

fn read(file: &Path, limit: usize, more: OFlags) -> io::Result<Option<Vec<u8>>> {
    // Not waiting for a writer: somebody may have put a FIFO there.
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY | more;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(file);
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) if is_absent(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let facts = opened.metadata()?;
    if !facts.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a file"));
    }
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if facts.len() > limit {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(facts.len()).unwrap_or_default());
    opened.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(one: &Path, other: &Path) -> rustix::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_one: &Path, _other: &Path) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

fn is_still(opened: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |facts: std::fs::Metadata| (facts.dev(), facts.ino());
    match (opened.metadata(), std::fs::metadata(path)) {
        (Ok(opened), Ok(there)) => place(opened) == place(there),
        _ => false,
    }
}

/// Nothing is there, nor could be.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn is_impossible(error: &io::Error) -> bool {
    let errno = Errno::from_io_error(error);
    matches!(errno, Some(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS | Errno::ROFS))
}
