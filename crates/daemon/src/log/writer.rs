//! The thread that writes the log, and the queue before it.
//!
//! The queue is bounded, so a disk that hangs costs memory for so many lines and no more. What it
//! has no room for, and what could not be written, is counted; the next line that can be written
//! says how many are missing.

use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Thread;
use std::time::Instant;

use keyfob_keystore::Unlocked;
use keyfob_log::{Begin, Entry, Event, Journal, Limits, RunKey};
use keyfob_protocol::log::{LastLine, LogStatus};
use keyfob_sys::os_text::OsStrExt as _;
use tokio::sync::oneshot;

use super::budget::{Budget, Process};
use super::jobs::{Job, Jobs, Line, TimedOut};
use crate::clock;
use crate::limits::{LOG_QUEUE, LOG_URGENT};
use crate::live_rules::LiveRules;
use crate::refusals::Refusals;

/// The way to the writer; by default there is none.
#[derive(Default)]
pub(crate) struct Log {
    /// None where there is no log.
    queue: Option<SyncSender<Job>>,
    /// The writer, to be woken by what cannot wait until more has come.
    writer: Option<Thread>,
    counts: Arc<Counts>,
    next: Arc<Next>,
    budget: Arc<Mutex<Budget>>,
}

/// What the next line is to begin with. Beside the queue: one that is full must not keep the log
/// under a key that lies beside it.
type Next = Mutex<Option<Begin>>;

/// What is counted of lines.
#[derive(Default)]
pub(super) struct Counts {
    /// They wait to be written.
    pub(super) queued: AtomicU64,
    /// They are missing, and no line says so yet.
    pub(super) lost: AtomicU64,
}

impl Log {
    /// Starts the writer. It makes no file before there is something to write.
    pub(crate) fn new(
        place: Option<PathBuf>,
        rules: Arc<LiveRules>,
        refusals: Arc<Refusals>,
    ) -> Self {
        let counts = Arc::<Counts>::default();
        let next = Arc::<Next>::default();
        let Some(root) = place else { return Self::default() };
        let budget = Arc::<Mutex<Budget>>::default();
        let (queue, jobs) = sync_channel(LOG_QUEUE);
        let writer = Writer {
            root,
            rules,
            refusals,
            counts: Arc::clone(&counts),
            next: Arc::clone(&next),
            budget: Arc::clone(&budget),
            journal: None,
            begin: None,
            trouble: None,
        };
        let started = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer.run(Jobs::new(jobs)))
            .inspect_err(|error| tracing::warn!(%error, "there is no log"));
        let queue = started.is_ok().then_some(queue);
        let writer = started.ok().map(|writer| writer.thread().clone());
        Self { queue, writer, counts, next, budget }
    }

    /// Queues a line; never waits.
    pub(crate) fn write(&self, entry: Entry) {
        self.put(entry, None);
    }

    /// Queues a line of which this process can bring about as many as it likes (refusals, questions), or
    /// counts it where it has had too many. `false`: it was counted.
    pub(super) fn write_within_budget(&self, process: Process, entry: Entry) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let was_due = budget.next();
        let takes = budget.takes(process, &entry, Instant::now());
        let is_due = budget.next();
        drop(budget);
        if takes {
            self.write(entry);
        } else if let (Some(queue), true) = (&self.queue, is_due != was_due) {
            // Full, it has something to do that makes it look.
            let _ = queue.try_send(Job::Withheld);
        }
        takes
    }

    /// Queues a line and waits until it is written, or is not.
    pub(crate) async fn written(&self, entry: Entry) -> bool {
        let (written, told) = oneshot::channel();
        self.put(entry, Some(written));
        self.wake();
        told.await.unwrap_or(false)
    }

    /// How far it has come, behind everything that was queued; `None` where no writer answers.
    pub(super) async fn stand(&self) -> Option<LogStatus> {
        let (answer, told) = oneshot::channel();
        self.queue.as_ref()?.try_send(Job::Stand(answer)).ok()?;
        self.wake();
        told.await.ok()
    }

    /// Whether there is one, if the settings want it.
    pub(super) fn is_there(&self) -> bool {
        self.queue.is_some()
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Goes on under a key that only who can open this store can make: who reads the one that lies
    /// beside the log writes nothing from here on, and changes nothing of before. However many lines
    /// wait: they are written under it too.
    pub(crate) fn seal(&self, store: &Unlocked) {
        if !self.is_there() {
            return;
        }
        let derive = |purpose: &str| RunKey::from_bytes(&*store.derive(purpose).ok()?);
        match Begin::sealed(derive) {
            Ok(begin) => self.go_on_with(begin),
            Err(error) => tracing::warn!(%error, "the log goes on unsealed"),
        }
    }

    fn go_on_with(&self, begin: Begin) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = Some(begin);
    }

    /// Ends the log, behind everything that was queued.
    pub(crate) async fn end(&self) {
        let (done, told) = oneshot::channel();
        let queued =
            self.queue.as_ref().is_some_and(|queue| queue.try_send(Job::End(done)).is_ok());
        if queued {
            self.wake();
            let _ = told.await;
        }
    }

    /// Has the writer wait for no more lines.
    fn wake(&self) {
        if let Some(writer) = &self.writer {
            writer.unpark();
        }
    }

    fn put(&self, entry: Entry, written: Option<oneshot::Sender<bool>>) {
        let Some(queue) = &self.queue else { return };
        let entry = Box::new(entry);
        let job = Job::Line(Line { entry, millis: clock::unix_millis(), written });
        // Full, or a writer that is gone. Dropped with the job, `written` says no.
        let before = self.counts.queued.fetch_add(1, Ordering::Relaxed);
        if queue.try_send(job).is_err() {
            self.counts.queued.fetch_sub(1, Ordering::Relaxed);
            self.counts.lost.fetch_add(1, Ordering::Relaxed);
        }
        if before >= LOG_URGENT {
            self.wake();
        }
    }
}

