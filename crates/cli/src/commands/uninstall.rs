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
    let mut folders = std::mem::take(&mut work.record.folders);
    if let Some(place) = work.record_file().map(Path::to_owned) {
        work.take_away(&place, What::Remove);
        // The agent makes them too where it is first, and nobody remembers. Elsewhere one that goes on
        // may still write there.
        if cfg!(windows) {
            folders.extend(ours(&place).map(Path::to_owned));
        }
    }
    folders.sort();
    folders.dedup();
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

/// The folders above a file that are keyfob's, up to the one of its name.
fn ours(file: &Path) -> impl Iterator<Item = &Path> {
    let mut above: Vec<&Path> = file.ancestors().skip(1).collect();
    let named = above.iter().position(|it| it.file_name().is_some_and(|name| name == "keyfob"));
    above.truncate(named.map_or(0, |at| at + 1));
    above.into_iter()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Lost otherwise: folders of somebody else's that happen to be empty.
    #[test]
    fn only_folders_up_to_keyfobs_own_are_taken_away() {
        let of = |path: &'static str| ours(Path::new(path)).collect::<Vec<_>>();
        let state = ["/home/keyfob/.local/state/keyfob"];
        assert_eq!(of("/home/keyfob/.local/state/keyfob/installed.json"), state.map(Path::new));
        let below = ["/x/keyfob/data", "/x/keyfob"];
        assert_eq!(of("/x/keyfob/data/installed.json"), below.map(Path::new));
        assert_eq!(of("/somewhere/installed.json"), [""; 0].map(Path::new));
    }
}
