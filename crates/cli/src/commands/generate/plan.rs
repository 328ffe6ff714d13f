//! Everything that is asked and checked before there is a key: type, place, what is in the way,
//! comment, passphrase.

use std::ffi::OsString;
use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_keys::generate::Kind;
use keyfob_protocol::limits::MAX_COMMENT;
use keyfob_sys::os_text::OsStringExt as _;
use secrecy::ExposeSecret as _;

use super::place::{self, Paths};
use super::{Generate, NewPassphrase, Place, Wanted, conversation, kind, usual_comment};
use crate::asking::{self, Asker};
use crate::exit::Exit;
use crate::passphrases::first_line_of;
use crate::public_file;
use crate::saving::Overwrite;
use crate::strength::Guessing;
use crate::voice::Voice;
use crate::voice::generating::Question;
use crate::voice::rewriting::long_comment;

/// What is left to do when every question is answered.
pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) paths: Paths,
    pub(super) overwrite: Overwrite,
    pub(super) comment: Vec<u8>,
    pub(super) passphrase: Option<Secret>,
}

impl Generate {
    /// Asks and checks everything that can be asked and checked before there is a key.
    pub(super) fn plan(&mut self, environment: &Environment) -> Result<Plan, Exit> {
        self.check_comment()?;
        let asker = self.asker(environment)?;
        let conversation = self.conversation && conversation::is_possible();
        if conversation {
            conversation::choose_type(self).map_err(|error| self.unanswered(&error))?;
        }
        let wanted = self.wanted.clone().unwrap_or_else(|| Wanted::new(Kind::Ed25519));
        self.check_form(wanted.kind)?;
        if !self.quiet {
            self.voice.generating(&wanted.called);
        }
        if conversation {
            conversation::choose_place(self, wanted.kind).map_err(|it| self.unanswered(&it))?;
        }
        let paths = self.paths(wanted.kind)?;
        let overwrite = self.may_overwrite(&paths)?;
        let usual = usual_comment();
        if conversation {
            conversation::choose_comment(self, &usual).map_err(|it| self.unanswered(&it))?;
        }
        let comment = self.comment.take().unwrap_or(usual);
        let passphrase = self.passphrase(&asker, &paths.private)?;
        Ok(Plan { kind: wanted.kind, paths, overwrite, comment, passphrase })
    }

    /// A longer one would keep the key out of the agent; `ssh-keygen` takes any.
    fn check_comment(&self) -> Result<(), Exit> {
        let long = self.comment.as_ref().is_some_and(|comment| comment.len() > MAX_COMMENT);
        if long && self.voice == Voice::Keyfob {
            long_comment(MAX_COMMENT);
            return Err(Exit::Failure);
        }
        Ok(())
    }

    /// Who is asked for a passphrase. Nobody being there is found out first.
    fn asker(&self, environment: &Environment) -> Result<Asker, Exit> {
        let asker = Asker::new(environment, self.voice).against(Guessing::at(self.form));
        let asks = self.voice == Voice::Keyfob && matches!(self.passphrase, NewPassphrase::Ask);
        if asks && !asker.is_somebody_there() {
            self.voice.nobody_for_passphrase();
            return Err(Exit::Failure);
        }
        Ok(asker)
    }

    fn check_form(&self, kind: Kind) -> Result<(), Exit> {
        // `ssh-keygen` writes what it can, and does not care for flags that mean nothing.
        if self.voice == Voice::OpenSsh {
            return Ok(());
        }
        if let Some(why) = kind::no_room(kind, self.form) {
            self.voice.no_such_form(kind, why);
            return Err(Exit::Failure);
        }
        if let Some(why) = kind::no_choice(self.form, self.cipher.as_deref(), self.rounds) {
            self.voice.no_such_choice(why);
            return Err(Exit::Failure);
        }
        Ok(())
    }

    fn paths(&self, kind: Kind) -> Result<Paths, Exit> {
        let failed = |error: place::Error| {
            self.voice.no_such_place(&error);
            Exit::Failure
        };
        let path = match (self.voice, &self.place) {
            (Voice::OpenSsh, Place::Usual) => {
                let usual = Place::Usual.path(kind).map_err(failed)?;
                self.voice.asks_for_file(&usual);
                let answer = keyfob_prompt::terminal::read_line_from_stdin();
                let answer = answer.map_err(|_| Exit::Failure)?;
                if answer.is_empty() { usual } else { OsString::from_vec(answer).into() }
            }
            (Voice::OpenSsh, Place::At(path)) => path.clone(),
            (_, place) => place.path(kind).map_err(failed)?,
        };
        let paths = Paths::of(path, self.rfc4716);
        if self.voice == Voice::OpenSsh {
            // It makes this folder and no other.
            let folder = paths.folder();
            if place::ssh_folder().is_ok_and(|ssh| ssh == folder) && !folder.exists() {
                self.make_folder(&paths)?;
            }
        }
        Ok(paths)
    }

    /// Whether what is there is replaced, asked if nobody said it.
    fn may_overwrite(&self, paths: &Paths) -> Result<Overwrite, Exit> {
        if self.voice == Voice::OpenSsh {
            return self.may_overwrite_as_openssh(&paths.private);
        }
        let taken = paths.taken().map_err(|error| {
            self.voice.no_such_place(&error);
            Exit::Failure
        })?;
        let Some(first) = taken.first().filter(|_| !self.overwrite) else {
            // Only what was there when it was asked: a file that came meanwhile stays.
            return Ok(if taken.is_empty() { Overwrite::Never } else { Overwrite::Replace });
        };
        if !conversation::is_possible() {
            self.voice.not_replaced(first);
            return Err(Exit::Failure);
        }
        for path in &taken {
            let key = public_file::load(path).ok();
            self.voice.in_the_way(path, key.as_ref().map(|(key, _)| key));
        }
        match conversation::may_replace(&Question::Replace) {
            Ok(true) => Ok(Overwrite::Replace),
            Ok(false) => {
                self.voice.kept();
                Err(Exit::Failure)
            }
            Err(error) => Err(self.unanswered(&error)),
        }
    }

    /// It asks about the private half alone, and on standard input.
    fn may_overwrite_as_openssh(&self, path: &Path) -> Result<Overwrite, Exit> {
        if path.exists() && !self.overwrite {
            self.voice.asks_to_overwrite(path);
            let answer = keyfob_prompt::terminal::read_line_from_stdin().unwrap_or_default();
            if !matches!(answer.first(), Some(b'y' | b'Y')) {
                return Err(Exit::Failure);
            }
        }
        Ok(Overwrite::Replace)
    }

    fn passphrase(&mut self, asker: &Asker, path: &Path) -> Result<Option<Secret>, Exit> {
        let passphrase = match std::mem::replace(&mut self.passphrase, NewPassphrase::None) {
            NewPassphrase::None => None,
            NewPassphrase::Given(secret) => Some(secret),
            NewPassphrase::File(file) => {
                let read = first_line_of(&file);
                Some(read.map_err(|error| {
                    self.voice.no_passphrase_file(&file, &error);
                    Exit::Failure
                })?)
            }
            NewPassphrase::Ask => {
                let (first, second) = self.voice.passphrase_questions(path);
                asking::new_passphrase(asker, &first, &second).map_err(|_| Exit::Failure)?
            }
        };
        Ok(passphrase.filter(|passphrase| !passphrase.expose_secret().is_empty()))
    }
}