struct Writer {
    root: PathBuf,
    rules: Arc<LiveRules>,
    refusals: Arc<Refusals>,
    counts: Arc<Counts>,
    next: Arc<Next>,
    budget: Arc<Mutex<Budget>>,
    journal: Option<Journal>,
    /// What it is to go on with, as soon as there is something to write.
    begin: Option<Begin>,
    /// It could not write last time, and has said so: since when, in seconds since 1970, and why.
    trouble: Option<(u64, String)>,
}

impl Writer {
    fn run(mut self, mut jobs: Jobs) {
        while let Some(job) = self.next_job(&mut jobs) {
            match job {
                Job::Withheld => {}
                Job::Line(first) => self.lines(jobs.gather(first)),
                Job::Stand(answer) => {
                    let _ = answer.send(self.stand());
                }
                Job::End(done) => {
                    let withheld = self.budget().rest();
                    self.count(&withheld);
                    let millis = clock::unix_millis();
                    let is_begun = self.journal.is_some();
                    let ended = is_begun && self.line(&Entry::new(Event::End), millis).is_ok();
                    let _ = done.send(ended);
                    return;
                }
            }
        }
    }

    /// What there is to do next. Lines that are due come first.
    fn next_job(&mut self, jobs: &mut Jobs) -> Option<Job> {
        loop {
            let due = self.budget().due(Instant::now());
            self.count(&due);
            let next = self.budget().next();
            match jobs.next(next) {
                Err(TimedOut) => {}
                Ok(job) => return job,
            }
        }
    }

    /// Writes these lines: in one piece as many as can be, and the rest one by one, so that each is
    /// written or is not by itself.
    fn lines(&mut self, lines: Vec<Line>) {
        let together = self.together(&lines);
        for (place, Line { entry, millis, written }) in lines.into_iter().enumerate() {
            let outcome = if place < together { Ok(()) } else { self.line(&entry, millis) };
            self.tell(outcome.as_ref().err());
            self.counts.queued.fetch_sub(1, Ordering::Relaxed);
            if outcome.is_err() {
                self.counts.lost.fetch_add(1, Ordering::Relaxed);
            }
            if let Some(written) = written {
                let _ = written.send(outcome.is_ok());
            }
        }
    }

