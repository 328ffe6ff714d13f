//! The file system there is. What differs between systems stands in a file for each.

#[cfg_attr(unix, path = "system/unix.rs")]
#[cfg_attr(windows, path = "system/windows.rs")]
mod own;

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use keyfob_sys::file_identity::FileIdentity;
use keyfob_sys::private_folder;

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
        read(file, limit, true)
    }

    fn read_itself(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
        read(file, limit, false)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        own::fresh().open(file)?.write_all(bytes)
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        own::sync(file)
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
        own::sync_folder(folder)
    }

    fn make_folder(&self, folder: &Path) -> io::Result<()> {
        private_folder::make_all(folder)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        if own::exchange(one, other)? {
            return Ok(());
        }
        // In three steps: cut short in between, `finish_exchange` takes the last one.
        let aside = aside(other);
        std::fs::rename(one, &aside)?;
        if let Err(error) = std::fs::rename(other, one) {
            // Somebody has a file in it open, which is in the way on Windows.
            let _ = std::fs::rename(&aside, one);
            return Err(error);
        }
        std::fs::rename(&aside, other)
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
        let (options, file) = (own::lockable(), own::lock_place(file));
        loop {
            let opened = options.open(&file)?;
            match opened.try_lock() {
                // The store may have been replaced as a whole while we waited: then this is the
                // lock of one that is gone.
                Ok(()) if is_still(&opened, &file) => {
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

fn read(file: &Path, limit: usize, follows: bool) -> io::Result<Option<Vec<u8>>> {
    let opened = own::reading(follows).open(file);
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

fn is_still(opened: &File, path: &Path) -> bool {
    match (FileIdentity::of(opened), FileIdentity::at(path)) {
        (Ok(opened), Ok(there)) => opened == there,
        _ => false,
    }
}

/// Nothing is there, nor could be.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
