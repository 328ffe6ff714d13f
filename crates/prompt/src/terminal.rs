//! Asking on the terminal, whatever standard input and output are: `/dev/tty`, or the console on
//! Windows. It is put back on every way out: an answer, an error, a signal that ends or stops the
//! process.

#[cfg(unix)]
mod guest;
#[cfg(unix)]
mod line;
#[cfg(unix)]
mod mode;
#[cfg_attr(unix, path = "terminal/tty.rs")]
#[cfg_attr(windows, path = "terminal/console.rs")]
mod system;

use crate::{Error, Secret};
use system::{Line, open, stdin_line, write_all, write_to_stderr};

#[cfg(unix)]
pub use guest::{Guest, Kept};

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
    write_to_stderr(question.as_bytes()).map_err(Error::Terminal)?;
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

/// Sends a control sequence to the terminal, wherever standard output goes.
///
/// # Errors
/// [`Error::Terminal`] when there is none or it fails.
pub fn send(sequence: &[u8]) -> Result<(), Error> {
    open().and_then(|terminal| write_all(&terminal, sequence)).map_err(Error::Terminal)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Echo {
    On,
    Off,
}

fn ask(terminal: &system::Terminal, question: &str, echo: Echo) -> Result<Line, Error> {
    loop {
        match system::attempt(terminal, question, echo).map_err(Error::Terminal)? {
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
    #[cfg_attr(windows, allow(dead_code, reason = "nobody stops a program there"))]
    Continued,
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
