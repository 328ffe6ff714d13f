//! Asking on a terminal where another program runs: the one that waits for the answer.
//!
//! It is not the controlling terminal of this process, so the kernel stops nobody who reads there
//! out of turn: the caller knows that no shell reads it now. What was typed before the question
//! could be read is thrown away. Keys that would send a signal send it to the *other* program, and
//! a shell that takes the terminal back would get the rest of a passphrase: here they are a "no".

use super::line::{Line, Step};
use super::mode::Quiet;
use super::write_all;
use crate::choice::in_words;
use crate::{Choice, Error, Offered, Secret, escape};
use keyfob_sys::signals::{Event, Held};
use rustix::fs::{Mode, OFlags};
use rustix::termios::{
    InputModes, LocalModes, QueueSelector, SpecialCodeIndex, Termios, tcflush, tcgetattr,
};
use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::time::Duration;

/// How long a question stands there before a key counts: whoever is typing as it appears has not
/// read it.
const SETTLES: Duration = Duration::from_millis(400);

/// Characters of a line: the wording has shortened what comes from outside long before.
const MAX_LINE: usize = 400;

const INTERRUPT: u8 = 3; // ^C
const SUSPEND: u8 = 26; // ^Z

/// Another program's terminal.
#[derive(Debug)]
pub struct Guest {
    terminal: File,
}

/// The terminal as it was, put back when this is dropped, whatever was done to it meanwhile.
#[derive(Debug)]
pub struct Kept<'a> {
    terminal: &'a File,
    before: Termios,
}

impl Guest {
    /// Opens it, if it is still the one that was meant: this device, and this user's.
    ///
    /// # Errors
    /// [`Error::Terminal`].
    pub fn open(path: &Path, device: u64) -> Result<Self, Error> {
        open(path, device).map(|terminal| Self { terminal }).map_err(Error::Terminal)
    }

    /// Asks for one of the answers that are offered. Every key that is not one of them is ignored;
    /// Enter, Escape, ^C and ^D are a "no".
    ///
    /// # Errors
    /// [`Error::Terminal`] when it fails or is gone; [`Error::Cancelled`] after a signal that did
    /// not end us.
    pub fn choose(&self, question: &str, offered: Offered) -> Result<Choice, Error> {
        self.asked(question, offered).map_err(Error::Terminal)?.ok_or(Error::Cancelled)
    }

    fn asked(&self, question: &str, offered: Offered) -> io::Result<Option<Choice>> {
        // First the signals, then the terminal: undone in the opposite order.
        let held = Held::new()?;
        let quiet = Quiet::with(&self.terminal, single_keys)?;
        write_all(self.terminal.as_fd(), block(question).as_bytes())?;
        std::thread::sleep(SETTLES);
        tcflush(&self.terminal, QueueSelector::IFlush)?;
        write_all(self.terminal.as_fd(), keys(offered).as_bytes())?;
        loop {
            match held.wait(self.terminal.as_fd())? {
                Event::Signal(signal) => {
                    drop(quiet);
                    held.deliver(signal)?;
                    return Ok(None);
                }
                Event::Readable => {
                    if let Some(choice) = choice(read_key(self.terminal.as_fd())?, offered) {
                        write_all(self.terminal.as_fd(), word(choice).as_bytes())?;
                        return Ok(Some(choice));
                    }
                }
            }
        }
    }

    /// Asks for a passphrase; what is typed is not shown.
    ///
    /// # Errors
    /// As [`Guest::choose`]; [`Error::Cancelled`] also after ^C, ^Z and ^D.
    pub fn passphrase(&self, question: &str) -> Result<Secret, Error> {
        let line = self.line(question).map_err(Error::Terminal)?;
        line.map(|line| crate::first_line(line.bytes())).ok_or(Error::Cancelled)
    }

    fn line(&self, question: &str) -> io::Result<Option<Line>> {
        let held = Held::new()?;
        let quiet = Quiet::with(&self.terminal, hidden_line)?;
        write_all(self.terminal.as_fd(), block(question).trim_end().as_bytes())?;
        write_all(self.terminal.as_fd(), b" ")?;
        let mut line = Line::new();
        loop {
            match held.wait(self.terminal.as_fd())? {
                Event::Signal(signal) => {
                    drop(quiet);
                    held.deliver(signal)?;
                    return Ok(None);
                }
                Event::Readable => match line.read_byte(self.terminal.as_fd())? {
                    Step::More if matches!(line.bytes().last(), Some(&(INTERRUPT | SUSPEND))) => {
                        return Ok(None);
                    }
                    Step::More => {}
                    Step::Done => return Ok(Some(line)),
                    Step::End => return Ok(None),
                },
            }
        }
    }

    /// Lends the terminal to a program that asks there itself. What was typed is thrown away, and
    /// the terminal is put back when the result is dropped.
    ///
    /// # Errors
    /// [`Error::Terminal`].
    pub fn lend(&self) -> Result<Kept<'_>, Error> {
        let kept = tcgetattr(&self.terminal)
            .and_then(|before| Ok((before, tcflush(&self.terminal, QueueSelector::IFlush)?)));
        let (before, ()) = kept.map_err(|errno| Error::Terminal(errno.into()))?;
        Ok(Kept { terminal: &self.terminal, before })
    }
}

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = super::mode::set(self.terminal, &self.before);
    }
}

