//! Takes away what `keyfob install` put there, as long as nobody has changed it, and nothing else.

use std::path::{Path, PathBuf};

use keyfob_config::directories::Directories;
use keyfob_config::env::{Environment, Name};
use keyfob_sys::user;

use super::install::{
    self, Holds, Manager, Manner, NAMES, SERVICE, SOCKET, State, Step, Stop, What, Work,
};
use crate::connection::Connection;
use crate::exit::Exit;
use crate::files::reason;
use crate::voice::{moving_in as words, shown_path};

/// What is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Uninstall {
    /// A folder with links that nobody remembers.
    pub(crate) drop_in: Option<PathBuf>,
    /// How.
    pub(crate) manner: Manner,
}

impl Uninstall {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        if let Some(refused) = install::not_here("uninstall") {
            return refused;
        }
        let mut work = Work::new(self.manner, environment);
        let result = self.uninstall(&mut work, environment);
        if result.is_ok() {
            what_stays(&mut work, environment);
        }
        work.end(result)
    }

    fn uninstall(&self, work: &mut Work, environment: &Environment) -> Result<(), Stop> {
        let manager = Manager::reach(environment).ok();
        if let Some(manager) = &manager {
            stop(work, manager)?;
        }
        if remove_files(work, manager.as_ref(), environment)
            && let Some(manager) = &manager
        {
            work.run(manager, &["daemon-reload"])?;
        }
        let mut lines = install::start_files(environment);
        lines.extend(work.record.start_files.clone());
        each_once(lines).iter().for_each(|path| work.remove_line(path));
        let named = self.drop_in.iter().map(|it| std::path::absolute(it).unwrap_or(it.clone()));
        let mut links = work.record.links.clone();
        links.extend(named.flat_map(|folder| NAMES.map(|name| folder.join(name))));
        each_once(links).iter().for_each(|path| work.unlink(path));
        forget(work);
        Ok(())
    }
}

/// Ends the socket and the agent behind it.
fn stop(work: &mut Work, manager: &Manager) -> Result<(), Stop> {
    let is = |question, unit, word| manager.state(question, unit) == word;
    if is("is-active", SERVICE, "active") {
        // Only now: a connection to the socket would start an agent.
        let connection = manager.socket().map(|socket| Connection::open(&socket));
        let holds = match connection {
            Some(Ok(mut connection)) => install::holds(&mut connection),
            _ => Holds::Unknown,
        };
        if holds != Holds::Keys(0) && !work.may(&words::end_question(None, holds)) {
            let step = Step::new(What::EndAgent, State::Left, SERVICE.to_owned());
            work.tell(step.because(words::KEPT_RUNNING));
            return Err(Stop);
        }
    }
    if is("is-enabled", SOCKET, "enabled") || is("is-active", SOCKET, "active") {
        work.run(manager, &["disable", "--now", SOCKET])?;
    }
    // It goes with its socket, unless its socket was gone already.
    if is("is-active", SERVICE, "active") && !work.is_dry() {
        work.run(manager, &["stop", SERVICE])?;
    }
    let leads = manager.variable(Name::SshAuthSock).map(PathBuf::from);
    if leads.is_some() && leads == manager.socket() {
        work.run(manager, &["unset-environment", Name::SshAuthSock.as_str()])?;
    }
    Ok(())
}

/// Removes the files. Whether one of them was a unit.
fn remove_files(work: &mut Work, manager: Option<&Manager>, environment: &Environment) -> bool {
    let home = environment.home().or_else(user::home_directory);
    let settings = manager
        .and_then(|manager| manager.settings_home(environment))
        .or_else(|| Some(home?.join(".config")));
    let mut files = work.record.files.clone();
    files.extend(settings.iter().flat_map(|settings| install::systemd_files(settings)));
    let mut units = false;
    for path in each_once(files) {
        let is_unit = path.file_name().is_some_and(|name| name == SOCKET || name == SERVICE);
        units |= work.remove(&path) && is_unit;
    }
    units
}

/// Removes the folders that were made, if nothing else is in them, and what is remembered of all.
fn forget(work: &mut Work) {
    if let Some(place) = work.record_file().map(Path::to_owned) {
        work.take_away(&place, What::Remove);
    }
    let folders = std::mem::take(&mut work.record.folders);
    for folder in folders.iter().rev() {
        if work.is_dry() || !folder.is_dir() {
            continue;
        }
        match std::fs::remove_dir(folder) {
            Ok(()) => {
                work.tell(Step::new(What::RemoveFolder, State::Done, shown_path(folder)));
            }
            Err(error) if error.kind() == std::io::ErrorKind::DirectoryNotEmpty => {}
            Err(error) => {
                let step = Step::new(What::RemoveFolder, State::Left, shown_path(folder));
                work.tell(step.because(reason(&error)));
            }
        }
    }
    // Nothing is remembered any more.
    work.record = install::Record::default();
}

/// Says where keys and settings are, which nobody asked to remove.
fn what_stays(work: &mut Work, environment: &Environment) {
    if !work.has_changed() {
        work.hint(words::NOTHING_INSTALLED.to_owned());
    }
    let Ok(directories) = Directories::new(environment, user::effective_uid()) else { return };
    let places = [
        ("the key store", directories.store.clone()),
        ("the settings", directories.settings_file(environment).path),
        ("the log", directories.log()),
    ];
    let there: Vec<_> = places.into_iter().filter(|(_, path)| path.exists()).collect();
    if !there.is_empty() {
        work.hint(words::stays(&there));
    }
}

fn each_once(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths.dedup();
    paths
}
