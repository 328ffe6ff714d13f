//! Reads the lines of all books in the order of their times, and waits for more.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use keyfob_log::limits::MAX_LINE;
use keyfob_log::{Book, books};

use super::line::LogLine;

/// How far it was read.
pub(super) struct Reading {
    root: PathBuf,
    /// Bytes that were read of each file.
    read: BTreeMap<PathBuf, u64>,
}

impl Reading {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, read: BTreeMap::new() }
    }

    /// Whether there is no file at all.
    pub(super) fn is_empty(&self) -> bool {
        self.read.is_empty()
    }

    /// Hands on what was not read yet. Returns how many lines were none.
    pub(super) fn lines(&mut self, take: &mut dyn FnMut(LogLine)) -> io::Result<usize> {
        let mut unread = 0;
        let books = books(&self.root)?;
        // One agent, the usual case: nothing has to be put in order.
        if let [book] = books.as_slice() {
            self.book(book, &mut unread, take)?;
            return Ok(unread);
        }
        let mut lines = Vec::new();
        for book in &books {
            self.book(book, &mut unread, &mut |line| lines.push(line))?;
        }
        lines.sort_by_key(|line| line.time);
        lines.into_iter().for_each(take);
        Ok(unread)
    }

    fn book(
        &mut self,
        book: &Book,
        unread: &mut usize,
        take: &mut dyn FnMut(LogLine),
    ) -> io::Result<()> {
        for first in book.files()? {
            let file = match book.open(first) {
                Ok(file) => file,
                // Rotated away meanwhile.
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let begun = self.read.entry(book.file(first)).or_default();
            let mut reader = BufReader::new(file);
            reader.seek(SeekFrom::Start(*begun))?;
            let mut bytes = Vec::new();
            loop {
                bytes.clear();
                reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut bytes)?;
                let line = match bytes.strip_suffix(b"\n") {
                    Some(line) => line,
                    // Longer than any line: not ours.
                    None if bytes.len() >= MAX_LINE => &bytes,
                    // It is being written.
                    None => break,
                };
                *begun += bytes.len() as u64;
                match LogLine::parse(line) {
                    Some(line) => take(line),
                    None => *unread += 1,
                }
            }
        }
        Ok(())
    }
}

/// Tells when something below the log's folder has changed.
pub(super) struct Watch {
    root: PathBuf,
    #[cfg(target_os = "linux")]
    events: std::os::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Watch {
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        use rustix::fs::inotify;
        let events = inotify::init(inotify::CreateFlags::CLOEXEC)?;
        let watch = Self { root: root.to_owned(), events };
        watch.look_everywhere()?;
        Ok(watch)
    }

    /// Waits. There may be nothing new all the same.
    pub(super) fn wait(&mut self) -> io::Result<()> {
        let mut buffer = [std::mem::MaybeUninit::uninit(); 4096];
        let mut events = rustix::fs::inotify::Reader::new(&self.events, &mut buffer);
        loop {
            match events.next() {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
            if events.is_buffer_empty() {
                break;
            }
        }
        self.look_everywhere()
    }

    /// Folders come and go: all that are there, or the nearest above that is. What is in a folder is
    /// listed when it is watched already: of what is made in between nobody would tell.
    fn look_everywhere(&self) -> io::Result<()> {
        let mut watched = None;
        // Another one is nearer only where it was made, or removed, meanwhile.
        for _ in self.root.ancestors() {
            let nearest = self.root.ancestors().find(|folder| folder.is_dir());
            if nearest == watched {
                break;
            }
            nearest.map_or(Ok(()), |folder| self.look(folder))?;
            watched = nearest;
        }
        books(&self.root)?.iter().map(Book::folder).try_for_each(|folder| self.look(folder))
    }

    fn look(&self, folder: &Path) -> io::Result<()> {
        use rustix::fs::inotify::{self, WatchFlags};
        let flags =
            WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO | WatchFlags::ONLYDIR;
        match inotify::add_watch(&self.events, folder, flags) {
            Ok(_) | Err(rustix::io::Errno::NOENT) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where the kernel does not tell.
#[cfg(not(target_os = "linux"))]
impl Watch {
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.to_owned() })
    }

    pub(super) fn wait(&mut self) -> io::Result<()> {
        let _ = &self.root;
        std::thread::sleep(std::time::Duration::from_secs(1));
        Ok(())
    }
}