    /// Writes the first of these in one piece. Returns how many that were; what is in the way is
    /// dealt with by who writes the next.
    fn together(&mut self, lines: &[Line]) -> usize {
        let [first, _, ..] = lines else { return 0 };
        let limits = self.rules.now().log.limits;
        let Ok(journal) = self.journal_in(first.millis, limits) else { return 0 };
        journal.append_together(lines.iter().map(|line| (&*line.entry, line.millis)))
    }

    fn budget(&self) -> std::sync::MutexGuard<'_, Budget> {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes how many refusals got no line; they are missing where that cannot be written.
    fn count(&mut self, withheld: &[Entry]) {
        for entry in withheld {
            let outcome = self.line(entry, clock::unix_millis());
            self.tell(outcome.as_ref().err());
            if outcome.is_err() {
                self.counts.lost.fetch_add(entry.count.unwrap_or(1), Ordering::Relaxed);
            }
        }
    }

    /// Writes a line, and before it how many are missing.
    fn line(&mut self, entry: &Entry, millis: u64) -> io::Result<()> {
        let limits = self.rules.now().log.limits;
        match self.line_in(entry, millis, limits) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.mend(millis)?;
                self.line_in(entry, millis, limits)
            }
            outcome => outcome,
        }
    }

    /// Goes on where somebody has taken the log away under us. Not by a new beginning: it would
    /// stand behind what is left as if nothing else had been there.
    fn mend(&mut self, millis: u64) -> io::Result<()> {
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let mended = journal.go_on(millis);
        match &mended {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => self.journal = None,
            Err(_) => return mended,
            Ok(()) => {}
        }
        let words = "files of the log were removed or replaced while it was written";
        tracing::warn!("{words}");
        self.refusals.note(words.to_owned());
        Ok(())
    }

    /// How far it has come. What is missing is written down first, if there is room again: who asks
    /// is to be told of trouble that is, not that was.
    fn stand(&mut self) -> LogStatus {
        let rules = self.rules.now().log;
        if self.trouble.is_some() && (rules.enabled || rules.required) {
            let written = self.journal_in(clock::unix_millis(), rules.limits).map(drop);
            self.tell(written.as_ref().err());
        }
        let last = self.journal.as_ref().map(|journal| LastLine {
            folder: self.root.as_os_str().as_bytes().to_vec(),
            book: journal.book().number(),
            seq: journal.last().seq,
            mac: journal.last().mac,
        });
        let (since, problem) = self.trouble.clone().unwrap_or_default();
        LogStatus { written: true, last, problem: problem.into(), since, ..LogStatus::default() }
    }

    fn line_in(&mut self, entry: &Entry, millis: u64, limits: Limits) -> io::Result<()> {
        self.journal_in(millis, limits)?.append(entry, millis).map(drop)
    }

    /// Ready for a line: it has begun, and says how many are missing.
    fn journal_in(&mut self, millis: u64, limits: Limits) -> io::Result<&mut Journal> {
        if let Some(begin) = self.next.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.begin = Some(begin);
        }
        let journal = match (&mut self.journal, &self.begin) {
            (Some(journal), Some(begin)) => {
                journal.begin_run(millis, begin)?;
                journal
            }
            (Some(journal), None) => journal,
            (empty, sealed) => {
                // Also where it is to be sealed at once: by its plain beginning an agent that starts
                // is told from one that goes on.
                let begin = Begin::plain()?;
                let journal = empty.insert(Journal::open(&self.root, limits, millis, &begin)?);
                if let Some(begin) = sealed {
                    journal.begin_run(millis, begin)?;
                }
                journal
            }
        };
        // For one run: its first keys are gone.
        self.begin = None;
        journal.set_limits(limits);
        let lost = self.counts.lost.load(Ordering::Relaxed);
        if lost > 0 {
            journal.append(&Entry { count: Some(lost), ..Entry::new(Event::Lost) }, millis)?;
            self.counts.lost.fetch_sub(lost, Ordering::Relaxed);
        }
        Ok(journal)
    }

    /// Says that it cannot write, once, and that it can again.
    fn tell(&mut self, error: Option<&io::Error>) {
        match (error, &self.trouble) {
            (Some(error), None) => {
                let error = reason(error);
                let words = format!("the log cannot be written: {error}; lines are missing");
                tracing::warn!("{words}");
                self.refusals.note(words);
                self.trouble = Some((clock::unix_millis() / 1000, error));
            }
            (None, Some(_)) => {
                tracing::info!("the log is written again");
                self.trouble = None;
            }
            _ => {}
        }
    }
}

