//! Adds lines to a book, begins runs and files, and takes the oldest files away.
//!
//! A line counts when it is in its file as a whole; what was begun and failed is taken back, so that
//! the next attempt has the same number and the same key. Does not wait for the disk: a line that
//! the system has taken survives the agent, and a power failure takes the last ones with it.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use keyfob_sys::file_identity::FileIdentity;
use keyfob_sys::file_size::Ignored;
use zeroize::Zeroizing;

use crate::book::{Book, Held};
use crate::chain::{Mac, NO_MAC, RunKey};
use crate::disk;
use crate::entry::Entry;
use crate::head::Head;
use crate::key_file::Begin;
use crate::limits::{MAX_FILES, MAX_LINE, MAX_PIECE};
use crate::line::Line;

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a file; a line that would be beyond begins another one.
    pub size: u64,
    /// Files; the oldest one goes when there would be more.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { size: 1 << 20, files: 10 }
    }
}

/// A line by what follows from it: nobody can make another one with this hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub mac: Mac,
}

/// Bytes of a head before its hash: three numbers and a hash, at their longest.
const MAX_HEAD: usize = 256;

/// A book that is written.
pub struct Journal {
    held: Held,
    limits: Limits,
    /// The last line.
    last: Position,
    run: Run,
    key: RunKey,
    file: Option<Growing>,
    /// The files that are kept by their first lines, in order: those that should be there.
    files: Vec<u64>,
}

/// What is written under one key.
#[derive(Default)]
struct Run {
    first: u64,
    /// The file of its first key, to be put there again should somebody remove it.
    kept: Zeroizing<Vec<u8>>,
}

/// The file that lines are added to.
struct Growing {
    file: File,
    which: FileIdentity,
    first: u64,
    /// Bytes of whole lines.
    length: u64,
}

impl Journal {
    /// Holds the first free book below this folder and begins a run. `millis` since 1970.
    ///
    /// # Errors
    /// The system's: then nothing is held.
    pub fn open(root: &Path, limits: Limits, millis: u64, begin: &Begin) -> io::Result<Self> {
        let _limit_is_an_error = Ignored::new()?;
        let held = Book::hold(root)?;
        let (last, file) = resume(&held.book, limits)?;
        let files = expected(&held.book)?;
        let run = Run::default();
        let mut journal = Self { held, limits, last, run, key: begin.key(), file, files };
        journal.begin_run(millis, begin)?;
        Ok(journal)
    }

    /// Goes on under a fresh key: who knew the old one cannot write what follows.
    ///
    /// # Errors
    /// The system's: then the old run goes on.
    pub fn begin_run(&mut self, millis: u64, begin: &Begin) -> io::Result<()> {
        let _limit_is_an_error = Ignored::new()?;
        self.ensure_in_place()?;
        let run = Run { first: self.last.seq + 1, kept: begin.file().encode() };
        self.place_key(&run)?;
        let run = std::mem::replace(&mut self.run, run);
        let key = std::mem::replace(&mut self.key, begin.key());
        let begun = match self.is_full(MAX_HEAD) {
            false => self.head(millis, self.oldest()),
            true => self.begin_file(millis),
        };
        if begun.is_err() {
            (self.run, self.key) = (run, key);
        }
        begun
    }

    /// Goes on after somebody has removed its files, or put others in their place: with the number
    /// and the key that are due, so that what is missing is missed.
    ///
    /// # Errors
    /// The system's; [`io::ErrorKind::ResourceBusy`] when another agent writes there now.
    pub fn go_on(&mut self, millis: u64) -> io::Result<()> {
        let _limit_is_an_error = Ignored::new()?;
        self.held.again()?;
        self.place_key(&self.run)?;
        self.begin_file(millis)
    }

    fn place_key(&self, run: &Run) -> io::Result<()> {
        disk::place(&self.held.handle, &self.held.book.key_file(run.first), &run.kept)
    }