fn open(path: &Path, device: u64) -> io::Result<File> {
    // NOCTTY: it is and stays the other program's.
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let terminal = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let found = terminal.metadata()?;
    let is_it = found.file_type().is_char_device()
        && found.rdev() == device
        && found.uid() == keyfob_sys::user::effective_uid();
    if is_it { Ok(terminal) } else { Err(io::ErrorKind::PermissionDenied.into()) }
}

fn single_keys(mode: &mut Termios) {
    mode.local_modes.remove(
        LocalModes::ECHO
            | LocalModes::ECHONL
            | LocalModes::ICANON
            | LocalModes::ISIG
            | LocalModes::IEXTEN,
    );
    mode.special_codes[SpecialCodeIndex::VMIN] = 1;
    mode.special_codes[SpecialCodeIndex::VTIME] = 0;
}

/// A line the kernel edits, which ends at once where a signal would be sent otherwise.
fn hidden_line(mode: &mut Termios) {
    mode.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ISIG);
    mode.local_modes.insert(LocalModes::ICANON | LocalModes::IEXTEN);
    mode.input_modes.insert(InputModes::ICRNL);
    mode.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
    mode.special_codes[SpecialCodeIndex::VEOL2] = SUSPEND;
}

/// The question as a block of its own. Its texts are safe already; a terminal obeys what it is
/// sent, so they are made so once more, here where they leave.
fn block(question: &str) -> String {
    let mut block = String::from("\r\n");
    for (number, line) in question.lines().enumerate() {
        let mark = if number == 0 { "keyfob: " } else { "        " };
        let line = escape::for_display_within(line.as_bytes(), MAX_LINE);
        // Writing to a String cannot fail.
        let _ = write!(block, "{mark}{line}\r\n");
    }
    block
}

fn keys(offered: Offered) -> String {
    let mut keys = String::from("        [y] yes, once");
    if offered.session {
        keys.push_str("   [s] this session");
    }
    if let Some(span) = offered.for_a_while {
        let _ = write!(keys, "   [m] for {}", in_words(span));
    }
    keys.push_str("   [n] no: ");
    keys
}

fn choice(key: Option<u8>, offered: Offered) -> Option<Choice> {
    let choice = match key.map(|key| key.to_ascii_lowercase()) {
        Some(b'y') => Choice::Once,
        Some(b's') => Choice::Session,
        Some(b'm') => Choice::ForAWhile,
        // Escape is also what every key with a name of its own begins with.
        Some(b'n' | b'q' | b'\r' | b'\n' | 0x1b | INTERRUPT | 4) | None => Choice::Deny,
        Some(_) => return None,
    };
    offered.includes(choice).then_some(choice)
}

fn word(choice: Choice) -> &'static str {
    match choice {
        Choice::Deny => "no",
        Choice::Once => "once",
        Choice::Session => "this session",
        Choice::ForAWhile => "for a while",
    }
}

/// One byte; `None` at the end.
fn read_key(terminal: BorrowedFd<'_>) -> io::Result<Option<u8>> {
    let mut byte = [0];
    match rustix::io::read(terminal, &mut byte) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(byte[0])),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Offered = Offered { session: true, for_a_while: Some(Duration::from_secs(600)) };

    #[test]
    fn only_a_key_that_was_offered_is_a_yes() {
        for (key, expected) in [
            (b'y', Some(Choice::Once)),
            (b'Y', Some(Choice::Once)),
            (b's', Some(Choice::Session)),
            (b'm', Some(Choice::ForAWhile)),
            (b'x', None),
            (b' ', None),
        ] {
            assert_eq!(choice(Some(key), ALL), expected, "{key}");
        }
        assert_eq!(choice(Some(b's'), Offered::default()), None);
        assert_eq!(choice(Some(b'm'), Offered::default()), None);
    }

    #[test]
    fn what_people_press_to_get_rid_of_a_question_is_a_no() {
        for key in [b'\r', b'\n', 0x1b, 3, 4, b'n', b'N', b'q'] {
            assert_eq!(choice(Some(key), ALL), Some(Choice::Deny), "{key}");
        }
        assert_eq!(choice(None, ALL), Some(Choice::Deny), "a terminal that is gone");
    }

    #[test]
    fn every_line_of_a_question_is_one_on_the_terminal() {
        let shown = block("Allow use of key a\u{1b}[2J?\nTo log in as \u{202e}bob.");
        assert_eq!(
            shown,
            "\r\nkeyfob: Allow use of key a\\x1b[2J?\r\n        To log in as \\u{202e}bob.\r\n"
        );
        assert_eq!(
            keys(ALL),
            "        [y] yes, once   [s] this session   [m] for 10 minutes   [n] no: "
        );
        assert_eq!(keys(Offered::default()), "        [y] yes, once   [n] no: ");
    }
}
