//! Proves a book: every line, from the oldest to the last, against the keys of its runs.

use std::io::{self, BufRead as _, BufReader, Read as _};

use subtle::ConstantTimeEq as _;

use crate::book::Book;
use crate::chain::RunKey;
use crate::damage::{Damage, Kind};
use crate::head::{self, Head};
use crate::journal::Position;
use crate::key_file::KeyFile;
use crate::limits::{MAX_ADVANCE, MAX_LINE};
use crate::line::Line;

/// The number of the first line of a book.
const FIRST: u64 = 1;

/// What was found.
#[derive(Debug)]
pub struct Report {
    /// Lines that were looked at.
    pub lines: u64,
    /// Files they are in.
    pub files: usize,
    /// The runs they belong to, in order.
    pub runs: Vec<Run>,
    /// The last line, when nothing is wrong.
    pub last: Option<Position>,
    /// Something behind the last whole line: an agent was killed while it wrote, or writes now.
    pub unfinished: bool,
    /// The last line is the one an agent ends with.
    pub has_end: bool,
    /// The lines agents began with behind one that did not end in order: lines may be missing before
    /// each, by who killed it and cut them off.
    pub unended: Vec<u64>,
    /// An agent writes into it.
    pub is_written: bool,
    /// The first thing that is wrong.
    pub damage: Option<Damage>,
}

/// Lines of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The number of its first line.
    pub first: u64,
    /// Lines of it that are there.
    pub lines: u64,
    /// How far its lines are proved.
    pub proof: Proof,
}

/// How far lines are proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Against who cannot open the key store.
    Sealed,
    /// Against accidents: the key lies beside the log.
    Plain,
    /// Not at all: nobody opened the key.
    None,
}

/// Proves a book. `derive` makes sealed keys again; where it makes none, lines are only counted. Files that
/// are rotated away meanwhile make it begin again.
///
/// # Errors
/// The system's. Damage is no error.
pub fn verify(book: &Book, derive: &mut dyn FnMut(&str) -> Option<RunKey>) -> io::Result<Report> {
    verify_against(book, None, derive)
}

/// The same, against the last line its agent says it has written: that one must be there as it was
/// written, unless it was rotated away since.
///
/// # Errors
/// The system's. Damage is no error.
pub fn verify_against(
    book: &Book,
    told: Option<Position>,
    derive: &mut dyn FnMut(&str) -> Option<RunKey>,
) -> io::Result<Report> {
    const ATTEMPTS: usize = 3;
    for _ in 1..ATTEMPTS {
        match Prover::new(book, told, derive).prove() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
    }
    Prover::new(book, told, derive).prove()
}

struct Prover<'a> {
    book: &'a Book,
    derive: &'a mut dyn FnMut(&str) -> Option<RunKey>,
    report: Report,
    /// The key of the next line; none where nobody opened it.
    key: Option<RunKey>,
    last: Option<Position>,
    oldest: u64,
    /// What its agent says of its end.
    told: Option<Position>,
    /// Where the next line would stand.
    place: (u64, u64),
}

impl<'a> Prover<'a> {
    fn new(
        book: &'a Book,
        told: Option<Position>,
        derive: &'a mut dyn FnMut(&str) -> Option<RunKey>,
    ) -> Self {
        let report = Report {
            lines: 0,
            files: 0,
            runs: Vec::new(),
            last: None,
            unfinished: false,
            has_end: false,
            unended: Vec::new(),
            is_written: false,
            damage: None,
        };
        Self { book, derive, report, key: None, last: None, oldest: 0, told, place: (0, 0) }
    }

    fn prove(mut self) -> io::Result<Report> {
        self.report.is_written = self.book.is_written();
        let files = self.book.files()?;
        for first in &files {
            self.report.damage = self.file(*first)?;
            if self.report.damage.is_some() {
                return Ok(self.report);
            }
            self.report.files += 1;
        }
        // An agent that begins has its first file before its first line, which tells the oldest.
        let begins = || files == [FIRST] && self.last.is_none() && self.book.is_written();
        if let Some(first) = files.first().filter(|first| **first > self.oldest && !begins()) {
            let kind = Kind::FilesMissing(self.oldest);
            self.report.damage = Some(Damage { file: self.book.file(*first), line: 0, kind });
        }
        self.report.damage = self.report.damage.take().or_else(|| self.cut_off());
        self.report.last = self.last;
        Ok(self.report)
    }

    /// What is missing of what its agent has written.
    fn cut_off(&self) -> Option<Damage> {
        let (last, told) = (self.last.map_or(0, |last| last.seq), self.told?.seq);
        let (first, line) = self.place;
        let file = match line {
            0 => self.book.folder().to_owned(),
            _ => self.book.file(first),
        };
        let kind = Kind::EndCutOff(last + 1, told);
        (last < told).then_some(Damage { file, line, kind })
    }

