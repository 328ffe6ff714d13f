//! Links by which keyfob is called `ssh-agent`, `ssh-add` and `ssh-keygen`; on Windows copies.

#[cfg_attr(unix, path = "links/unix.rs")]
#[cfg_attr(windows, path = "links/windows.rs")]
mod system;

use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};

use super::program::Program;
use super::record::remember;
use super::step::{State, Step, What};
use super::work::{Stop, Work, kept};
use crate::files::reason;
use crate::voice::{moving_in as words, shown_path};

/// The names.
const NAMES: [&str; 3] = ["ssh-agent", "ssh-add", "ssh-keygen"];

/// What stands at a path, as far as links are concerned.
enum There {
    Nothing,
    /// This keyfob.
    Current,
    /// A keyfob, this one or another.
    Ours,
    Other,
}

/// What they are called in a folder.
pub(in crate::commands) fn paths(folder: &Path) -> [PathBuf; 3] {
    NAMES.map(|name| folder.join(system::file_name(name)))
}

impl Work {
    /// Makes the links in a folder.
    pub(super) fn link(
        &mut self,
        folder: &Path,
        program: &Program,
        environment: &Environment,
    ) -> Result<(), Stop> {
        let folder = &std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
        self.make_folder(folder)?;
        for path in paths(folder) {
            self.link_one(&path, program)?;
        }
        if let Some(words) = rank(folder, environment) {
            self.hint(words);
        }
        Ok(())
    }

    fn link_one(&mut self, path: &Path, program: &Program) -> Result<(), Stop> {
        let target = format!("{} {}", system::WHICH, shown_path(&program.path));
        let step = |state| Step::new(system::WHAT, state, shown_path(path)).because(target.clone());
        match system::there(path, program, &self.record) {
            There::Current => self.tell(step(State::Already)),
            There::Nothing | There::Ours => {
                self.put_link(path, &program.path)?;
                self.tell(step(self.doing()));
            }
            There::Other => {
                self.move_aside(path)?;
                self.put_link(path, &program.path)?;
                self.tell(step(self.doing()));
            }
        }
        system::remember_sum(&mut self.record, path, program);
        remember(&mut self.record.links, path);
        Ok(())
    }

    /// Asks before what is there gives way, and keeps it beside its place.
    fn move_aside(&mut self, path: &Path) -> Result<(), Stop> {
        let kept = kept(path);
        if !self.may(&words::replace_question(path, &kept, false)) {
            let left = Step::new(system::WHAT, State::Left, shown_path(path));
            self.tell(left.because(words::NOT_OURS));
            return Err(Stop);
        }
        if !self.is_dry() {
            if kept.symlink_metadata().is_ok() {
                return Err(self.failed(What::Keep, shown_path(&kept), words::IN_THE_WAY));
            }
            if let Err(error) = std::fs::rename(path, &kept) {
                return Err(self.failed(What::Keep, shown_path(path), reason(&error)));
            }
        }
        let step = Step::new(What::Keep, self.doing(), shown_path(&kept));
        self.tell(if self.is_dry() { step.because(words::ASKS_FIRST) } else { step });
        Ok(())
    }

    /// A new link takes the place of an old one in one step: no program is missing meanwhile.
    fn put_link(&mut self, path: &Path, target: &Path) -> Result<(), Stop> {
        if self.is_dry() {
            return Ok(());
        }
        let fresh = crate::files::beside(path, ".keyfob-new");
        let _ = std::fs::remove_file(&fresh);
        let made = system::link(target, &fresh).and_then(|()| std::fs::rename(&fresh, path));
        made.map_err(|error| {
            let _ = std::fs::remove_file(&fresh);
            self.failed(system::WHAT, shown_path(path), reason(&error))
        })
    }

    /// Takes a link away that leads to a keyfob.
    pub(in crate::commands) fn unlink(&mut self, path: &Path) {
        let Ok(program) = Program::that_runs() else { return };
        match system::there(path, &program, &self.record) {
            There::Nothing => {}
            There::Current | There::Ours => {
                self.take_away(path, What::Remove);
            }
            There::Other => {
                let left = Step::new(What::Remove, State::Left, shown_path(path));
                self.tell(left.because(words::NOT_OURS));
            }
        }
    }
}

/// Where the folder stands among those that are looked for programs; nothing is said where it
/// comes before OpenSSH's.
fn rank(folder: &Path, environment: &Environment) -> Option<String> {
    let path = environment.get(Name::Path).unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    let same = |known: &PathBuf| {
        known == folder
            || matches!((known.canonicalize(), folder.canonicalize()), (Ok(a), Ok(b)) if a == b)
    };
    let Some(place) = folders.iter().position(same) else {
        return Some(words::not_in_path(folder));
    };
    let has_one = |known: &&PathBuf| paths(known).iter().any(|path| path.exists());
    let before = folders[..place].iter().find(has_one)?;
    Some(words::later_in_path(folder, before))
}
