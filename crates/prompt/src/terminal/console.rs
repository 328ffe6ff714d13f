//! The console. A passphrase is read key by key, with the console's own editing and echo off, so that
//! Ctrl-C is an answer that leaves time to put the console right.

use super::{Echo, Outcome};
use crate::{Error, MAX_PASSPHRASE};
use keyfob_sys::signals::Signal;
use keyfob_sys::windows::console::{Console, Keys};
use std::io::{self, Read as _, Write as _};
use zeroize::Zeroizing;

pub(super) type Terminal = Console;

/// A line so far, in UTF-8. What does not fit is read and forgotten, so that it does not become the
/// answer to the next question.
pub(super) struct Line {
    /// Boxed: an array that moves would leave copies behind on the stack.
    bytes: Zeroizing<Box<[u8]>>,
    len: usize,
}

const BACKSPACE: [u32; 2] = [0x08, 0x7f];
const CTRL_C: u32 = 0x03;
const CTRL_U: u32 = 0x15;
/// The end of input at the beginning of a line: Ctrl-Z here, Ctrl-D for those who come from elsewhere.
const END: [u32; 2] = [0x1a, 0x04];

impl Line {
    fn new() -> Self {
        Self { bytes: Zeroizing::new(vec![0; MAX_PASSPHRASE].into()), len: 0 }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    /// Takes the last character away.
    fn pop(&mut self) {
        while self.len > 0 {
            self.len -= 1;
            if self.bytes[self.len] & 0xc0 != 0x80 {
                return;
            }
        }
    }
}

pub(super) fn open() -> io::Result<Console> {
    Console::open()
}

pub(super) fn attempt(console: &Console, question: &str, echo: Echo) -> io::Result<Outcome> {
    console.write(question)?;
    match echo {
        Echo::Off => hidden(&console.keys()?),
        Echo::On => shown(console),
    }
}

/// Key by key, until Enter.
fn hidden(keys: &Keys<'_>) -> io::Result<Outcome> {
    let mut line = Line::new();
    loop {
        let key = keys.next()?;
        match key {
            '\r' | '\n' => break,
            key if key as u32 == CTRL_C => {
                keys.put_right();
                keyfob_sys::signals::Held::new()?.deliver(Signal::Interrupt)?;
                return Ok(Outcome::Interrupted);
            }
            key if END.contains(&(key as u32)) && line.len == 0 => return Ok(Outcome::End),
            key if key as u32 == CTRL_U => line.len = 0,
            key if BACKSPACE.contains(&(key as u32)) => line.pop(),
            key => line.push(key.encode_utf8(&mut Zeroizing::new([0; 4])[..]).as_bytes()),
        }
    }
    Ok(Outcome::Line(line))
}

/// As the console edits and shows it.
fn shown(console: &Console) -> io::Result<Outcome> {
    let text = console.line()?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.starts_with('\u{1a}') {
        return Ok(if text.is_empty() { Outcome::Line(Line::new()) } else { Outcome::End });
    }
    let mut line = Line::new();
    text.chars().for_each(|character| line.push(character.encode_utf8(&mut [0; 4]).as_bytes()));
    Ok(Outcome::Line(line))
}

/// Byte by byte: what follows is the next answer.
pub(super) fn stdin_line() -> Result<Line, Error> {
    let mut line = Line::new();
    let mut byte = Zeroizing::new([0]);
    loop {
        match io::stdin().lock().read(byte.as_mut_slice()).map_err(Error::Terminal)? {
            0 if line.len == 0 => return Err(Error::Cancelled),
            0 => return Ok(line),
            _ if byte[0] == b'\n' => return Ok(line),
            _ => line.push(byte.as_slice()),
        }
    }
}

pub(super) fn write_to_stderr(text: &[u8]) -> io::Result<()> {
    io::stderr().write_all(text)
}

pub(super) fn write_all(console: &Console, text: &[u8]) -> io::Result<()> {
    console.write(&String::from_utf8_lossy(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_by_characters_and_never_grows_beyond_its_size() {
        let mut line = Line::new();
        for text in ["a", "\u{fc}", "\u{1f511}"] {
            line.push(text.as_bytes());
        }
        line.pop();
        line.pop();
        assert_eq!(line.bytes(), b"a");
        line.pop();
        line.pop();
        assert_eq!(line.bytes(), b"");
        for _ in 0..MAX_PASSPHRASE + 10 {
            line.push(b"x");
        }
        assert_eq!(line.bytes().len(), MAX_PASSPHRASE);
    }
}
