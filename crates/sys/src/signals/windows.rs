//! Here the one that counts is Ctrl-C, which a console tells in place of an answer.

use std::io;
use std::os::windows::io::BorrowedHandle;
use std::time::Duration;

use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;
use windows_sys::Win32::System::Threading::INFINITE;

use crate::windows::process::is_signalled;

/// What a person does to a program at a console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
}

/// As long as this lives, Ctrl-C does not end the process.
#[derive(Debug)]
pub struct Held(());

/// What came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The handle is signalled.
    Readable,
    /// A signal is due: put things right, then [`Held::deliver`] it.
    Signal(Signal),
}

impl Held {
    /// Holds back Ctrl-C.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn new() -> io::Result<Self> {
        ignore(true)?;
        Ok(Self(()))
    }

    /// Waits until the handle is signalled.
    ///
    /// # Errors
    /// None.
    pub fn wait(&self, handle: BorrowedHandle<'_>) -> io::Result<Event> {
        is_signalled(handle, INFINITE);
        Ok(Event::Readable)
    }

    /// The same, no longer than this; `None` when nothing came.
    ///
    /// # Errors
    /// None.
    pub fn wait_within(
        &self,
        handle: BorrowedHandle<'_>,
        limit: Duration,
    ) -> io::Result<Option<Event>> {
        let limit = u32::try_from(limit.as_millis()).unwrap_or(INFINITE - 1);
        Ok(is_signalled(handle, limit).then_some(Event::Readable))
    }

    /// Ends the process as Ctrl-C would have.
    ///
    /// # Errors
    /// None: it does not return.
    pub fn deliver(self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Interrupt => std::process::exit(INTERRUPTED),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // There is nobody to tell, and no reason to refuse.
        let _ = ignore(false);
    }
}

/// `STATUS_CONTROL_C_EXIT`, by which a shell knows why.
const INTERRUPTED: i32 = 0xc000_013a_u32.cast_signed();

fn ignore(wanted: bool) -> io::Result<()> {
    // SAFETY: without a function it is said whether Ctrl-C is ignored.
    match unsafe { SetConsoleCtrlHandler(None, i32::from(wanted)) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
