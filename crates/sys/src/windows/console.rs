//! The console of this process, whatever its standard streams are.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::windows::io::AsRawHandle as _;

use windows_sys::Win32::System::Console::{
    CONSOLE_MODE, ENABLE_ECHO_INPUT, ENABLE_LINE_INPUT, ENABLE_PROCESSED_INPUT, FreeConsole,
    GetConsoleMode, GetConsoleProcessList, ReadConsoleW, SetConsoleMode,
};
use zeroize::Zeroizing;

/// Units of a line that are read at once: as many as a console edits.
const LINE: usize = 8 * 1024;

/// What is typed and what is shown.
#[derive(Debug)]
pub struct Console {
    input: File,
    output: File,
}

/// Its keys one by one, neither edited nor shown, as long as this lives.
#[derive(Debug)]
pub struct Keys<'a> {
    console: &'a Console,
    before: CONSOLE_MODE,
    is_right: Cell<bool>,
}

impl Console {
    /// Opens it.
    ///
    /// # Errors
    /// When this process has none.
    pub fn open() -> io::Result<Self> {
        let end = |name| File::options().read(true).write(true).open(name);
        let console = Self { input: end("CONIN$")?, output: end("CONOUT$")? };
        console.mode().map(|_| console)
    }

    /// Shows a text.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn write(&self, text: &str) -> io::Result<()> {
        (&self.output).write_all(text.as_bytes())
    }

    /// A line as the console edits and shows it, with its end; no secret.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn line(&self) -> io::Result<String> {
        let mut units = vec![0; LINE];
        let count = self.read(&mut units)?;
        Ok(String::from_utf16_lossy(units.get(..count).unwrap_or_default()))
    }

    /// Turns editing and echo off.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn keys(&self) -> io::Result<Keys<'_>> {
        let before = self.mode()?;
        let changed = ENABLE_ECHO_INPUT | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT;
        self.set_mode(before & !changed)?;
        Ok(Keys { console: self, before, is_right: Cell::new(false) })
    }

    fn mode(&self) -> io::Result<CONSOLE_MODE> {
        let mut mode = 0;
        // SAFETY: the handle is open; the mode goes to a variable of ours.
        match unsafe { GetConsoleMode(self.input.as_raw_handle(), &raw mut mode) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(mode),
        }
    }

    fn set_mode(&self, mode: CONSOLE_MODE) -> io::Result<()> {
        // SAFETY: the handle is open.
        match unsafe { SetConsoleMode(self.input.as_raw_handle(), mode) } {
            0 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    fn read(&self, units: &mut [u16]) -> io::Result<usize> {
        let mut count = 0;
        let wanted = u32::try_from(units.len()).unwrap_or(u32::MAX);
        // SAFETY: the handle is open, and the system writes at most so many units.
        let done = unsafe {
            ReadConsoleW(
                self.input.as_raw_handle(),
                units.as_mut_ptr().cast(),
                wanted,
                &raw mut count,
                std::ptr::null(),
            )
        };
        if done == 0 { Err(io::Error::last_os_error()) } else { Ok(count as usize) }
    }
}

/// Lets go of a console that was opened for this process alone: its window closes. Whether it did.
pub fn leave_own() -> bool {
    let mut processes = [0_u32; 2];
    // SAFETY: the system writes at most as many numbers as it is told, and tells how many there are.
    let count = unsafe { GetConsoleProcessList(processes.as_mut_ptr(), processes.len() as u32) };
    // SAFETY: takes nothing.
    count == 1 && unsafe { FreeConsole() } != 0
}

impl Keys<'_> {
    /// Waits for the next one; U+FFFD for half of one.
    ///
    /// # Errors
    /// `UnexpectedEof` when the console is gone.
    pub fn next(&self) -> io::Result<char> {
        let mut units = Zeroizing::new([0_u16; 2]);
        self.unit(&mut units[..1])?;
        if (0xd800..0xdc00).contains(&units[0]) {
            self.unit(&mut units[1..])?;
        }
        let found = char::decode_utf16(units.iter().copied()).next();
        Ok(found.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The console as it was, before this is dropped.
    pub fn put_right(&self) {
        if !self.is_right.replace(true) {
            // A console that is gone needs no putting right, and there is nobody left to tell. Enter
            // was not shown, so the cursor still stands behind the question.
            let _ = self.console.set_mode(self.before);
            let _ = self.console.write("\r\n");
        }
    }

    fn unit(&self, room: &mut [u16]) -> io::Result<()> {
        match self.console.read(room)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        self.put_right();
    }
}
