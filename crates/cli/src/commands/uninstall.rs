//! Takes away what `keyfob install` put there, as long as nobody has changed it, and nothing else.

use std::path::{Path, PathBuf};

use keyfob_config::directories::Directories;
use keyfob_config::env::Environment;
use keyfob_sys::user;

use super::install::{self, Home, Manner, State, Step, Stop, What, Work, each_once};
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
        let mut work = Work::new(self.manner, environment);
        let result = self.uninstall(&mut work, environment);
        if result.is_ok() {
            what_stays(&mut work, environment);
        }
        work.end(result)
    }

    fn uninstall(&self, work: &mut Work, environment: &Environment) -> Result<(), Stop> {
        let home = Home::reach(environment).ok();
        work.move_out(home.as_ref(), environment)?;
        let mut lines = install::start_files(environment);
        lines.extend(work.record.start_files.clone());
        each_once(lines).iter().for_each(|path| work.remove_line(path));
        let named = self.drop_in.iter().map(|it| std::path::absolute(it).unwrap_or(it.clone()));
        let mut links = work.record.links.clone();
        links.extend(named.flat_map(|folder| install::link_paths(&folder)));
        each_once(links).iter().for_each(|path| work.unlink(path));
        forget(work);
        Ok(())
    }
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
