//! Other agents that want to be found by the same variable. They are named, never changed.

use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};
use keyfob_sys::user;

use super::manager::Manager;
use crate::files;

/// Folders of `environment.d`, beside the person's own (environment.d(5)).
const FOLDERS: [&str; 4] = [
    "/etc/environment.d",
    "/run/environment.d",
    "/usr/local/lib/environment.d",
    "/usr/lib/environment.d",
];

/// Units that set the variable whenever they are started, and whose agents they are.
const UNITS: [(&str, &str); 3] = [
    ("gcr-ssh-agent.socket", "GNOME's agent"),
    ("ssh-agent.socket", "OpenSSH's ssh-agent"),
    ("ssh-agent.service", "OpenSSH's ssh-agent"),
];

/// Who else wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Other {
    /// A file in `environment.d` sets the variable.
    File(PathBuf),
    /// A unit that is started at login sets it.
    Unit(&'static str, &'static str),
    /// gpg-agent is told to be an SSH agent, by this file.
    Gpg(PathBuf),
    /// The manager had it lead there, before.
    Socket(PathBuf),
}

/// The first of them.
pub(super) fn find(manager: &Manager, own: &Path, environment: &Environment) -> Option<Other> {
    let settings = manager.settings_home(environment);
    let folders = settings.map(|settings| settings.join("environment.d")).into_iter();
    let mut folders = folders.chain(FOLDERS.map(PathBuf::from));
    let file = folders.find_map(|folder| file_that_sets_it(&folder, own));
    let unit = || {
        let starts = |unit: &str| {
            manager.state("is-active", unit) == "active"
                || manager.state("is-enabled", unit) == "enabled"
        };
        UNITS.into_iter().find(|(unit, _)| starts(unit)).map(|(unit, who)| Other::Unit(unit, who))
    };
    file.map(Other::File).or_else(unit).or_else(|| gpg(environment)).or_else(|| socket(manager))
}

fn file_that_sets_it(folder: &Path, own: &Path) -> Option<PathBuf> {
    let start = format!("{}=", Name::SshAuthSock.as_str());
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files.into_iter().filter(|path| path != own && has_ending(path)).find(|path| {
        text(path).is_some_and(|text| text.lines().any(|line| line.trim().starts_with(&start)))
    })
}

fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "conf")
}

fn gpg(environment: &Environment) -> Option<Other> {
    let home = environment.home().or_else(user::home_directory)?;
    let file = home.join(".gnupg/gpg-agent.conf");
    let is_told = |text: String| text.lines().any(|line| line.trim() == "enable-ssh-support");
    text(&file).is_some_and(is_told).then_some(Other::Gpg(file))
}

fn socket(manager: &Manager) -> Option<Other> {
    let leads = PathBuf::from(manager.variable(Name::SshAuthSock)?);
    (Some(&leads) != manager.socket().as_ref()).then_some(Other::Socket(leads))
}

fn text(path: &Path) -> Option<String> {
    let bytes = files::open(path).ok()?.read().ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