    /// Adds a line.
    ///
    /// # Errors
    /// The system's: then the line is not there, and the next takes its number.
    pub fn append(&mut self, entry: &Entry, millis: u64) -> io::Result<Position> {
        let _limit_is_an_error = Ignored::new()?;
        self.ensure_in_place()?;
        let mut body = entry.body(self.last.seq + 1, millis);
        if self.is_full(body.len()) {
            self.begin_file(millis)?;
            // Which begins with a line of its own.
            body = entry.body(self.last.seq + 1, millis);
        }
        self.write(&[body])?;
        Ok(self.last)
    }

    /// Adds as many of these as fit into the file, in one piece. Returns how many that were; where
    /// something is in the way it is none, and [`append`](Self::append) of the first says what.
    pub fn append_together<'a>(
        &mut self,
        entries: impl IntoIterator<Item = (&'a Entry, u64)>,
    ) -> usize {
        let Ok(_limit_is_an_error) = Ignored::new() else { return 0 };
        if self.ensure_in_place().is_err() {
            return 0;
        }
        let before = self.last.seq;
        let (mut bodies, mut bytes) = (Vec::new(), 0);
        for ((entry, millis), seq) in entries.into_iter().zip(before + 1..) {
            let body = entry.body(seq, millis);
            if bytes >= MAX_PIECE || self.is_full(bytes + body.len()) {
                break;
            }
            bytes += body.len() + Line::REST;
            bodies.push(body);
        }
        let _ = self.write(&bodies);
        usize::try_from(self.last.seq - before).unwrap_or(usize::MAX)
    }

    /// Keeps more or less from now on.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The book.
    pub fn book(&self) -> &Book {
        &self.held.book
    }

    /// The last line.
    pub fn last(&self) -> Position {
        self.last
    }

    /// Whether a line with so many bytes before its hash begins another file.
    fn is_full(&self, bytes: usize) -> bool {
        self.file.as_ref().is_none_or(|growing| {
            let length = growing.length + (bytes + Line::REST) as u64;
            length > self.limits.size && growing.first <= self.last.seq
        })
    }

    /// Whether the file is still the one at its path. Somebody may have removed the log: what is
    /// written into a removed file is nowhere.
    fn ensure_in_place(&self) -> io::Result<()> {
        let Some(growing) = &self.file else { return Ok(()) };
        if FileIdentity::at(&self.held.book.file(growing.first))? == growing.which {
            return Ok(());
        }
        Err(io::Error::new(io::ErrorKind::NotFound, "the file of the log was replaced"))
    }

    /// The next file, and away with the oldest.
    fn begin_file(&mut self, millis: u64) -> io::Result<()> {
        let first = self.last.seq + 1;
        let file = disk::lines(&self.held.book.file(first))?;
        // An attempt that failed may have left it, with nothing in it that counts.
        file.set_len(0)?;
        let before = self.file.replace(Growing::new(file, first, 0)?);
        let mut files: Vec<_> = self.files.iter().copied().filter(|file| *file < first).collect();
        files.push(first);
        let surplus = files.len().saturating_sub(self.limits.files.clamp(1, MAX_FILES - 1));
        let kept = files.split_off(surplus);
        let oldest = kept.first().copied().unwrap_or(first);
        if let Err(error) = self.head(millis, oldest) {
            self.file = before;
            let _ = fs::remove_file(self.held.book.file(first));
            return Err(error);
        }
        self.files = kept;
        self.take_away(oldest);
        Ok(())
    }

    /// What stays is only in the way: the next file tries again.
    fn take_away(&self, oldest: u64) {
        let book = &self.held.book;
        let files = book.files().unwrap_or_default();
        for file in files.into_iter().filter(|file| *file < oldest) {
            let _ = fs::remove_file(book.file(file));
        }
        // The oldest file that is left says whose run it goes on with.
        let Some(run) = first_line(book, oldest).and_then(|line| Some(Head::parse(&line)?.run))
        else {
            return;
        };
        for key in book.keys().unwrap_or_default().into_iter().filter(|key| *key < run) {
            let _ = fs::remove_file(book.key_file(key));
        }
    }

    fn oldest(&self) -> u64 {
        self.files.first().copied().unwrap_or(self.last.seq + 1)
    }

