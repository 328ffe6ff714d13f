//! Files that are wholly ours: written where nothing else stands, renewed, and taken away again.

use std::path::Path;

use super::record::remember;
pub(super) use super::stamp::Kind;
use super::stamp::{Whose, stamped, whose};
use super::step::{State, Step, What};
use super::work::{Stop, Work, kept};
use crate::files;
use crate::saving::{self, Mode, Overwrite};
use crate::voice::{moving_in as words, shown_path};

/// What stands at a path.
enum There {
    Nothing,
    File(Vec<u8>, Whose),
}

impl Work {
    /// Sees to it that a file has this content, below our first line. Whether it changed.
    pub(super) fn write(&mut self, path: &Path, content: &[u8], kind: Kind) -> Result<bool, Stop> {
        let bytes = stamped(content, kind);
        let wrote = Step::new(What::Write, self.doing(), shown_path(path));
        let wrote = if self.is_dry() { wrote.with(&bytes) } else { wrote };
        match self.look(path)? {
            There::Nothing => {
                if let Some(folder) = path.parent() {
                    self.make_folder(folder)?;
                }
                self.put(path, &bytes, Overwrite::Never)?;
                self.tell(wrote);
            }
            There::File(old, _) if old == bytes => {
                self.tell(Step::new(What::Write, State::Already, shown_path(path)));
                remember(&mut self.record.files, path);
                return Ok(false);
            }
            There::File(_, Whose::Ours) => {
                self.put(path, &bytes, Overwrite::Replace)?;
                self.tell(wrote.because(words::RENEWED));
            }
            There::File(old, whose) => {
                self.keep(path, &old, whose)?;
                self.put(path, &bytes, Overwrite::Replace)?;
                self.tell(wrote);
            }
        }
        remember(&mut self.record.files, path);
        Ok(true)
    }

    /// Takes a file away that is ours as it was written. Whether it did, or would.
    pub(in crate::commands) fn remove(&mut self, path: &Path) -> bool {
        let Ok(there) = self.look(path) else { return false };
        let step = |state| Step::new(What::Remove, state, shown_path(path));
        match there {
            There::Nothing | There::File(_, Whose::Foreign) => false,
            There::File(_, Whose::Changed) => {
                self.tell(step(State::Left).because(words::CHANGED));
                false
            }
            There::File(_, Whose::Ours) => self.take_away(path, What::Remove),
        }
    }

    /// Asks before something else's file is replaced, and keeps it beside its place.
    fn keep(&mut self, path: &Path, old: &[u8], whose: Whose) -> Result<(), Stop> {
        let kept = kept(path);
        if !self.may(&words::replace_question(path, &kept, whose == Whose::Changed)) {
            return Err(self.left(path));
        }
        if !self.is_dry() {
            saving::is_still(path, old)
                .and_then(|()| saving::save(&kept, old, Mode::Public, Overwrite::Never))
                .map_err(|error| self.unsaved(&error))?;
        }
        let step = Step::new(What::Keep, self.doing(), shown_path(&kept));
        self.tell(if self.is_dry() { step.because(words::ASKS_FIRST) } else { step });
        Ok(())
    }

    fn left(&mut self, path: &Path) -> Stop {
        self.tell(Step::new(What::Write, State::Left, shown_path(path)).because(words::NOT_OURS));
        Stop
    }

    fn put(&mut self, path: &Path, bytes: &[u8], overwrite: Overwrite) -> Result<(), Stop> {
        if self.is_dry() {
            return Ok(());
        }
        saving::save(path, bytes, Mode::Public, overwrite).map_err(|error| self.unsaved(&error))
    }

    fn look(&mut self, path: &Path) -> Result<There, Stop> {
        let read = files::open(path).map_err(files::Error::Io).and_then(|mut file| file.read());
        match read {
            Ok(bytes) => Ok(There::File(bytes.to_vec(), whose(&bytes))),
            Err(error) if error.is_missing() => Ok(There::Nothing),
            Err(error) => Err(self.failed(What::Look, shown_path(path), error.to_string())),
        }
    }
}
