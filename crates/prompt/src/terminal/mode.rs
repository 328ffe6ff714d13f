//! A terminal without echo, for as long as a value lives.

use rustix::io::Errno;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::fs::File;
use std::io;

/// Echo is off until this is dropped.
pub(super) struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    /// Turns echo off and throws away what was typed before the question was there to be read.
    pub(super) fn new(terminal: &'a File) -> io::Result<Self> {
        Self::with(terminal, |mode| {
            mode.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        })
    }

    /// The same with a change of the caller's, which turns echo off as well.
    pub(super) fn with(terminal: &'a File, change: impl FnOnce(&mut Termios)) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut changed = before.clone();
        change(&mut changed);
        set(terminal, &changed)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // The Enter of the answer was not shown, so the cursor still stands behind the question.
        if self.before.local_modes.contains(LocalModes::ECHO) {
            let _ = super::write_all(self.terminal, b"\n");
        }
        // A terminal that is gone needs no restoring, and there is nobody left to tell.
        let _ = set(self.terminal, &self.before);
    }
}

pub(super) fn set(terminal: &File, mode: &Termios) -> io::Result<()> {
    loop {
        match tcsetattr(terminal, OptionalActions::Flush, mode) {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}
