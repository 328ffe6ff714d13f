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
        let before = tcgetattr(terminal)?;
        let mut without_echo = before.clone();
        without_echo.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL);
        set(terminal, &without_echo)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // The Enter of the answer was not shown, so the cursor still stands behind the question.
        if self.before.local_modes.contains(LocalModes::ECHO) {
            let _ = super::write_all(std::os::fd::AsFd::as_fd(self.terminal), b"\n");
        }
        // A terminal that is gone needs no restoring, and there is nobody left to tell.
        let _ = set(self.terminal, &self.before);
    }
}

fn set(terminal: &File, mode: &Termios) -> io::Result<()> {
    loop {
        match tcsetattr(terminal, OptionalActions::Flush, mode) {
            Err(Errno::INTR) => {}
            result => return Ok(result?),
        }
    }
}