    fn file(&mut self, first: u64) -> io::Result<Option<Damage>> {
        let mut reader = BufReader::new(self.book.open(first)?);
        let mut bytes = Vec::new();
        self.report.unfinished = false;
        for number in 1.. {
            bytes.clear();
            self.place = (first, number);
            reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut bytes)?;
            let Some(line) = bytes.strip_suffix(b"\n") else {
                self.report.unfinished = !bytes.is_empty();
                let damage = |kind| Damage { file: self.book.file(first), line: number, kind };
                // An agent writes the first line of a file before anything else.
                let is_foreign = bytes.len() >= MAX_LINE;
                return Ok(is_foreign.then(|| damage(Kind::Foreign)));
            };
            let is_first = (number == 1).then_some(first);
            if let Err(kind) = self.line(line, is_first, &mut reader)? {
                return Ok(Some(Damage { file: self.book.file(first), line: number, kind }));
            }
        }
        Ok(None)
    }

    /// One line; `is_first` is the number it must have as the first of its file.
    fn line(
        &mut self,
        bytes: &[u8],
        is_first: Option<u64>,
        rest: &mut impl io::BufRead,
    ) -> io::Result<Result<(), Kind>> {
        let Some(line) = Line::parse(bytes) else { return Ok(Err(Kind::Foreign)) };
        let head = Head::parse(line.body);
        let expected = match (self.last, is_first) {
            (Some(last), _) => last.seq + 1,
            (None, Some(first)) => first,
            (None, None) => line.seq,
        };
        if line.seq != expected {
            return Ok(Err(misplaced(&line, expected, head.as_ref(), rest)?));
        }
        if is_first.is_some_and(|first| first != line.seq || head.is_none()) {
            return Ok(Err(Kind::Changed));
        }
        if let Some(head) = &head
            && let Err(kind) = self.begin(&line, head)?
        {
            return Ok(Err(kind));
        }
        let before = head.map(|head| head.before).or(self.last.map(|last| last.mac));
        let Some(before) = before else { return Ok(Err(Kind::Changed)) };
        if let Some(key) = &mut self.key {
            if !bool::from(key.mac(&before, line.body).ct_eq(&line.mac)) {
                return Ok(Err(Kind::Changed));
            }
            key.advance();
        }
        if self.last.is_some_and(|last| last.mac != before) {
            return Ok(Err(Kind::OtherBefore));
        }
        if self.told.is_some_and(|told| told.seq == line.seq && told.mac != line.mac) {
            return Ok(Err(Kind::Changed));
        }
        self.oldest = head.map_or(self.oldest, |head| head.oldest);
        self.last = Some(Position { seq: line.seq, mac: line.mac });
        self.report.has_end = head::is_end(line.body);
        self.report.lines += 1;
        if let Some(run) = self.report.runs.last_mut() {
            run.lines += 1;
        }
        Ok(Ok(()))
    }

    /// A run begins, or goes on in another file.
    fn begin(&mut self, line: &Line<'_>, head: &Head) -> io::Result<Result<(), Kind>> {
        if self.report.runs.last().is_some_and(|run| run.first == head.run) {
            return Ok(Ok(()));
        }
        // Only the oldest file may begin in the middle of a run.
        let is_new = head.run == line.seq;
        let advance = line.seq.checked_sub(head.run).filter(|by| *by <= MAX_ADVANCE);
        let Some(advance) = advance.filter(|_| is_new || self.last.is_none()) else {
            return Ok(Err(Kind::Changed));
        };
        let (key, proof) = match self.book.key(head.run)? {
            Some(KeyFile::Plain(key)) => (Some(key), Proof::Plain),
            Some(KeyFile::Sealed(sealed)) => match sealed.open(self.derive) {
                Some(key) => (Some(key), Proof::Sealed),
                None => (None, Proof::None),
            },
            None => return Ok(Err(Kind::KeyMissing)),
        };
        // An agent begins under a plain key, and only then: one that goes on under a sealed one has
        // not ended. What was before the oldest file nobody knows.
        if proof == Proof::Plain && self.last.is_some() && !self.report.has_end {
            self.report.unended.push(line.seq);
        }
        self.key = key;
        if let Some(key) = &mut self.key {
            (0..advance).for_each(|_| key.advance());
        }
        self.report.runs.push(Run { first: head.run, lines: 0, proof });
        Ok(Ok(()))
    }
}

/// Why a line has another number than the one that belongs there.
fn misplaced(
    line: &Line<'_>,
    expected: u64,
    head: Option<&Head>,
    rest: &mut impl io::BufRead,
) -> io::Result<Kind> {
    let behind = numbers(rest)?;
    if behind.first() == Some(&Some(expected + 1)) {
        return Ok(Kind::Changed);
    }
    if line.seq < expected || behind.contains(&Some(expected)) {
        return Ok(Kind::OutOfOrder);
    }
    Ok(match head {
        Some(head) if head.run == line.seq => Kind::CutOff(expected, line.seq - 1),
        _ => Kind::Removed(expected, line.seq - 1),
    })
}

/// The numbers of the lines that follow, as many as an honest file has.
fn numbers(rest: &mut impl io::BufRead) -> io::Result<Vec<Option<u64>>> {
    const LINES: usize = 1 << 20;
    let (mut numbers, mut bytes) = (Vec::new(), Vec::new());
    while numbers.len() < LINES {
        bytes.clear();
        rest.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut bytes)?;
        let Some(line) = bytes.strip_suffix(b"\n") else { break };
        numbers.push(Line::parse(line).map(|line| line.seq));
    }
    Ok(numbers)
}
