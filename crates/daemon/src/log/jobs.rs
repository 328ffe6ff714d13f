//! What the writer of the log has to do, and which lines it writes in one piece.
//!
//! A line that comes after a pause is written at once. While many come, those that nobody waits for
//! are gathered for a moment: to wake the writer for each, and to write each by itself, costs more
//! than all the rest of a line.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use keyfob_log::Entry;
use keyfob_protocol::log::LogStatus;
use tokio::sync::oneshot;

use crate::limits::{LOG_GATHERS, LOG_TOGETHER};

/// What the writer does, one after the other.
pub(super) enum Job {
    /// Writes a line.
    Line(Line),
    /// Counts refusals that get no line, until their line is due.
    Withheld,
    /// Says how far it has come.
    Stand(oneshot::Sender<LogStatus>),
    /// Writes the last line.
    End(oneshot::Sender<bool>),
}

/// A line to be written.
pub(super) struct Line {
    pub(super) entry: Box<Entry>,
    pub(super) millis: u64,
    /// Is told whether it could.
    pub(super) written: Option<oneshot::Sender<bool>>,
}

/// Nothing has come until then.
#[derive(Debug)]
pub(super) struct TimedOut;

/// The queue, from its end.
pub(super) struct Jobs {
    queue: Receiver<Job>,
    /// Taken from it already.
    ahead: Option<Job>,
    /// When lines were gathered last.
    gathered: Option<Instant>,
}

impl Jobs {
    pub(super) fn new(queue: Receiver<Job>) -> Self {
        Self { queue, ahead: None, gathered: None }
    }

    /// The next one, `None` when there will be none. Waits, but not beyond this moment.
    pub(super) fn next(&mut self, until: Option<Instant>) -> Result<Option<Job>, TimedOut> {
        if let Some(job) = self.ahead.take() {
            return Ok(Some(job));
        }
        let Some(until) = until else { return Ok(self.queue.recv().ok()) };
        match self.queue.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(job) => Ok(Some(job)),
            Err(RecvTimeoutError::Timeout) => Err(TimedOut),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
        }
    }

    /// This line and those that came behind it.
    pub(super) fn gather(&mut self, first: Line) -> Vec<Line> {
        let mut lines = vec![first];
        self.take(&mut lines);
        let pause = self.pause(&lines, Instant::now());
        if !pause.is_zero() {
            // Whoever cannot wait wakes us. Woken by nothing, we write a little early.
            thread::park_timeout(pause);
            self.take(&mut lines);
        }
        self.gathered = Some(Instant::now());
        lines
    }

    /// How long it waits for more of them.
    fn pause(&self, lines: &[Line], now: Instant) -> Duration {
        let waits = |line: &Line| line.written.is_some();
        if self.ahead.is_some() || lines.len() >= LOG_TOGETHER || lines.iter().any(waits) {
            return Duration::ZERO;
        }
        let since = self.gathered.map(|at| now.saturating_duration_since(at));
        since.map_or(Duration::ZERO, |since| LOG_GATHERS.saturating_sub(since))
    }

    /// Takes the lines that are there, up to what is no line.
    fn take(&mut self, lines: &mut Vec<Line>) {
        while self.ahead.is_none() && lines.len() < LOG_TOGETHER {
            match self.queue.try_recv() {
                Ok(Job::Line(line)) => lines.push(line),
                Ok(job) => self.ahead = Some(job),
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::mpsc::sync_channel;

    use keyfob_log::Event;

    use super::*;

    fn line(written: Option<oneshot::Sender<bool>>) -> Line {
        Line { entry: Box::new(Entry::new(Event::Locked)), millis: 1, written }
    }

    #[test]
    fn lines_are_taken_up_to_what_is_no_line_and_that_comes_next() {
        let (queue, jobs) = sync_channel(9);
        let mut jobs = Jobs::new(jobs);
        for job in [Job::Line(line(None)), Job::Withheld, Job::Line(line(None))] {
            queue.send(job).unwrap();
        }
        assert_eq!(jobs.gather(line(None)).len(), 2);
        assert!(matches!(jobs.next(None), Ok(Some(Job::Withheld))));
        assert!(matches!(jobs.next(None), Ok(Some(Job::Line(_)))));
        assert!(jobs.next(Some(Instant::now())).is_err());
        drop(queue);
        assert!(matches!(jobs.next(None), Ok(None)));
    }

    /// Lost otherwise: a signature waits for lines that nobody needs yet, or a single line for others.
    #[test]
    fn only_lines_that_come_fast_and_nobody_waits_for_are_gathered() {
        let (_queue, jobs) = sync_channel(9);
        let (mut jobs, now) = (Jobs::new(jobs), Instant::now());
        assert_eq!(jobs.pause(&[line(None)], now), Duration::ZERO);
        jobs.gathered = Some(now);
        assert_eq!(jobs.pause(&[line(None)], now), LOG_GATHERS);
        assert_eq!(jobs.pause(&[line(None)], now + LOG_GATHERS), Duration::ZERO);
        let (written, _told) = oneshot::channel();
        assert_eq!(jobs.pause(&[line(None), line(Some(written))], now), Duration::ZERO);
        let many: Vec<_> = (0..LOG_TOGETHER).map(|_| line(None)).collect();
        assert_eq!(jobs.pause(&many, now), Duration::ZERO);
        jobs.ahead = Some(Job::Withheld);
        assert_eq!(jobs.pause(&[line(None)], now), Duration::ZERO);
    }
}
