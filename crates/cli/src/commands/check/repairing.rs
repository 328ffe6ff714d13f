//! `check --repair`: says what it will do, asks, does it, and looks again.
//!
//! What nobody can regret is asked for once. What gives something up, or is what somebody may want
//! who can write to the store, is asked for one by one.

use keyfob_keystore::{Remedy, Unlocked};
use keyfob_prompt::terminal;

use super::{Report, Way};
use crate::exit::Exit;
use crate::key_store;
use crate::voice::{checking as words, storing};

/// Which questions are answered beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Repair {
    /// The one before what nobody can regret.
    pub(crate) yes: bool,
    /// With `yes`: all others too.
    pub(crate) risky: bool,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Repairs {
    /// What was done, in words.
    pub(super) done: Vec<String>,
    /// Whether what is left was told already.
    pub(super) told: bool,
    /// Whether something went wrong, or nobody could be asked.
    pub(super) failed: Option<Exit>,
}

impl Repair {
    /// Mends what `report` has, and goes on while that brings up more; then it tells what is left.
    pub(super) fn run(self, store: &mut Unlocked, report: &mut Report, json: bool) -> Repairs {
        let (mut repairs, mut seen) = (Repairs::default(), Vec::new());
        loop {
            let fresh = fresh(report, &mut seen);
            if fresh.is_empty() {
                return repairs;
            }
            words::plan(report, json);
            repairs.told = true;
            let before = repairs.done.len();
            let (risky, sure): (Vec<_>, Vec<_>) = fresh.into_iter().partition(Remedy::is_risky);
            let done = self.mend(store, &sure, &risky, &mut repairs);
            if repairs.done.len() > before {
                match Report::of(store) {
                    Ok(again) => {
                        *report = again;
                        repairs.told = false;
                    }
                    Err(exit) => repairs.failed = Some(exit),
                }
            }
            if let Err(exit) = done {
                repairs.failed = Some(exit);
            }
            if repairs.failed.is_some() || repairs.done.len() == before {
                return repairs;
            }
        }
    }

    fn mend(
        self,
        store: &mut Unlocked,
        sure: &[Remedy],
        risky: &[Remedy],
        repairs: &mut Repairs,
    ) -> Result<(), Exit> {
        if !sure.is_empty() && (self.yes || ask(&words::question(sure.len()))?) {
            sure.iter().for_each(|remedy| repairs.carry_out(store, remedy));
        }
        for remedy in risky {
            let wanted = match (self.yes, self.risky) {
                (true, true) => true,
                (true, false) => {
                    words::left_undone(remedy);
                    false
                }
                _ => {
                    words::risk(remedy);
                    ask(&words::risky_question(remedy))?
                }
            };
            if wanted {
                repairs.carry_out(store, remedy);
            }
        }
        Ok(())
    }
}

impl Repairs {
    /// One that fails is no reason to leave the others.
    fn carry_out(&mut self, store: &mut Unlocked, remedy: &Remedy) {
        match store.mend(remedy) {
            Ok(()) => {
                words::mended(remedy);
                self.done.push(words::remedy(remedy));
            }
            Err(error) => {
                words::not_mended(remedy);
                self.failed = Some(key_store::failed(&error));
            }
        }
    }
}

/// The remedies that were not tried yet, each once: two findings may have the same.
fn fresh(report: &Report, seen: &mut Vec<Remedy>) -> Vec<Remedy> {
    let mut fresh = Vec::new();
    for found in &report.found {
        if let Way::Remedy(remedy) = &found.way
            && !seen.contains(remedy)
        {
            seen.push(remedy.clone());
            fresh.push(remedy.clone());
        }
    }
    fresh
}

/// A no leaves this one, and the next question comes.
fn ask(question: &str) -> Result<bool, Exit> {
    if !terminal::is_there() {
        storing::nobody_to_confirm();
        return Err(Exit::Failure);
    }
    terminal::confirm(question).map_err(|_| Exit::Failure)
}
