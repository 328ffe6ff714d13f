//! `/dev/tty`. The kernel edits the line (erase, kill, end of file), as for every other program; only
//! its echo is off.

use super::mode::Quiet;
use super::{Echo, Outcome};
use crate::Error;
use keyfob_sys::signals::{Event, Held};
use rustix::process::Signal;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};

pub(super) use super::line::{Line, Step};

pub(super) type Terminal = File;

pub(super) fn open() -> io::Result<File> {
    // Opening does not make it our controlling terminal: it is that already.
    File::options().read(true).write(true).open("/dev/tty")
}

pub(super) fn attempt(terminal: &File, question: &str, echo: Echo) -> io::Result<Outcome> {
    // First the signals, then the terminal: undone in the opposite order.
    let held = Held::new()?;
    let quiet = (echo == Echo::Off).then(|| Quiet::new(terminal)).transpose()?;
    write_all(terminal.as_fd(), question.as_bytes())?;
    let mut line = Line::new();
    loop {
        match held.wait(terminal.as_fd())? {
            Event::Signal(signal) => {
                drop(quiet);
                held.deliver(signal)?;
                let stopped = signal == Signal::TSTP;
                return Ok(if stopped { Outcome::Continued } else { Outcome::Interrupted });
            }
            Event::Readable => match line.read_byte(terminal.as_fd())? {
                Step::More => {}
                Step::Done => return Ok(Outcome::Line(line)),
                Step::End if line.bytes().is_empty() => return Ok(Outcome::End),
                Step::End => return Ok(Outcome::Line(line)),
            },
        }
    }
}

pub(super) fn stdin_line() -> Result<Line, Error> {
    let mut line = Line::new();
    loop {
        match line.read_byte(std::io::stdin().as_fd()).map_err(Error::Terminal)? {
            Step::More => {}
            Step::Done => return Ok(line),
            Step::End if line.bytes().is_empty() => return Err(Error::Cancelled),
            Step::End => return Ok(line),
        }
    }
}

pub(super) fn write_to_stderr(text: &[u8]) -> io::Result<()> {
    write_all(io::stderr(), text)
}

pub(super) fn write_all(to: impl AsFd, text: &[u8]) -> io::Result<()> {
    write(to.as_fd(), text)
}

fn write(to: BorrowedFd<'_>, mut text: &[u8]) -> io::Result<()> {
    while !text.is_empty() {
        match rustix::io::write(to, text) {
            Ok(written) => text = &text[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}
