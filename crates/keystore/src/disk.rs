//! What the store asks of a file system, and how a file takes its place.
//!
//! A trait, so that the tests can run the store on a disk that loses power between any two
//! operations, and keeps of what was not made to last whatever it likes.

mod system;

use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use system::SystemDisk;

use crate::id::Id;
use crate::{Error, Result};

/// What unfinished files are called.
pub(crate) const DRAFT: &str = ".new-";

/// Something held while it lives: a lock.
pub trait Guard: Send {}

/// A file system. Files are for their owner alone.
pub trait Disk: Send + Sync {
    /// The names in a folder, in any order: all of them.
    ///
    /// # Errors
    /// The system's, and one for more than [`crate::limits::MAX_FILES`].
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// The content of a file; `None` when there is none.
    ///
    /// # Errors
    /// The system's, and [`io::ErrorKind::FileTooLarge`] for more than `limit` bytes.
    fn read(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>>;
    /// The same, and an error where a link is in its place.
    ///
    /// # Errors
    /// As [`Disk::read`].
    fn read_itself(&self, file: &Path, limit: usize) -> io::Result<Option<Vec<u8>>> {
        self.read(file, limit)
    }
    /// Writes a file that is not there yet. It need not last.
    ///
    /// # Errors
    /// The system's.
    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()>;
    /// Makes the content of a file last.
    ///
    /// # Errors
    /// The system's.
    fn sync(&self, file: &Path) -> io::Result<()>;
    /// Gives a file another name, in one step; what had it is gone. The name need not last.
    ///
    /// # Errors
    /// The system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Takes a file away, if it is there.
    ///
    /// # Errors
    /// The system's.
    fn remove(&self, file: &Path) -> io::Result<()>;
    /// Makes the names in a folder last.
    ///
    /// # Errors
    /// The system's.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;
    /// Makes a folder and those above it, unless they are there.
    ///
    /// # Errors
    /// The system's.
    fn make_folder(&self, folder: &Path) -> io::Result<()>;
    /// Lets two folders change places, in one step where the system can.
    ///
    /// # Errors
    /// The system's.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Takes a folder and all in it away, if it is there.
    ///
    /// # Errors
    /// The system's.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;
    /// When a folder was last changed; `None` when there is none.
    ///
    /// # Errors
    /// The system's.
    fn changed(&self, folder: &Path) -> io::Result<Option<SystemTime>>;
    /// Waits until no other writer has the store, and keeps them out. `None` when it takes too
    /// long.
    ///
    /// # Errors
    /// The system's.
    fn lock(&self, file: &Path) -> io::Result<Option<Box<dyn Guard>>>;
}

/// The folder a path is in, which for a single name is the one we stand in.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        // The root of everything.
        None => path,
    }
}

/// Where a folder stands while it and another change places in more than one step.
pub(crate) fn aside(folder: &Path) -> PathBuf {
    let mut aside = folder.as_os_str().to_owned();
    aside.push(".replaced");
    aside.into()
}

/// Ends an exchange that was cut short when the place was empty.
pub(crate) fn finish_exchange(disk: &dyn Disk, folder: &Path) -> io::Result<()> {
    let aside = aside(folder);
    if disk.changed(folder)?.is_none() && disk.changed(&aside)?.is_some() {
        disk.rename(&aside, folder)?;
        disk.sync_folder(parent(folder))?;
    }
    Ok(())
}

/// Makes a folder and those above it, to last.
pub(crate) fn folder(disk: &dyn Disk, folder: &Path) -> Result<()> {
    let mut missing = Vec::new();
    for above in folder.ancestors().filter(|above| !above.as_os_str().is_empty()) {
        if disk.changed(above).map_err(Error::io(above))?.is_some() {
            break;
        }
        missing.push(above);
    }
    for folder in missing.into_iter().rev() {
        disk.make_folder(folder).map_err(Error::io(folder))?;
        // Each name is in the folder above, and is lost unless that is told.
        match disk.sync_folder(parent(folder)) {
            // A folder that one may write to and not read.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            other => other.map_err(Error::io(parent(folder)))?,
        }
    }
    Ok(())
}

/// Writes a file: whatever happens, there is the old one or the new one, whole.
pub(crate) fn place(disk: &dyn Disk, folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let draft = folder.join(format!("{DRAFT}{}", Id::<8>::fresh()?));
    let target = folder.join(name);
    let placed = disk
        .write(&draft, bytes)
        .and_then(|()| disk.sync(&draft))
        .and_then(|()| disk.rename(&draft, &target));
    if let Err(error) = placed {
        // What is left of it is told by its name, and taken away by the next writer.
        let _ = disk.remove(&draft);
        return Err(Error::io(target)(error));
    }
    disk.sync_folder(folder).map_err(Error::io(folder))
}
