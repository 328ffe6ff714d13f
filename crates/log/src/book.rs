//! A folder of one agent's lines: which files are in it, and whose it is.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keyfob_sys::file_identity::FileIdentity;

use crate::disk;
use crate::key_file::KeyFile;
use crate::limits::{MAX_BOOKS, MAX_FILES, MAX_KEY_FILE, MAX_SEQ};

const LINES: &str = "jsonl";
const KEY: &str = "key";

/// A book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    number: u32,
    folder: PathBuf,
}

/// The lock of a book and the right to write into it, until it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) book: Book,
    pub(crate) handle: File,
}

impl Held {
    /// Holds it still, or again: its folder may have been removed, or another put in its place.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::ResourceBusy`] when another agent holds what is there.
    pub(crate) fn again(&mut self) -> io::Result<()> {
        let handle = disk::folder(&self.book.folder)?;
        if FileIdentity::of(&handle)? != FileIdentity::of(&self.handle)? {
            if !lock(&handle)? {
                let words = "another agent writes where the log was";
                return Err(io::Error::new(io::ErrorKind::ResourceBusy, words));
            }
            self.handle = handle;
        }
        Ok(())
    }
}

/// The books below the folder of the log, in their order; none where there is no such folder.
///
/// # Errors
/// The system's.
pub fn books(root: &Path) -> io::Result<Vec<Book>> {
    let mut numbers: Vec<u32> = names(root)?.iter().filter_map(|name| name.parse().ok()).collect();
    numbers.retain(|number| (1..=MAX_BOOKS).contains(number));
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers.into_iter().map(|number| Book::numbered(root, number)).collect())
}

impl Book {
    /// The one with this number. It need not be there.
    pub fn numbered(root: &Path, number: u32) -> Self {
        Self { number, folder: root.join(number.to_string()) }
    }

    /// Its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The first that no other agent writes into, made where it is missing.
    pub(crate) fn hold(root: &Path) -> io::Result<Held> {
        disk::folder(root)?;
        for number in 1..=MAX_BOOKS {
            let book = Self::numbered(root, number);
            let handle = disk::folder(&book.folder)?;
            if lock(&handle)? {
                return Ok(Held { book, handle });
            }
        }
        Err(io::Error::new(io::ErrorKind::ResourceBusy, "too many agents write logs"))
    }

    /// Whether an agent writes into it now.
    pub fn is_written(&self) -> bool {
        let handle = disk::lock_of(&self.folder);
        handle.is_ok_and(|handle| {
            matches!(handle.try_lock_shared(), Err(fs::TryLockError::WouldBlock))
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The files of lines by the numbers of their first lines, in order.
    ///
    /// # Errors
    /// The system's, or that there are too many.
    pub fn files(&self) -> io::Result<Vec<u64>> {
        self.numbers(LINES)
    }

    /// The keys by the runs they are for.
    pub(crate) fn keys(&self) -> io::Result<Vec<u64>> {
        self.numbers(KEY)
    }

    /// The file whose first line has this number.
    pub fn file(&self, first: u64) -> PathBuf {
        self.folder.join(format!("{first:012}.{LINES}"))
    }

    pub(crate) fn key_file(&self, run: u64) -> PathBuf {
        self.folder.join(format!("{run:012}.{KEY}"))
    }

    /// How the key of this run is kept; `None` when there is none, or it says nothing.
    pub(crate) fn key(&self, run: u64) -> io::Result<Option<KeyFile>> {
        match disk::read(&self.key_file(run), MAX_KEY_FILE) {
            Ok(file) => Ok(KeyFile::parse(&zeroize::Zeroizing::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens a file of lines for reading. Nothing else is opened: no link, no pipe.
    ///
    /// # Errors
    /// The system's.
    pub fn open(&self, first: u64) -> io::Result<File> {
        disk::open(&self.file(first))
    }

    fn numbers(&self, extension: &str) -> io::Result<Vec<u64>> {
        let is_ours = |name: &String| {
            let (number, end) = name.split_once('.')?;
            let number: u64 = number.parse().ok().filter(|number| *number <= MAX_SEQ)?;
            (end == extension && *name == format!("{number:012}.{extension}")).then_some(number)
        };
        let mut numbers: Vec<u64> = names(&self.folder)?.iter().filter_map(is_ours).collect();
        numbers.sort_unstable();
        if numbers.len() > MAX_FILES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "too many files"));
        }
        Ok(numbers)
    }
}

/// Whether it is ours now. Who only looks has it for a moment.
fn lock(handle: &File) -> io::Result<bool> {
    const ATTEMPTS: u32 = 5;
    for attempt in 1..=ATTEMPTS {
        match handle.try_lock() {
            Ok(()) => return Ok(true),
            Err(fs::TryLockError::WouldBlock) if attempt < ATTEMPTS => {
                std::thread::sleep(Duration::from_millis(2));
            }
            Err(fs::TryLockError::WouldBlock) => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

/// What is in a folder, as far as it is text; nothing where it is missing.
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
    names.filter_map(io::Result::transpose).collect()
}
