//! Links by which keyfob is called `ssh-agent`, `ssh-add` and `ssh-keygen`.

use std::io::ErrorKind;
#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(windows)]
use std::os::windows::fs::symlink_file as symlink;
use std::path::{Path, PathBuf};

use keyfob_config::env::{Environment, Name};

use super::own_file;
use super::program::{self, Program};
use super::record::remember;
use super::step::{State, Step, What};
use super::work::{Stop, Work};
use crate::files::reason;
use crate::voice::{moving_in as words, shown_path};

/// The names.
pub(crate) const NAMES: [&str; 3] = ["ssh-agent", "ssh-add", "ssh-keygen"];

/// What stands at a path, as far as links are concerned.
enum There {
    Nothing,
    /// A link to a keyfob, this one or another.
    Ours,
    Other,
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
        for name in NAMES {
            self.link_one(&folder.join(name), program)?;
        }
        if let Some(words) = rank(folder, environment) {
            self.hint(words);
        }
        Ok(())
    }

    fn link_one(&mut self, path: &Path, program: &Program) -> Result<(), Stop> {
        let target = format!("to {}", shown_path(&program.path));
        let step = |state| Step::new(What::Link, state, shown_path(path)).because(target.clone());
        match there(path) {
            There::Ours if program.is(path) => self.tell(step(State::Already)),
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
        remember(&mut self.record.links, path);
        Ok(())
    }

    /// Asks before what is there gives way, and keeps it beside its place.
    fn move_aside(&mut self, path: &Path) -> Result<(), Stop> {
        let kept = own_file::kept(path);
        if !self.may(&words::replace_question(path, &kept, false)) {
            let left = Step::new(What::Link, State::Left, shown_path(path));
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
        let made = symlink(target, &fresh).and_then(|()| std::fs::rename(&fresh, path));
        made.map_err(|error| {
            let _ = std::fs::remove_file(&fresh);
            self.failed(What::Link, shown_path(path), reason(&error))
        })
    }

    /// Takes a link away that leads to a keyfob.
    pub(in crate::commands) fn unlink(&mut self, path: &Path) {
        match there(path) {
            There::Nothing => {}
            There::Ours => {
                self.take_away(path, What::Remove);
            }
            There::Other => {
                let left = Step::new(What::Remove, State::Left, shown_path(path));
                self.tell(left.because(words::NOT_OURS));
            }
        }
    }
}

fn there(path: &Path) -> There {
    match std::fs::read_link(path) {
        Ok(target) if program::is_called_so(&target) => There::Ours,
        Err(error) if error.kind() == ErrorKind::NotFound => There::Nothing,
        // Another link, or what is no link.
        Ok(_) | Err(_) => There::Other,
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
    let has_one = |known: &&PathBuf| NAMES.iter().any(|name| known.join(name).exists());
    let before = folders[..place].iter().find(has_one)?;
    Some(words::later_in_path(folder, before))
}
