//! A terminal with a scripted person before it.
//!
//! The program's standard input and controlling terminal are the pseudo terminal; its stdout and
//! stderr stay pipes, so that a test sees which text went where.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::output::Output;
use crate::run::Running;

/// How long a prompt may take to appear.
const PROMPT_LIMIT: Duration = Duration::from_secs(10);

/// Of a terminal nobody has made larger.
const SIZE: Winsize = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };

/// A program on a terminal, and what it wrote there.
#[derive(Debug)]
pub struct Terminal {
    master: File,
    /// Kept open so that the terminal's settings outlive the program.
    shown: Vec<u8>,
    /// How much of it was expected, and seen.
    seen: usize,
    running: Running,
}

impl Terminal {
    /// Both ends of a new pseudo terminal.
    pub(crate) fn pair() -> (OwnedFd, OwnedFd) {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let master = openpt(flags).expect("a pseudo terminal");
        grantpt(&master).expect("grantpt");
        unlockpt(&master).expect("unlockpt");
        let name = ptsname(&master, Vec::new()).expect("ptsname");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let slave = rustix::fs::open(&name, flags, Mode::empty()).expect("the terminal's slave");
        // On a terminal without a size nothing is drawn that depends on it.
        tcsetwinsize(&slave, SIZE).expect("the terminal's size");
        (master, slave)
    }

    pub(crate) fn new(master: OwnedFd, running: Running) -> Self {
        Self { master: File::from(master), shown: Vec::new(), seen: 0, running }
    }

    /// Waits until this text stands on the terminal, behind what earlier calls saw.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Self {
        let deadline = Instant::now() + PROMPT_LIMIT;
        loop {
            if let Some(at) = find(&self.shown[self.seen..], text.as_bytes()) {
                self.seen += at + text.len();
                return self;
            }
            assert!(
                self.read_until(deadline),
                "no {text:?} on the terminal, but {:?}",
                String::from_utf8_lossy(&self.shown[self.seen..])
            );
        }
    }

    /// Waits until the program has switched the echo off, as a person who reads the prompt does:
    /// what is typed earlier would be thrown away or shown.
    #[track_caller]
    pub fn waits_for_hidden_input(&mut self) -> &mut Self {
        let deadline = Instant::now() + PROMPT_LIMIT;
        while self.echoes() {
            assert!(Instant::now() < deadline, "the program never switched the echo off");
            std::thread::sleep(Duration::from_millis(2));
        }
        self
    }

    /// Types a line that the program does not show.
    #[track_caller]
    pub fn answer_unseen(&mut self, line: &str) -> &mut Self {
        self.waits_for_hidden_input().type_line(line)
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) -> &mut Self {
        self.master.write_all(format!("{line}\n").as_bytes()).expect("the terminal takes input");
        self
    }

    /// Types the character that ends the input.
    pub fn end_of_input(&mut self) -> &mut Self {
        self.master.write_all(&[4]).expect("the terminal takes input");
        self
    }

    /// Types the interrupt character until the program has ended. Once is not enough: a program
    /// that catches the signal just before it reads goes on reading.
    pub fn interrupt(&mut self) -> &mut Self {
        let deadline = Instant::now() + PROMPT_LIMIT;
        while Instant::now() < deadline {
            self.master.write_all(&[3]).expect("the terminal takes input");
            if self.running.ended_within(Duration::from_millis(200)).is_some() {
                break;
            }
        }
        self
    }

    /// Types these bytes, and no end of a line behind them.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        self.master.write_all(keys.as_bytes()).expect("the terminal takes input");
        self
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        self.running.signal(signal);
    }

    /// Whether the terminal shows what is typed.
    pub fn echoes(&self) -> bool {
        tcgetattr(&self.master).is_ok_and(|set| set.local_modes.contains(LocalModes::ECHO))
    }

    /// Waits for the program's end. The second value is what stood on the terminal and was not
    /// expected before; the third says whether the terminal echoes again.
    #[track_caller]
    pub fn wait(self) -> (Output, String, bool) {
        let seen = self.seen;
        let (output, shown, echoes) = self.end();
        (output, String::from_utf8_lossy(&shown[seen..]).into_owned(), echoes)
    }

    /// Waits for the program's end, and tells all that ever stood on the terminal.
    #[track_caller]
    pub fn wait_for_all(self) -> (Output, String) {
        let (output, shown, _) = self.end();
        (output, String::from_utf8_lossy(&shown).into_owned())
    }

    #[track_caller]
    fn end(mut self) -> (Output, Vec<u8>, bool) {
        let output = self.running.wait();
        let echoes =
            tcgetattr(&self.master).is_ok_and(|set| set.local_modes.contains(LocalModes::ECHO));
        while read_once(&mut self.master, &mut self.shown, Duration::from_millis(20)) {}
        (output, self.shown, echoes)
    }

    fn read_until(&mut self, deadline: Instant) -> bool {
        let left = deadline.saturating_duration_since(Instant::now());
        !left.is_zero() && read_once(&mut self.master, &mut self.shown, left)
    }
}

/// Reads what is there; false when nothing came or the other end is closed.
fn read_once(master: &mut File, into: &mut Vec<u8>, limit: Duration) -> bool {
    let wait = Timespec::try_from(limit).expect("a test's time limit");
    let mut waiting = [PollFd::new(master, PollFlags::IN)];
    match poll(&mut waiting, Some(&wait)) {
        Ok(1..) => {}
        // The caller looks at its own clock and comes again.
        Err(Errno::INTR) => return true,
        _ => return false,
    }
    let mut chunk = [0; 1024];
    match master.read(&mut chunk) {
        Ok(count @ 1..) => {
            into.extend_from_slice(&chunk[..count]);
            true
        }
        _ => false,
    }
}

fn find(within: &[u8], wanted: &[u8]) -> Option<usize> {
    within.windows(wanted.len()).position(|window| window == wanted)
}
