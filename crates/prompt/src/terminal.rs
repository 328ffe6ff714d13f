//! Asking on the terminal, `/dev/tty`, whatever standard input and output are.
//!
//! The kernel edits the line (erase, kill, end of file), as for every other program; only its echo
//! is off. The terminal is put back on every way out: an answer, an error, a signal that ends
//! or stops the process.

mod guest;
mod line;
mod mode;

use crate::{Error, Secret};
pub use guest::{Guest, Kept};
use keyfob_sys::signals::{Event, Held};
use line::{Line, Step};
use mode::Quiet;
use rustix::process::Signal;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

/// Is there a terminal to ask on?
pub fn is_there() -> bool {
    open().is_ok()
}

/// Asks for a passphrase; what is typed is not shown.
///
/// # Errors
/// [`Error::Cancelled`] at the end of input (^D) and after a signal that did not end us;
/// [`Error::Terminal`] when there is no terminal or it fails.
pub fn read_passphrase(question: &str) -> Result<Secret, Error> {
    let terminal = open().map_err(Error::Terminal)?;
    ask(&terminal, question, Echo::Off).map(|line| crate::first_line(line.bytes()))
}

/// Asks for a line of text that is no secret: what is typed is shown. The line comes without its
/// end, and without what it has above [`crate::MAX_PASSPHRASE`] bytes.
///
/// # Errors
/// As [`read_passphrase`].
pub fn read_line(question: &str) -> Result<Vec<u8>, Error> {
    let terminal = open().map_err(Error::Terminal)?;
    ask(&terminal, question, Echo::On).map(|line| line.bytes().to_vec())
}

/// Asks a question that is answered by `yes` or `no`; what is typed is shown.
///
/// Anything else is asked again; the end of input is a "no".
///
/// # Errors
/// As [`read_passphrase`].
pub fn confirm(question: &str) -> Result<bool, Error> {
    let terminal = open().map_err(Error::Terminal)?;
    let mut text = format!("{question} (yes/no) ");
    loop {
        match ask(&terminal, &text, Echo::On) {
            Ok(line) => match yes_or_no(line.bytes()) {
                Some(answer) => return Ok(answer),
                None => text = "Please type 'yes' or 'no': ".into(),
            },
            Err(Error::Cancelled) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
}

/// Reads a passphrase from the standard input, where there is no terminal: a line and not a
/// byte more, so that the next question finds the next line. The question goes to stderr.
///
/// # Errors
/// [`Error::Cancelled`] at the end of input; [`Error::Terminal`] when it fails.
pub fn read_passphrase_from_stdin(question: &str) -> Result<Secret, Error> {
    write_all(std::io::stderr().as_fd(), question.as_bytes()).map_err(Error::Terminal)?;
    stdin_line().map(|line| crate::first_line(line.bytes()))
}

/// Reads a secret line from the standard input, and not a byte more: with the NUL bytes that
/// [`read_passphrase_from_stdin`] takes for its end. The question, if there is one, is the
/// caller's.
///
/// # Errors
/// As [`read_passphrase_from_stdin`].
pub fn read_secret_line_from_stdin() -> Result<Secret, Error> {
    stdin_line().map(|line| Secret::from(Box::<[u8]>::from(line.bytes())))
}

/// Reads a line of text that is no secret from the standard input, and not a byte more. The
/// question is the caller's.
///
/// # Errors
/// As [`read_passphrase_from_stdin`].
pub fn read_line_from_stdin() -> Result<Vec<u8>, Error> {
    stdin_line().map(|line| line.bytes().to_vec())
}

fn stdin_line() -> Result<Line, Error> {
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

/// Sends a control sequence to the terminal, wherever standard output goes.
///
/// # Errors
/// [`Error::Terminal`] when there is none or it fails.
pub fn send(sequence: &[u8]) -> Result<(), Error> {
    open().and_then(|terminal| write_all(terminal.as_fd(), sequence)).map_err(Error::Terminal)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    On,
    Off,
}

fn open() -> io::Result<File> {
    // Opening does not make it our controlling terminal: it is that already.
    File::options().read(true).write(true).open("/dev/tty")
}

fn ask(terminal: &File, question: &str, echo: Echo) -> Result<Line, Error> {
    loop {
        match attempt(terminal, question, echo).map_err(Error::Terminal)? {
            Outcome::Line(line) => return Ok(line),
            Outcome::End | Outcome::Interrupted => return Err(Error::Cancelled),
            Outcome::Continued => {}
        }
    }
}

enum Outcome {
    Line(Line),
    End,
    /// A signal that somebody chose to ignore.
    Interrupted,
    /// Stopped (^Z) and brought back: the question has scrolled away.
    Continued,
}

fn attempt(terminal: &File, question: &str, echo: Echo) -> io::Result<Outcome> {
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

fn yes_or_no(line: &[u8]) -> Option<bool> {
    let answer = line.trim_ascii();
    if answer.eq_ignore_ascii_case(b"yes") || answer.eq_ignore_ascii_case(b"y") {
        Some(true)
    } else if answer.eq_ignore_ascii_case(b"no") || answer.eq_ignore_ascii_case(b"n") {
        Some(false)
    } else {
        None
    }
}

fn write_all(to: std::os::fd::BorrowedFd<'_>, mut text: &[u8]) -> io::Result<()> {
    while !text.is_empty() {
        match rustix::io::write(to, text) {
            Ok(written) => text = &text[written..],
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clear_answers_count() {
        for (line, answer) in [
            (&b"yes"[..], Some(true)),
            (b" Y ", Some(true)),
            (b"NO", Some(false)),
            (b"n", Some(false)),
            (b"", None),
            (b"yes please", None),
            (b"ye", None),
        ] {
            assert_eq!(yes_or_no(line), answer, "{line:?}");
        }
    }
}