    fn head(&mut self, millis: u64, oldest: u64) -> io::Result<()> {
        let head = Head { run: self.run.first, oldest, before: self.last.mac };
        self.write(&[head.body(self.last.seq + 1, millis)])
    }

    /// Adds these lines, or none of them; or some, where the system keeps what it has taken.
    fn write(&mut self, bodies: &[Vec<u8>]) -> io::Result<()> {
        let Some(growing) = &mut self.file else { return Err(io::ErrorKind::NotFound.into()) };
        let (macs, next) = self.key.chain(&self.last.mac, bodies);
        let length = bodies.iter().map(|body| body.len() + Line::REST).sum();
        let mut text = Vec::with_capacity(length);
        bodies.iter().zip(&macs).for_each(|(body, mac)| Line::write(&mut text, body, mac));
        if let Err((taken, error)) = put(&mut growing.file, &text) {
            // A full disk may have taken a part of it.
            if growing.file.set_len(growing.length).is_err() {
                self.file = None;
                // Written again elsewhere, these would be there twice.
                let whole = text[..taken].iter().filter(|byte| **byte == b'\n').count();
                let (_, next) = self.key.chain(&self.last.mac, &bodies[..whole]);
                self.go_behind(&macs[..whole], next);
            }
            return Err(error);
        }
        growing.length += text.len() as u64;
        self.go_behind(&macs, next);
        Ok(())
    }

    /// So many lines more are written.
    fn go_behind(&mut self, macs: &[Mac], next: RunKey) {
        let Some(mac) = macs.last().copied() else { return };
        self.last = Position { seq: self.last.seq + macs.len() as u64, mac };
        self.key = next;
    }
}

impl Growing {
    fn new(file: File, first: u64, length: u64) -> io::Result<Self> {
        Ok(Self { which: FileIdentity::of(&file)?, file, first, length })
    }
}

/// Writes all of it, or says how much the system has taken.
fn put(file: &mut File, text: &[u8]) -> Result<(), (usize, io::Error)> {
    disk::go_to_the_end(file).map_err(|error| (0, error))?;
    let mut taken = 0;
    while taken < text.len() {
        match file.write(&text[taken..]) {
            Ok(0) => return Err((taken, io::ErrorKind::WriteZero.into())),
            Ok(more) => taken += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((taken, error)),
        }
    }
    Ok(())
}

/// The last line of a book, and the file it is in if more fits in there. A file whose end is not a
/// whole line is left as it is: an agent was killed while it wrote.
fn resume(book: &Book, limits: Limits) -> io::Result<(Position, Option<Growing>)> {
    let mut at_least = 0;
    for first in book.files()?.into_iter().rev() {
        let path = book.file(first);
        let mut file = disk::lines(&path)?;
        let length = file.metadata()?.len();
        let (tail, is_whole) = tail(&mut file, length)?;
        let last = tail.rsplit(|byte| *byte == b'\n').find_map(Line::parse);
        if let Some(Line { seq, mac, .. }) = last {
            let goes_on = is_whole && length < limits.size && at_least == 0 && seq >= first;
            let last = Position { seq: seq.max(at_least), mac };
            let growing = goes_on.then(|| Growing::new(file, first, length)).transpose()?;
            return Ok((last, growing));
        }
        // Its name is taken.
        at_least = at_least.max(first);
    }
    Ok((Position { seq: at_least, mac: NO_MAC }, None))
}

/// The files that are there, and before them the oldest one the newest names: were it left out
/// because somebody removed it, nobody would miss it any more.
fn expected(book: &Book) -> io::Result<Vec<u64>> {
    let mut files = book.files()?;
    let newest = files.last().and_then(|newest| Head::parse(&first_line(book, *newest)?));
    if let (Some(head), Some(first)) = (newest, files.first().copied())
        && head.oldest < first
    {
        files.insert(0, head.oldest);
    }
    Ok(files)
}

