//! Words of `keyfob log`. Every text of a line comes from outside and is made safe.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use keyfob_log::{Proof, Report};
use keyfob_sys::local_time;

use super::{shown, shown_path};
use crate::commands::log::{Host, Key, LogLine, Process, Purpose};
use crate::output::{fact, hint, note, styled_data};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const OTHER: Style = AnsiColor::Cyan.on_default();

/// Characters of the longest event.
const EVENT_WIDTH: usize = 13;

/// Processes of who asked that are named.
const NAMED: usize = 3;

/// One event, on one line.
pub(crate) fn line(line: &LogLine) {
    let time = local_time::at(line.time / 1000).map(|time| time.to_string()).unwrap_or_default();
    let style = match line.event.as_str() {
        "signed" | "unlocked" | "added" => GOOD,
        "refused" | "lost" | "unlock-failed" => BAD,
        _ => OTHER,
    };
    let event = shown(line.event.as_bytes());
    let words = words(line);
    let text = format!("{time}  {style}{event:EVENT_WIDTH$}{style:#}  {words}");
    styled_data(&format!("{}\n", text.trim_end()).into());
}

fn words(line: &LogLine) -> String {
    let mut parts = Vec::new();
    if line.event == "lost" {
        let count = many(line.count.unwrap_or_default(), "line");
        return format!("{count} before this one could not be written");
    }
    if let Some(key) = &line.key {
        parts.push(named(key));
    }
    if let Some(purpose) = &line.purpose {
        parts.push(to(purpose));
    }
    if line.remote {
        let hosts: Vec<_> = line.via.iter().map(host).collect();
        let over =
            if hosts.is_empty() { String::new() } else { format!(" over {}", hosts.join(", ")) };
        parts.push(format!("forwarded{over}"));
    }
    parts.extend(line.outcome.iter().map(|outcome| shown(outcome.as_bytes())));
    parts.extend(line.reason.iter().map(|reason| shown(reason.as_bytes())));
    parts.extend(line.count.map(|count| format!("{count}")));
    if !line.requester.is_empty() {
        parts.push(format!("by {}", chain(&line.requester)));
    }
    parts.join("; ")
}

fn named(key: &Key) -> String {
    format!("\"{}\" {}", shown(key.name.as_bytes()), shown(key.fingerprint.as_bytes()))
}

fn to(purpose: &Purpose) -> String {
    let text = |text: &str| shown(text.as_bytes());
    match purpose.kind.as_str() {
        "login" => {
            let place = purpose.host.as_ref().map(host);
            let place = place.unwrap_or_else(|| "a host that is not proved".to_owned());
            format!("to log in as {} at {place}", text(&purpose.user))
        }
        "signature" => {
            let mut words = format!("to sign for {}", text(&purpose.namespace));
            if let Some(repository) = &purpose.repository {
                // Writing to a String cannot fail.
                let _ = write!(words, " in {}", text(repository));
            }
            words
        }
        _ => "for a purpose that is unknown".to_owned(),
    }
}

fn host(host: &Host) -> String {
    match host.names.first() {
        Some(name) => shown(name.as_bytes()),
        None => format!("an unknown host ({})", shown(host.key.as_bytes())),
    }
}

fn chain(processes: &[Process]) -> String {
    let name = |process: &Process| {
        let program = process.program.as_deref().unwrap_or("program unknown");
        let name = program.rsplit('/').next().unwrap_or(program);
        format!("{} (pid {})", shown(name.as_bytes()), process.pid)
    };
    let mut names: Vec<_> = processes.iter().take(NAMED).map(name).collect();
    if processes.len() > NAMED {
        names.push("…".to_owned());
    }
    names.join(" ← ")
}

/// Nothing to show.
pub(crate) fn nothing(is_empty: bool) {
    note(match is_empty {
        true => "There is no log yet.",
        false => "Nothing in the log is like that.",
    });
}

