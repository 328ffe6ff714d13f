//! Does one thing after the other and tells each; or tells only, of what would be done.
//!
//! Remembers what was put where. What is to be done is decided by the callers.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_prompt::terminal;
use keyfob_sys::private_folder;
use keyfob_sys::signals::Held;
use serde::Serialize;

use super::record::{Record, remember};
use super::step::{State, Step, What};
use crate::exit::Exit;
use crate::files::{self, reason};
use crate::json;
use crate::output;
use crate::saving;
use crate::voice::{moving_in as words, shown_path};

/// How a file is called that was there before.
const KEPT: &str = ".before-keyfob";

/// How it is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Nothing is done.
    pub(crate) dry_run: bool,
    /// Every question is answered with yes.
    pub(crate) yes: bool,
    /// What is told is JSON.
    pub(crate) json: bool,
}

/// It goes no further, and why was told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop;

/// Work that has ended.
pub(crate) struct Closed {
    /// How.
    pub(crate) exit: Exit,
    /// All that was done, or would be, or not.
    pub(crate) steps: Vec<Step>,
    /// What a person can do.
    pub(crate) hints: Vec<String>,
}

/// Work that goes on.
pub(crate) struct Work {
    manner: Manner,
    steps: Vec<Step>,
    hints: Vec<String>,
    /// What was put where.
    pub(crate) record: Record,
    read: Record,
    place: Option<PathBuf>,
    /// What ends us between two files would leave the first without a word of it in the record.
    signals_wait: Option<Held>,
}

#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    dry_run: bool,
    steps: &'a [Step],
    hints: &'a [String],
}

impl Closed {
    /// Says what a person can do, or all of it as JSON.
    pub(super) fn tell(&self, manner: Manner) {
        if manner.json {
            let (ok, dry_run) = (self.exit == Exit::Success, manner.dry_run);
            let document = Document { ok, dry_run, steps: &self.steps, hints: &self.hints };
            output::data(&json::document(&document));
        } else {
            self.hints.iter().for_each(output::hint);
        }
    }
}

impl Work {
    /// Begins.
    pub(crate) fn new(manner: Manner, environment: &Environment) -> Self {
        let place = Record::place(environment);
        let record = place.as_deref().map(Record::read).unwrap_or_default();
        let (steps, hints) = (Vec::new(), Vec::new());
        let signals_wait = wait();
        Self { manner, steps, hints, read: record.clone(), record, place, signals_wait }
    }

    /// Whether nothing is done.
    pub(crate) fn is_dry(&self) -> bool {
        self.manner.dry_run
    }

    /// The state of what comes to be done now.
    pub(crate) fn doing(&self) -> State {
        if self.manner.dry_run { State::Would } else { State::Done }
    }

    /// Tells of one thing.
    pub(crate) fn tell(&mut self, step: Step) {
        if !self.manner.json {
            words::step(&step);
        }
        self.steps.push(step);
    }

    /// Tells that one thing could not be done.
    pub(crate) fn failed(&mut self, what: What, subject: String, why: impl Into<String>) -> Stop {
        self.tell(Step::new(what, State::Failed, subject).because(why));
        Stop
    }

    /// What a person can do, said at the end.
    pub(crate) fn hint(&mut self, hint: String) {
        self.hints.push(hint);
    }

    /// Whether something was done, or would be.
    pub(crate) fn has_changed(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.state, State::Done | State::Would))
    }

    /// Asks whether to do something that was not said to be done; in a dry run that is supposed.
    pub(crate) fn may(&mut self, question: &str) -> bool {
        if self.manner.yes || self.manner.dry_run {
            return true;
        }
        if !terminal::is_there() {
            self.hint(words::nobody_to_ask(question));
            return false;
        }
        // The answer may be an interrupt. That the record cannot be written is told.
        let _ = self.save();
        self.signals_wait = None;
        let answer = terminal::confirm(question).unwrap_or(false);
        self.signals_wait = wait();
        answer
    }

    /// Makes a folder and those above it.
    pub(crate) fn make_folder(&mut self, folder: &Path) -> Result<(), Stop> {
        if self.manner.dry_run {
            return Ok(());
        }
        let missing = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let mut made: Vec<&Path> = folder.ancestors().take_while(missing).collect();
        made.reverse();
        for path in made {
            // For their owner alone, as the XDG base directories say of the first of them.
            if let Err(error) = private_folder::make(path) {
                return Err(self.failed(What::Write, shown_path(path), reason(&error)));
            }
            remember(&mut self.record.folders, path);
        }
        Ok(())
    }

    /// Runs something that is told as a line.
    pub(super) fn call(
        &mut self,
        line: String,
        run: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), Stop> {
        if !self.manner.dry_run
            && let Err(why) = run()
        {
            return Err(self.failed(What::Run, line, why));
        }
        self.tell(Step::new(What::Run, self.doing(), line));
        Ok(())
    }

    /// Takes a file or a link away. Whether it did, or would.
    pub(in crate::commands) fn take_away(&mut self, path: &Path, what: What) -> bool {
        if !self.is_dry()
            && let Err(error) = std::fs::remove_file(path)
        {
            let _ = self.failed(what, shown_path(path), reason(&error));
            return false;
        }
        self.tell(Step::new(what, self.doing(), shown_path(path)));
        let kept = kept(path);
        if kept.symlink_metadata().is_ok() {
            let step = Step::new(What::Keep, State::Left, shown_path(&kept));
            self.tell(step.because(words::WAS_BEFORE));
        }
        true
    }

    /// Tells that a file was not written.
    pub(super) fn unsaved(&mut self, error: &saving::Error) -> Stop {
        self.failed(What::Write, shown_path(&error.path), error.problem.to_string())
    }

    /// Remembers what was put where, and says how it went.
    pub(crate) fn close(mut self, result: Result<(), Stop>) -> Closed {
        let result = self.save().and(result);
        let failed = self.steps.iter().any(|step| step.state == State::Failed);
        let exit = if result.is_ok() && !failed { Exit::Success } else { Exit::Failure };
        Closed { exit, steps: self.steps, hints: self.hints }
    }

    /// The same, and tells the rest.
    pub(crate) fn end(self, result: Result<(), Stop>) -> Exit {
        let manner = self.manner;
        let closed = self.close(result);
        closed.tell(manner);
        closed.exit
    }

    fn save(&mut self) -> Result<(), Stop> {
        if self.manner.dry_run || self.record == self.read || self.record == Record::default() {
            return Ok(());
        }
        let Some(place) = self.place.clone() else { return Ok(()) };
        if let Some(folder) = place.parent() {
            self.make_folder(folder)?;
        }
        if let Err(error) = self.record.save(&place) {
            return Err(self.failed(What::Write, shown_path(&place), error.problem.to_string()));
        }
        self.read = self.record.clone();
        Ok(())
    }

    /// Where the record is, if there is one.
    pub(crate) fn record_file(&self) -> Option<&Path> {
        self.place.as_deref().filter(|place| place.exists())
    }
}

/// Without a descriptor for it the work is done all the same.
fn wait() -> Option<Held> {
    Held::new().ok()
}

/// The name of the file that was there before.
pub(super) fn kept(path: &Path) -> PathBuf {
    files::beside(path, KEPT)
}

/// Paths without those that are named twice.
pub(in crate::commands) fn each_once(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths.dedup();
    paths
}
