//! Words about launchd.

use super::super::shown;
use crate::shell::Shell;

/// What is looked for first.
pub(crate) const MANAGER: &str = "launchd of this login";
/// What the first-run walk is about to do.
pub(crate) const ABOUT_START_UP: &str =
    "To start with the first program that asks for it, and be found by every program, it would:";
/// Never said: shells need one.
pub(crate) const NO_LINE_NEEDED: &str = "no shell needs a line";
/// A path that no job can name.
pub(crate) const NO_PLACE: &str =
    "the path of the program or of its socket is no UTF-8, or the latter is too long for a socket";
/// The variable of the system's own agent is not told any more.
pub(crate) const NEXT_LOGIN: &str = "from the next login SSH_AUTH_SOCK leads to the system's own agent \
                                     again";

/// A command for launchd as it can be typed.
pub(crate) fn command(arguments: &[String]) -> String {
    let typed = |word: &String| shown(&Shell::Sh.quote(word.as_bytes()));
    format!("launchctl {}", arguments.iter().map(typed).collect::<Vec<_>>().join(" "))
}

/// What is not reached by launchd.
pub(crate) fn this_shell(line: &[u8]) -> String {
    format!(
        "{}   tells this shell; logins over the network need it in a start file: keyfob install --shell",
        shown(line)
    )
}

/// Nothing was done yet.
pub(crate) fn dry_run(program: &str) -> String {
    format!("nothing was done; the job would start {program}")
}