/// There is more.
pub(crate) fn more_before(count: usize) {
    note(format!("Before these: {count} more; -n 0 shows all."));
}

/// Lines that are none.
pub(crate) fn not_lines(count: usize) {
    if count > 0 {
        let what = if count == 1 { "line of the log is" } else { "lines of the log are" };
        fact(format!("{count} {what} damaged and not shown"));
        hint("keyfob log verify   says where");
    }
}

/// It cannot be read.
pub(crate) fn unreadable(root: &Path, error: &io::Error) {
    fact(format!("cannot read the log in {}: {}", shown_path(root), crate::files::reason(error)));
}

/// There is nothing to prove.
pub(crate) fn no_log(root: &Path) {
    fact(format!("there is no log in {}", shown_path(root)));
    hint("an agent writes one as soon as it is used, unless log.enabled is false");
}

/// What came of proving a book; `is_compared` with what its agent says of its end.
pub(crate) fn verified(folder: &Path, report: &Report, is_compared: bool) {
    let folder = shown_path(folder);
    if let Some(damage) = &report.damage {
        let file = shown_path(&damage.file);
        let place = if damage.line == 0 { file } else { format!("{file}:{}", damage.line) };
        fact(format!("the log is damaged: {place}: {}", damage.kind));
        hint(
            "what stands before that place is proved; keep a copy of the folder before you look further",
        );
        return;
    }
    let is_whole = report.runs.iter().all(|run| run.proof != Proof::None);
    note(format!(
        "{folder}: {} in {}, {}.",
        many(report.lines, "line"),
        many(report.files as u64, "file"),
        if is_whole { "all whole" } else { "not all proved" },
    ));
    proof(report);
    unended(&report.unended);
    if report.unfinished {
        note("  Its last line is not finished: an agent was killed, or writes at this moment.");
    }
    if report.is_written && !is_compared {
        note(
            "  The agent that writes into it could not be asked: lines cut off its end are not found.",
        );
    }
    if !report.has_end && !report.is_written {
        note("  It ends without an end: the agent was killed, or lines were cut off.");
    }
}

/// Agents that were killed, and it may be not only that. The last ones: they are what is looked for.
fn unended(before: &[u64]) {
    const SHOWN: usize = 5;
    let early = before.len().saturating_sub(SHOWN);
    if early > 0 {
        note(format!(
            "  {} ended without its last line earlier; --json has all.",
            many(early as u64, "agent")
        ));
    }
    for line in before.iter().skip(early) {
        note(format!(
            "  Before line {line} an agent ended without its last line: lines may be missing there."
        ));
    }
}

/// How far it is proved: a sealed run holds fast what stands before it.
fn proof(report: &Report) {
    let is_sealed = |run: &keyfob_log::Run| run.proof == Proof::Sealed;
    let behind = report.runs.iter().rposition(is_sealed).map_or(0, |last| last + 1);
    let lines = |runs: &[keyfob_log::Run], proof| -> u64 {
        runs.iter().filter(|run| run.proof == proof).map(|run| run.lines).sum()
    };
    let (before, after) = report.runs.split_at_checked(behind).unwrap_or_default();
    let plain = lines(after, Proof::Plain);
    if plain > 0 {
        let which = if behind > 0 { "the last " } else { "" };
        note(format!(
            "  Of {which}{} the key lies beside the log: that tells an accident, not another program of yours.",
            many(plain, "line")
        ));
    }
    let early = lines(before, Proof::Plain);
    if early > 0 {
        note(format!(
            "  Of {} the key lies beside the log; since the key store was opened after them nobody can have changed them.",
            many(early, "line")
        ));
    }
    let unproved = lines(&report.runs, Proof::None);
    if unproved > 0 {
        fact(format!(
            "{} could not be proved: their key is made from the key store",
            many(unproved, "line")
        ));
        hint(
            "--store-passphrase-file opens it unasked; after keyfob rekey, or with another store, they cannot be proved any more",
        );
    }
}

fn many(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
