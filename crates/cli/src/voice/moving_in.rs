//! Words about keyfob as it moves in on a machine, and out again.

#[cfg_attr(windows, path = "moving_in/logon.rs")]
#[cfg_attr(target_os = "macos", path = "moving_in/launchd.rs")]
#[cfg_attr(not(any(windows, target_os = "macos")), path = "moving_in/systemd.rs")]
mod system;

use std::path::{Path, PathBuf};

use super::{shown, shown_path};
use crate::commands::install::{Holds, State, Step, What};
use crate::output::{data_line, fact, note};
pub(crate) use system::*;

/// An older version wrote the file.
pub(crate) const RENEWED: &str = "in the place of one that keyfob wrote before";
/// Somebody else's.
pub(crate) const NOT_OURS: &str = "keyfob install did not make it";
/// Ours, with changes.
pub(crate) const CHANGED: &str = "it was changed since keyfob install wrote it";
/// A question would be asked.
/// Of a file that was kept under another name.
pub(crate) const WAS_BEFORE: &str = "what was there before keyfob";
pub(crate) const ASKS_FIRST: &str = "it asks first";
/// The line was typed by the person.
pub(crate) const BY_HAND: &str = "the line is there, and was not written by keyfob install";
/// It is gone from a start file.
pub(crate) const LINE_REMOVED: &str = "the line is gone, the rest is as it was";
/// A file of that name is there.
pub(crate) const IN_THE_WAY: &str = "something has this name already";
/// There is no home folder.
pub(crate) const NO_HOME: &str =
    "no home directory: HOME is not set and the user database has none";
/// Its process is hidden.
pub(crate) const AGENT_OUT_OF_REACH: &str = "its process cannot be seen from here: end it first";
/// Nobody said yes.
pub(crate) const KEPT_RUNNING: &str = "it goes on, with its keys";
/// It was told to.
pub(crate) const DOES_NOT_END: &str = "it was told to end, and does not";
/// There was nothing to remove.
pub(crate) const NOTHING_INSTALLED: &str = "nothing of keyfob install is here";

/// One thing that was done, or would be, or not.
pub(crate) fn step(step: &Step) {
    let subject = &step.subject;
    let why = step.why.as_deref();
    let behind = why.map(|why| format!(" ({why})")).unwrap_or_default();
    match step.state {
        State::Done => note(format!("{} {subject}{behind}", done(step.what, why))),
        State::Would => {
            data_line(format!("would {} {subject}{behind}", would(step.what, why)));
            if let Some(content) = &step.content {
                content
                    .lines()
                    .for_each(|line| data_line(format!("    {}", shown(line.as_bytes()))));
            }
        }
        State::Already => note(format!("in place already: {subject}{behind}")),
        State::Left => note(format!("left as it is: {subject}{behind}")),
        State::Failed => fact(format!("{subject}: {}", why.unwrap_or("failed"))),
    }
}

/// One thing that would be done, in a line.
pub(crate) fn planned(step: &Step) -> String {
    let why = step.why.as_deref();
    let behind = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{} {}{behind}", would(step.what, why), step.subject)
}

fn done(what: What, why: Option<&str>) -> &'static str {
    match what {
        What::Write => "wrote",
        What::Keep => "kept what was there as",
        What::Run => "ran:",
        What::Link => "linked",
        What::Copy => "copied",
        What::StartUp => "made the start-up entry",
        What::Variable => "set the account's variable",
        What::StartFile if why == Some(LINE_REMOVED) => "took a line out of",
        What::StartFile => "added a line to",
        What::EndAgent => "ended",
        What::Remove => "removed",
        What::RemoveFolder => "removed the empty folder",
        What::Look => "found",
    }
}

fn would(what: What, why: Option<&str>) -> &'static str {
    match what {
        What::Write => "write",
        What::Keep => "keep what is there as",
        What::Run => "run:",
        What::Link => "link",
        What::Copy => "copy",
        What::StartUp => "make the start-up entry",
        What::Variable => "set the account's variable",
        What::StartFile if why == Some(LINE_REMOVED) => "take a line out of",
        What::StartFile => "add to",
        What::EndAgent => "end",
        What::Remove => "remove",
        What::RemoveFolder => "remove the empty folder",
        What::Look => "look at",
    }
}

/// Whether a file gives way.
pub(crate) fn replace_question(path: &Path, kept: &Path, changed: bool) -> String {
    let why = if changed { CHANGED } else { NOT_OURS };
    let (path, kept) = (shown_path(path), shown_path(kept));
    format!("{path}: {why}. Replace it, and keep it as {kept}?")
}

/// Whether an agent is ended, and its keys are gone.
pub(crate) fn end_question(pid: Option<u32>, holds: Holds) -> String {
    let who =
        pid.map_or_else(|| "The agent".to_owned(), |pid| format!("The agent (process {pid})"));
    match holds {
        Holds::Keys(1) => format!("{who} holds a key that is in no key store. End it?"),
        Holds::Keys(count) => format!("{who} holds {count} keys that are in no key store. End it?"),
        Holds::Unknown => format!("{who} may hold keys and does not say. End it?"),
    }
}

/// An agent by where it listens.
pub(crate) fn agent_at(socket: &Path) -> String {
    format!("the agent at {}", shown_path(socket))
}

/// Nobody can be asked.
pub(crate) fn nobody_to_ask(question: &str) -> String {
    format!("there is no terminal to ask: \"{question}\"   --yes answers it")
}

/// A line that nobody needs was asked for.
pub(crate) const START_FILE: &str = "the start file of a shell";

/// The one line that does it where nothing else does.
pub(crate) fn line_for(line: &[u8], file: &Path) -> String {
    format!(
        "{}   at the end of {} does it; keyfob install --shell writes it there",
        shown(line),
        shown_path(file)
    )
}

/// A folder no program is looked for in.
pub(crate) fn not_in_path(folder: &Path) -> String {
    format!("{} is not in PATH: nobody finds the links yet", shown_path(folder))
}

/// Others come first.
pub(crate) fn later_in_path(folder: &Path, before: &Path) -> String {
    let (folder, before) = (shown_path(folder), shown_path(before));
    format!("{folder} comes after {before} in PATH: the programs there are found first")
}

/// What is not removed, and where it is.
pub(crate) fn stays(places: &[(&str, PathBuf)]) -> String {
    let all: Vec<String> =
        places.iter().map(|(what, path)| format!("{what}: {}", shown_path(path))).collect();
    format!("not touched: {}", all.join("; "))
}
