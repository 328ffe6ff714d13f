//! Makes trials of cases and runs them.
//!
//! A case is written as straight code that panics where something is wrong. The panic is caught
//! here and becomes the trial's message, with its place in the source.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::case::{Body, Case, Divergence};
use crate::fixture;
use crate::implementation::Implementation;
use crate::world::World;

/// Most cases wait for a process or a clock, not for the processor.
const THREADS: usize = 8;

thread_local! {
    /// What the last panic of this thread said and where.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The payload of a panic that means "not here", not "wrong".
struct Skip(String);

/// Ends the running trial as ignored, with the reason.
pub fn skip(reason: impl Into<String>) -> ! {
    panic::panic_any(Skip(reason.into()))
}

/// Runs two trials of each case, and `more`.
pub fn run(cases: &[Case], divergences: &[Divergence], more: Vec<Trial>) -> ExitCode {
    panic::set_hook(Box::new(remember));
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let mut trials = Implementation::BOTH
        .iter()
        .flat_map(|&it| cases.iter().filter_map(move |&case| trial(case, it)))
        .collect::<Vec<_>>();
    trials.push(table_trial(cases, divergences));
    trials.extend(more);
    conclude(&arguments, trials)
}

/// Runs one trial of each case, one after the other, against an agent that the bodies know of: it
/// is held to what keyfob is held to. The programs of its worlds are OpenSSH's.
pub fn run_against_another(cases: &[Case]) -> ExitCode {
    against_another(cases, 1)
}

/// The same against an agent that each world starts for itself ([`crate::another_agent`]).
pub fn run_with_another(cases: &[Case]) -> ExitCode {
    against_another(cases, THREADS)
}

fn against_another(cases: &[Case], threads: usize) -> ExitCode {
    panic::set_hook(Box::new(remember));
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(threads);
    let trials = cases.iter().filter_map(|case| {
        let body = case.body(Implementation::Keyfob)?;
        let name = format!("agent::{}", case.name());
        let attempt = move || judge(attempt(body, Implementation::OpenSsh), None);
        Some(Trial::ignorable_test(name, attempt))
    });
    conclude(&arguments, trials.collect())
}

fn conclude(arguments: &Arguments, trials: Vec<Trial>) -> ExitCode {
    let conclusion = libtest_mimic::run(arguments, trials);
    fixture::clean_up();
    conclusion.exit_code()
}

fn trial(case: Case, implementation: Implementation) -> Option<Trial> {
    let body = case.body(implementation)?;
    let name = format!("{}::{}", implementation.label(), case.name());
    let skipped = case.skipped(implementation);
    let trial = Trial::ignorable_test(name, move || {
        if let Some(reason) = skipped {
            return Ok(Completion::ignored_with(reason));
        }
        judge(attempt(body, implementation), case.expected_failure(implementation))
    });
    Some(trial)
}

/// How a trial went.
enum Attempt {
    Passed,
    Skipped(String),
    Failed(String),
}

fn attempt(body: Body, implementation: Implementation) -> Attempt {
    let world = match World::new(implementation) {
        Ok(world) => world,
        Err(reason) if implementation == Implementation::OpenSsh => {
            return Attempt::Skipped(reason);
        }
        Err(reason) => return Attempt::Failed(reason),
    };
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| body(&world)));
    match outcome {
        Ok(()) => Attempt::Passed,
        Err(payload) => match payload.downcast::<Skip>() {
            Ok(skip) => Attempt::Skipped(skip.0),
            Err(_) => Attempt::Failed(PANIC.take()),
        },
    }
}

fn judge(attempt: Attempt, expected_failure: Option<&str>) -> Result<Completion, Failed> {
    match (attempt, expected_failure) {
        (Attempt::Passed, None) => Ok(Completion::Completed),
        (Attempt::Passed, Some(gap)) => {
            Err(format!("passes now: remove the mark of a known gap ({gap})").into())
        }
        (Attempt::Skipped(reason), _) => Ok(Completion::ignored_with(reason)),
        (Attempt::Failed(_), Some(gap)) => {
            Ok(Completion::ignored_with(format!("known gap: {gap}")))
        }
        (Attempt::Failed(text), None) => Err(text.into()),
    }
}

/// Each divergent case has its reason in the table, and each entry its case.
fn table_trial(cases: &[Case], divergences: &[Divergence]) -> Trial {
    let mut shown: Vec<&str> =
        cases.iter().filter(|case| case.diverges()).map(Case::name).collect();
    let mut explained: Vec<&str> = divergences.iter().map(|divergence| divergence.case).collect();
    shown.sort_unstable();
    explained.sort_unstable();
    Trial::test("every_divergence_has_its_reason_and_its_case", move || {
        if shown == explained {
            Ok(())
        } else {
            Err(format!("cases that diverge: {shown:#?}\nentries in the table: {explained:#?}")
                .into())
        }
    })
}

fn remember(info: &PanicHookInfo<'_>) {
    let text = text_of(info.payload());
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    PANIC.set(format!("{place}:\n{text}"));
}

fn text_of(payload: &(dyn Any + Send)) -> String {
    let fixed = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    fixed.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default()
}
