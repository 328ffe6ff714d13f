//! Lines of the log on their way to a terminal, a pipe or a file.
//!
//! From the moment the agent serves a thread of its own writes them: a terminal stopped with Ctrl-S,
//! a reader that sleeps or a disk that hangs holds up nobody who asks for a signature. What waits is
//! bounded; lines beyond that are counted, and their number stands where they are missing.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// Bytes of lines that wait, at most: some two thousand signatures.
const WAITING: usize = 512 * 1024;
/// After a line, those that follow within this time are written in one piece: to wake the writer for
/// each costs more than the line.
const GATHERS: Duration = Duration::from_millis(2);
/// How long the end of the agent waits for what is not written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Takes lines, and whoever hands them over goes on.
#[derive(Clone)]
pub(crate) struct Spool(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// The writer has something to do.
    came: Condvar,
    /// Everything is written.
    done: Condvar,
    target: Mutex<Box<dyn Write + Send>>,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// Lines for which there was no room.
    lost: u64,
    /// Whether a thread writes; whoever has a line does it before.
    apart: bool,
    /// Whether that thread writes now.
    writing: bool,
}

impl Spool {
    /// Writes there, and for now at once.
    pub(super) fn new(target: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::default(),
            came: Condvar::new(),
            done: Condvar::new(),
            target: Mutex::new(Box::new(target)),
        }))
    }

    /// From now on a thread writes. Where the system has none to give, all stays as it is.
    pub(crate) fn write_apart(&self) {
        let own = self.clone();
        let mut state = self.state();
        let started = thread::Builder::new().name("words".to_owned()).spawn(move || own.keep_on());
        match started {
            Ok(_) => state.apart = true,
            Err(error) => {
                drop(state);
                tracing::warn!(%error, "who is served waits for the log to be written");
            }
        }
    }

    /// Waits until all is written, but not for long.
    pub(crate) fn end(&self) {
        let unwritten = |state: &mut State| state.writing || !state.is_empty();
        let _ = self.0.done.wait_timeout_while(self.state(), LAST_WORDS, unwritten);
    }

    fn hand_over(&self, line: &[u8]) {
        let mut state = self.state();
        if !state.apart {
            drop(state);
            return self.write_now(line);
        }
        if state.is_empty() {
            self.0.came.notify_one();
        }
        if state.waiting.len() + line.len() > WAITING {
            state.lost += 1;
        } else {
            state.waiting.extend_from_slice(line);
        }
    }

    fn keep_on(&self) {
        loop {
            let mut state = self.state();
            state.writing = false;
            if state.is_empty() {
                self.0.done.notify_all();
            }
            while state.is_empty() {
                state = self.0.came.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            let lines = state.take();
            drop(state);
            self.write_now(&lines);
            thread::sleep(GATHERS);
        }
    }

    /// A log that cannot be written is no reason to stop.
    fn write_now(&self, lines: &[u8]) {
        let mut target = self.0.target.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = target.write_all(lines).and_then(|()| target.flush());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.lost == 0
    }

    /// What is to be written now.
    fn take(&mut self) -> Vec<u8> {
        let mut lines = std::mem::take(&mut self.waiting);
        if self.lost > 0 {
            let lost = format!(
                "{} lines are missing here: they came faster than they were written\n",
                self.lost
            );
            lines.extend_from_slice(lost.as_bytes());
            self.lost = 0;
        }
        self.writing = true;
        lines
    }
}

/// One line, whole, in one call: that is how they are formatted.
pub(crate) struct Line<'a>(&'a Spool);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.hand_over(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Spool {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A terminal that was stopped: each write waits until it is allowed.
    struct Stopped {
        go_on: Receiver<()>,
        written: Sender<String>,
    }

    impl Write for Stopped {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.go_on.recv().map_err(io::Error::other)?;
            let text = String::from_utf8_lossy(bytes).into_owned();
            self.written.send(text).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn stopped() -> (Spool, Sender<()>, Receiver<String>) {
        let (allow, go_on) = channel();
        let (written, seen) = channel();
        (Spool::new(Stopped { go_on, written }), allow, seen)
    }

    fn say(spool: &Spool, line: &str) {
        spool.make_writer().write_all(line.as_bytes()).unwrap();
    }

    /// Lost otherwise: whoever stops the terminal of the agent stops the agent.
    #[test]
    fn nobody_waits_for_a_log_that_is_not_written() {
        let (spool, allow, seen) = stopped();
        spool.write_apart();
        for line in 0..3 {
            say(&spool, &format!("line {line}\n"));
        }
        let mut text = String::new();
        while text.lines().count() < 3 {
            allow.send(()).unwrap();
            text += &seen.recv().unwrap();
        }
        assert_eq!(text, "line 0\nline 1\nline 2\n");
    }

    /// Lost otherwise: a gap in the log that nobody sees, or memory without end.
    #[test]
    fn what_there_was_no_room_for_is_counted_where_it_is_missing() {
        let (spool, allow, seen) = stopped();
        spool.write_apart();
        let line = "x".repeat(1023) + "\n";
        let fits = WAITING / 1024;
        let mut tried = 0;
        while spool.state().lost < 2 {
            say(&spool, &line);
            tried += 1;
        }
        assert!(tried <= 2 * fits + 2, "{tried} lines of 1 KiB found room");
        let mut text = String::new();
        while !text.contains("missing") {
            allow.send(()).unwrap();
            text += &seen.recv().unwrap();
        }
        assert!(
            text.ends_with("2 lines are missing here: they came faster than they were written\n")
        );
        assert_eq!(text.lines().count(), tried - 2 + 1);
    }

    /// Lost otherwise: the last words of an agent, which say why it ends.
    #[test]
    fn the_end_waits_until_all_is_written_but_not_for_a_stopped_terminal() {
        let (spool, allow, seen) = stopped();
        spool.write_apart();
        say(&spool, "last words\n");
        spool.end();
        assert!(seen.try_recv().is_err(), "the terminal is stopped");
        allow.send(()).unwrap();
        spool.end();
        assert_eq!(seen.try_recv().unwrap(), "last words\n");
    }

    #[test]
    fn before_the_agent_serves_a_line_is_written_at_once() {
        let (spool, allow, seen) = stopped();
        allow.send(()).unwrap();
        say(&spool, "first words\n");
        assert_eq!(seen.try_recv().unwrap(), "first words\n");
    }
}