/// The end of a file, and whether it is the end of a line.
fn tail(file: &mut File, length: u64) -> io::Result<(Vec<u8>, bool)> {
    file.seek(SeekFrom::Start(length.saturating_sub(2 * MAX_LINE as u64)))?;
    let mut tail = Vec::new();
    file.take(2 * MAX_LINE as u64).read_to_end(&mut tail)?;
    let is_whole = tail.ends_with(b"\n");
    if !is_whole {
        let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        tail.truncate(whole);
    }
    Ok((tail, is_whole))
}

/// The hashed bytes of the first line of a file.
fn first_line(book: &Book, first: u64) -> Option<Vec<u8>> {
    let mut start = Vec::new();
    book.open(first).ok()?.take(MAX_LINE as u64).read_to_end(&mut start).ok()?;
    let line = start.split(|byte| *byte == b'\n').next()?;
    Some(Line::parse(line)?.body.to_vec())
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").field("book", &self.held.book).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::Event;
    use crate::verify::verify;

    fn journal(root: &Path, limits: Limits) -> Journal {
        Journal::open(root, limits, 1, &Begin::plain().unwrap()).unwrap()
    }

    /// Lost otherwise: a disk that is full, and a file that only grows, and the lines it took are
    /// written once more with the same numbers.
    #[cfg(unix)]
    #[test]
    fn lines_that_were_taken_and_cannot_be_taken_back_count() {
        use std::os::fd::OwnedFd;
        use std::os::unix::net::UnixStream;

        let root = tempfile::tempdir().unwrap();
        let mut journal = journal(root.path(), Limits::default());
        // Takes so much until somebody reads, and cannot be made shorter.
        let (ours, mut theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        let growing = Growing::new(OwnedFd::from(ours).into(), 1, 0).unwrap();
        journal.file = Some(growing);
        let entry = Entry { reason: Some("x".repeat(500)), ..Entry::new(Event::Refused) };
        let bodies: Vec<_> = (2..2000).map(|seq| entry.body(seq, 2)).collect();
        assert!(journal.write(&bodies).is_err());
        assert!(journal.file.is_none());
        let mut taken = Vec::new();
        theirs.read_to_end(&mut taken).unwrap();
        let lines: Vec<_> = taken.split(|byte| *byte == b'\n').filter_map(Line::parse).collect();
        let last = lines.last().unwrap();
        assert!(lines.len() < bodies.len(), "all of them");
        assert_eq!((journal.last.seq, journal.last.mac), (last.seq, last.mac));
        // And the chain goes on behind them.
        let next = journal.append(&entry, 3).unwrap();
        assert_eq!(next.seq, last.seq + 2, "a new file begins with a line of its own");
    }

    #[test]
    fn lines_that_are_written_together_are_as_those_one_by_one_and_no_file_is_too_large() {
        let root = tempfile::tempdir().unwrap();
        let limits = Limits { size: 20_000, files: 100 };
        let mut journal = journal(root.path(), limits);
        let entry = Entry { reason: Some("x".repeat(500)), ..Entry::new(Event::Refused) };
        let mut left = 300;
        while left > 0 {
            match journal.append_together((0..left).map(|_| (&entry, 2))) {
                0 => {
                    journal.append(&entry, 2).unwrap();
                    left -= 1;
                }
                written => left -= written,
            }
        }
        let book = journal.book().clone();
        let report = verify(&book, &mut |_| None).unwrap();
        assert_eq!(report.damage, None);
        assert_eq!(report.lines, 300 + report.files as u64);
        for first in book.files().unwrap() {
            assert!(fs::metadata(book.file(first)).unwrap().len() <= limits.size);
        }
    }

    #[test]
    fn nothing_is_written_together_into_a_file_that_was_replaced() {
        let root = tempfile::tempdir().unwrap();
        let mut journal = journal(root.path(), Limits::default());
        fs::rename(journal.book().file(1), root.path().join("taken away")).unwrap();
        fs::write(journal.book().file(1), "").unwrap();
        let entry = Entry::new(Event::Locked);
        assert_eq!(journal.append_together([(&entry, 2), (&entry, 2)]), 0);
        assert_eq!(journal.last.seq, 1);
        assert_eq!(fs::read(journal.book().file(1)).unwrap(), b"");
    }
}
