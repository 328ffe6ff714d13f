//! How each command ends, for scripts.

use super::doctor;

type Exits = &'static [(&'static str, &'static str)];

const DONE: (&str, &str) = ("0", "Everything asked for was done.");
const NOT_DONE: (&str, &str) = ("1", "Something was not, or the command line makes no sense.");
const NO_AGENT: (&str, &str) = ("2", "There is no agent.");

const ALL: Exits = &[
    DONE,
    NOT_DONE,
    ("2", "There is no agent. Of keyfob agent: it was ended by a signal, or with its command."),
    ("255", "Of keyfob add: a destination makes no sense, so nothing was added."),
];

const AGENT: Exits = &[
    ("0", "It is in the background, was ended, or its service manager told it to end."),
    ("1", "It could not be started, or the command line makes no sense."),
    ("2", "It was ended by a signal, in the foreground."),
    ("...", "With COMMAND, as that ends."),
];

const ADD: Exits =
    &[DONE, NOT_DONE, NO_AGENT, ("255", "A destination makes no sense, so nothing was added.")];

/// Of a page.
pub(super) fn of(page: &str) -> Exits {
    match page.strip_prefix("keyfob-").unwrap_or_default() {
        "" => ALL,
        "agent" => AGENT,
        "add" => ADD,
        "doctor" => doctor::EXIT_STATUS,
        "explain" | "generate" | "hosts" | "list" | "lock" | "relay" | "remove" | "setup"
        | "status" | "test" | "unlock" | "watch" | "why" => &[DONE, NOT_DONE, NO_AGENT],
        _ => &[DONE, NOT_DONE],
    }
}
