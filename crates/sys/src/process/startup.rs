//! A parent that waits until its child is ready, or learns why it will not be.
//!
//! One pipe, one report: `+` and what the parent should know (a socket path), or `-` and what
//! went wrong. A child that dies without a report closes the pipe, which is an answer too.

use super::{Fork, fork};
use crate::Error;
use std::io::{self, PipeReader, PipeWriter, Read, Write};

/// Longest report: paths and error texts are far shorter.
const MAX_REPORT: u64 = 64 * 1024;

/// The parent's end.
#[derive(Debug)]
pub struct Startup {
    child: u32,
    pipe: PipeReader,
}

/// The child's end. Dropping it without a report tells the parent that the start failed.
#[derive(Debug)]
pub struct Readiness {
    pipe: PipeWriter,
}

/// The two ends, each in its own process.
#[derive(Debug)]
pub enum Forked {
    /// In the process that called.
    Parent(Startup),
    /// In the new process.
    Child(Readiness),
}

/// [`fork`] with a way to report back.
///
/// # Errors
/// As [`fork`].
pub fn fork_with_report() -> Result<Forked, Error> {
    let (read, write) = io::pipe().map_err(|error| Error::Fork(error.into()))?;
    Ok(match fork()? {
        Fork::Parent(child) => Forked::Parent(Startup { child, pipe: read }),
        Fork::Child => Forked::Child(Readiness { pipe: write }),
    })
}

impl Startup {
    /// The child's process number.
    pub fn child(&self) -> u32 {
        self.child
    }

    /// Waits for the report and returns what the child sent with it.
    ///
    /// # Errors
    /// [`Error::Start`] with the child's own words, or that it ended without any.
    pub fn wait(self) -> Result<Vec<u8>, Error> {
        let mut report = Vec::new();
        let read = self.pipe.take(MAX_REPORT).read_to_end(&mut report);
        read.map_err(|error| Error::Start(error.to_string()))?;
        match report.split_first() {
            Some((b'+', rest)) => Ok(rest.to_vec()),
            Some((_, rest)) => Err(Error::Start(String::from_utf8_lossy(rest).into_owned())),
            None => Err(Error::Start("it ended before it was ready".into())),
        }
    }
}

impl Readiness {
    /// Everything is in place; `what` goes to the parent.
    ///
    /// # Errors
    /// When the parent is gone, which is no reason for the child to stop.
    pub fn ready(self, what: &[u8]) -> io::Result<()> {
        self.report(b'+', what)
    }

    /// It will not come to be; `why` goes to the parent, who still has a terminal.
    ///
    /// # Errors
    /// When the parent is gone.
    pub fn failed(self, why: &str) -> io::Result<()> {
        self.report(b'-', why.as_bytes())
    }

    fn report(mut self, kind: u8, text: &[u8]) -> io::Result<()> {
        let mut report = Vec::with_capacity(text.len() + 1);
        report.push(kind);
        report.extend_from_slice(text);
        self.pipe.write_all(&report)
    }
}
