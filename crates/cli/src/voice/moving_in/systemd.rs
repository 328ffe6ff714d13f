//! Words about systemd.

use std::path::Path;

use keyfob_config::env::Name;

use super::super::{shown, shown_path};
use crate::commands::install::Other;
use crate::shell::Shell;

/// A package brought it.
pub(crate) const PACKAGED: &str = "the unit of a package starts this very program";
/// What is looked for first.
pub(crate) const MANAGER: &str = "systemd of this user";
/// What the first-run walk is about to do.
pub(crate) const ABOUT_START_UP: &str =
    "To start with the first program that asks for it, and be found by every program, it would:";
/// Never said: shells need one.
pub(crate) const NO_LINE_NEEDED: &str = "no shell needs a line";

/// A command for the service manager as it can be typed.
pub(crate) fn command(arguments: &[&str]) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@:=,".contains(&byte);
    let typed = |word: &&str| match word.bytes().all(is_plain) {
        true => (*word).to_owned(),
        false => shown(&Shell::Sh.quote(word.as_bytes())),
    };
    let words: Vec<String> = arguments.iter().map(typed).collect();
    format!("systemctl --user {}", words.join(" "))
}

/// A variable with its value.
pub(crate) fn assignment(name: Name, path: &Path) -> String {
    format!("{}={}", name.as_str(), path.display())
}

/// The agent of before runs on.
pub(crate) fn next_start() -> String {
    "the agent that runs keeps its keys; the new units count from its next start".to_owned()
}

/// What is not reached by the service manager.
pub(crate) fn this_shell(line: &[u8]) -> String {
    format!(
        "{}   tells this shell; logins without a desktop need it in a start file: keyfob install --shell",
        shown(line)
    )
}

/// Nothing was done yet.
pub(crate) fn dry_run(program: &str) -> String {
    format!("nothing was done; the units would start {program}")
}

/// Somebody else wants the variable.
pub(crate) fn other_agent(other: &Other) -> String {
    match other {
        Other::File(path) => format!(
            "{} sets SSH_AUTH_SOCK too: where its name comes after 60-keyfob.conf it wins at the next login",
            shown_path(path)
        ),
        Other::Unit(unit, who) => format!(
            "{who} sets SSH_AUTH_SOCK too, at each login: systemctl --user disable --now {unit}   ends that"
        ),
        Other::Gpg(file) => format!(
            "gpg-agent is told to be an SSH agent by enable-ssh-support in {}: without that line it leaves SSH_AUTH_SOCK alone",
            shown_path(file)
        ),
        Other::Socket(path) => format!(
            "until now SSH_AUTH_SOCK led to {}: whatever set it may do so again at the next login",
            shown_path(path)
        ),
    }
}
