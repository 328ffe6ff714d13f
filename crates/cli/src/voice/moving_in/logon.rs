//! Words about the start-up of Windows.

use std::path::Path;

use super::super::{shown, shown_path};

/// What the first-run walk is about to do.
pub(crate) const ABOUT_START_UP: &str = "To start at each logon, and be found by every program of \
                                         OpenSSH, it would:";
/// Never said: it is always there.
pub(crate) const MANAGER: &str = "the start-up of this account";
/// A line for a shell was asked for.
pub(crate) const NO_LINE_NEEDED: &str =
    "no shell needs a line: the programs of OpenSSH find the agent at its pipe";
/// How the agent is started.
pub(crate) const START: &str = "keyfob agent";
/// Another agent has the pipe.
pub(crate) const OTHER_AGENT: &str = "another agent has its pipe";
/// The entry is no text.
pub(crate) const NO_TEXT: &str = "something that is no command";
/// A path of broken signs.
pub(crate) const NO_UNICODE: &str = "the path of the program is no Unicode";
/// An entry has an end.
pub(crate) const TOO_LONG: &str = "Windows starts no entry longer than 260 signs: move keyfob to a \
                                   place with a shorter path";
/// In the settings of Windows, or in the Task Manager.
pub(crate) const SWITCHED_OFF: &str = "the entry is switched off: in Settings, Apps, Startup it can \
                                       be switched on again";

/// What an entry says.
pub(crate) fn entry_is(text: &str) -> String {
    format!("it is: {}", shown(text.as_bytes()))
}

/// What an entry said before ours.
pub(crate) fn entry_was(text: &str) -> String {
    format!("before keyfob install the entry was: {}", shown(text.as_bytes()))
}

/// Whether an entry gives way.
pub(crate) fn replace_entry_question(text: &str) -> String {
    format!("A start-up entry of the name keyfob is there: {}. Replace it?", shown(text.as_bytes()))
}

/// Programs are led elsewhere.
pub(crate) fn variable_leads(path: &Path) -> String {
    format!(
        "SSH_AUTH_SOCK of this account leads to {}: programs go there until it is removed from its \
         environment variables",
        shown_path(path)
    )
}

/// Somebody else has the pipe.
pub(crate) fn other_agent(program: Option<&Path>) -> String {
    let who = program.map_or_else(String::new, |path| format!(" ({})", shown_path(path)));
    format!(
        "another agent has the pipe of OpenSSH{who}; if it is the service of Windows, an administrator stops it \
         for good: Stop-Service ssh-agent; Set-Service ssh-agent -StartupType Disabled"
    )
}

/// Shells need no line.
pub(crate) fn this_shell(_line: &[u8]) -> String {
    NO_LINE_NEEDED.to_owned()
}

/// Nothing was done yet.
pub(crate) fn dry_run(_program: &str) -> String {
    "nothing was done".to_owned()
}