/// Without the number: it is for people.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" (os error ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

#[cfg(test)]
impl Log {
    /// Whose writer takes nothing from its queue, as one that waits for a disk, while what is returned
    /// lives.
    pub(crate) fn hanging() -> (Self, impl Sized) {
        let (queue, jobs) = sync_channel(LOG_QUEUE);
        (Self { queue: Some(queue), ..Self::default() }, jobs)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use keyfob_log::{Proof, books, verify};

    use super::*;
    use crate::options::Rules;

    fn log(root: &Path) -> (Log, Arc<Refusals>) {
        let rules = Arc::new(LiveRules::new(Rules::default()));
        let refusals = Arc::<Refusals>::default();
        (Log::new(Some(root.to_owned()), rules, Arc::clone(&refusals)), refusals)
    }

    fn text(root: &Path) -> String {
        let book = &books(root).unwrap()[0];
        assert_eq!(verify(book, &mut |_| None).unwrap().damage, None);
        fs::read_to_string(book.file(book.files().unwrap()[0])).unwrap()
    }

    #[tokio::test]
    async fn lines_are_written_in_their_order_and_an_end_behind_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, _) = log(&root);
        log.write(Entry::new(Event::Locked));
        assert!(log.written(Entry::new(Event::Unlocked)).await);
        log.end().await;
        let text = text(&root);
        let events: Vec<_> = text.lines().map(|line| line.split('"').nth(9).unwrap()).collect();
        assert_eq!(events, ["begin", "locked", "unlocked", "end"]);
    }

    /// Lost otherwise: a store that is opened while nothing can be written leaves a log whose key
    /// lies beside it for good.
    #[tokio::test]
    async fn another_key_counts_from_the_next_line_on_that_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, _) = log(&root);
        assert!(log.written(Entry::new(Event::Locked)).await);
        let key = |byte| move |_: &str| RunKey::from_bytes(&[byte; 32]);
        log.go_on_with(Begin::sealed(key(1)).unwrap());
        let book = books(&root).unwrap().remove(0);
        let away = folder.path().join("away");
        fs::rename(book.folder(), &away).unwrap();
        fs::write(book.folder(), "in the way").unwrap();
        assert!(!log.written(Entry::new(Event::Locked)).await);
        fs::remove_file(book.folder()).unwrap();
        fs::rename(&away, book.folder()).unwrap();
        assert!(log.written(Entry::new(Event::Unlocked)).await);
        let report = verify(&book, &mut key(1)).unwrap();
        assert_eq!((report.damage, report.runs.len()), (None, 2));
        assert_eq!(report.runs[1].proof, Proof::Sealed);
    }

    #[tokio::test]
    async fn an_agent_that_does_nothing_makes_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        log(&root).0.end().await;
        assert!(!root.exists());
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_told_once_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        fs::write(&root, "in the way").unwrap();
        let (log, refusals) = log(&root);
        for _ in 0..3 {
            assert!(!log.written(Entry::new(Event::Locked)).await);
        }
        assert_eq!(refusals.all().len(), 1);
        let stand = log.stand().await.unwrap();
        assert!(!stand.problem.is_empty(), "{stand:?}");
        assert!(stand.since > 0 && stand.last.is_none());
        fs::remove_file(&root).unwrap();
        assert!(log.written(Entry::new(Event::Unlocked)).await);
        assert!(text(&root).contains(r#""event":"lost","count":3"#));
    }

    /// Lost otherwise: of lines that are written in one piece, and cannot be, one is counted.
    #[tokio::test]
    async fn lines_that_came_together_and_cannot_be_written_are_counted_each() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        fs::write(&root, "in the way").unwrap();
        let (log, refusals) = log(&root);
        for _ in 0..500 {
            log.write(Entry::new(Event::Locked));
        }
        assert!(!log.written(Entry::new(Event::Locked)).await);
        assert_eq!((log.counts.lost.load(Ordering::Relaxed), refusals.all().len()), (501, 1));
        assert_eq!(log.counts.queued.load(Ordering::Relaxed), 0);
        fs::remove_file(&root).unwrap();
        for _ in 0..500 {
            log.write(Entry::new(Event::Unlocked));
        }
        log.end().await;
        let text = text(&root);
        assert!(text.contains(r#""event":"lost","count":501"#));
        assert_eq!(text.lines().count(), 503);
    }

    /// Lost otherwise: lines go into a file that is nowhere, though those behind them do not.
    /// (On Windows what is open stays.)
    #[cfg(unix)]
    #[tokio::test]
    async fn lines_that_come_together_are_written_where_the_log_was_removed_before_them() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, _) = log(&root);
        assert!(log.written(Entry::new(Event::Locked)).await);
        fs::remove_dir_all(&root).unwrap();
        for _ in 0..100 {
            log.write(Entry::new(Event::Unlocked));
        }
        log.end().await;
        let book = books(&root).unwrap().remove(0);
        let text = fs::read_to_string(book.file(3)).unwrap();
        assert_eq!(text.matches(r#""event":"unlocked""#).count(), 100);
    }

    /// (On Windows what is open stays.)
    #[cfg(unix)]
    #[tokio::test]
    async fn a_log_that_was_removed_goes_on_and_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, _) = log(&root);
        assert!(log.written(Entry::new(Event::Locked)).await);
        fs::remove_dir_all(&root).unwrap();
        assert!(log.written(Entry::new(Event::Unlocked)).await);
        let book = books(&root).unwrap().remove(0);
        assert!(fs::read_to_string(book.file(3)).unwrap().contains("unlocked"));
        let damage = verify(&book, &mut |_| None).unwrap().damage;
        assert_eq!(damage.unwrap().kind, keyfob_log::Kind::FilesMissing(1));
    }

    /// Lost otherwise: who cuts the last lines off and has the agent itself begin anew behind them
    /// leaves a log that is proved from end to end.
    /// (On Windows what is open stays.)
    #[cfg(unix)]
    #[tokio::test]
    async fn lines_that_were_taken_from_a_log_while_it_is_written_are_missed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, refusals) = log(&root);
        let key = |byte| move |_: &str| RunKey::from_bytes(&[byte; 32]);
        log.go_on_with(Begin::sealed(key(1)).unwrap());
        for _ in 0..5 {
            assert!(log.written(Entry::new(Event::Locked)).await);
        }
        let book = books(&root).unwrap().remove(0);
        let file = book.file(1);
        let text = fs::read_to_string(&file).unwrap();
        let kept: String = text.split_inclusive('\n').take(3).collect();
        let beside = folder.path().join("beside");
        fs::write(&beside, kept).unwrap();
        fs::rename(&beside, &file).unwrap();
        assert!(log.written(Entry::new(Event::Unlocked)).await);
        let report = verify(&book, &mut key(1)).unwrap();
        let kind = report.damage.map(|damage| damage.kind);
        assert_eq!(kind, Some(keyfob_log::Kind::Removed(4, 7)));
        assert_eq!(refusals.all().len(), 1);
    }

    #[tokio::test]
    async fn where_it_stands_is_behind_everything_that_was_queued() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, _) = log(&root);
        assert_eq!(log.stand().await.unwrap().last, None);
        for _ in 0..9 {
            log.write(Entry::new(Event::Locked));
        }
        let last = log.stand().await.unwrap().last.unwrap();
        assert_eq!((last.book, last.seq), (1, 10));
        let mac: String = last.mac.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(text(&root).ends_with(&format!("{mac}\"}}\n")));
    }

    /// Lost otherwise: `keyfob status` tells of a disk that was full until the next use of a key.
    #[tokio::test]
    async fn who_asks_after_there_is_room_again_hears_of_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        fs::write(&root, "in the way").unwrap();
        let (log, _) = log(&root);
        assert!(!log.written(Entry::new(Event::Locked)).await);
        fs::remove_file(&root).unwrap();
        assert_eq!(log.stand().await.unwrap().problem, b"");
        assert!(text(&root).contains(r#""event":"lost","count":1"#));
        assert_eq!(log.counts.lost.load(Ordering::Relaxed), 0);
    }

    /// Lost otherwise: who floods the agent while its store is opened keeps the log under a key that
    /// lies beside it, and may write it anew.
    #[test]
    fn a_queue_that_is_full_does_not_keep_the_log_from_being_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let (queue, jobs) = sync_channel(2);
        let log = Log { queue: Some(queue), ..Log::default() };
        for _ in 0..5 {
            log.write(Entry::new(Event::Refused));
        }
        let key = |byte| move |_: &str| RunKey::from_bytes(&[byte; 32]);
        log.go_on_with(Begin::sealed(key(1)).unwrap());
        let root = folder.path().join("log");
        let writer = Writer {
            root: root.clone(),
            rules: Arc::new(LiveRules::new(Rules::default())),
            refusals: Arc::default(),
            counts: Arc::clone(&log.counts),
            next: Arc::clone(&log.next),
            budget: Arc::clone(&log.budget),
            journal: None,
            begin: None,
            trouble: None,
        };
        drop(log);
        writer.run(Jobs::new(jobs));
        let report = verify(&books(&root).unwrap()[0], &mut key(1)).unwrap();
        let proofs: Vec<_> = report.runs.iter().map(|run| run.proof).collect();
        assert_eq!((report.damage, proofs), (None, vec![Proof::Plain, Proof::Sealed]));
        assert_eq!(report.runs[0].lines, 1);
    }

    /// Lost otherwise: seventeen thousand refusals, a matter of seconds, and everything before is gone.
    #[tokio::test]
    async fn a_flood_of_refusals_is_a_hundred_lines_and_one_and_takes_no_signature_away() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("log");
        let (log, _) = log(&root);
        for _ in 0..1000 {
            log.write_within_budget(Some((7, 1)), Entry::new(Event::Refused));
        }
        assert!(log.written(Entry::new(Event::Signed)).await);
        log.end().await;
        let text = text(&root);
        assert_eq!(text.matches(r#""event":"refused""#).count(), 101);
        assert_eq!(text.matches(r#""event":"signed""#).count(), 1);
        assert!(
            text.contains(r#""reason":"more than 100 in a minute, told together","count":900"#)
        );
    }

    /// Lost otherwise: a disk that hangs stops every signature.
    #[test]
    fn a_queue_that_is_full_makes_nobody_wait() {
        let (queue, jobs) = sync_channel(1);
        let log = Log { queue: Some(queue), ..Log::default() };
        for _ in 0..5 {
            log.write(Entry::new(Event::Locked));
        }
        assert_eq!(log.counts.lost.load(Ordering::Relaxed), 4);
        assert_eq!(log.counts.queued.load(Ordering::Relaxed), 1);
        drop(jobs);
    }
}
