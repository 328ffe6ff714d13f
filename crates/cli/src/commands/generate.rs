//! Makes a key pair and saves it.
//!
//! What the flags leave open is asked, where there is somebody to ask: everything when nothing
//! was said, else only what has no safe answer of its own (a passphrase, whether to overwrite).
//! All of it is asked before the search begins, and nothing is written before it has ended.

mod conversation;
mod handing;
mod json;
pub(crate) mod kind;
pub(crate) mod place;
pub(crate) mod profile;
mod search;
pub(crate) mod wish;

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{
    PrivateForm, Protection, PublicForm, Randomness, write_private, write_public,
};
use keyfob_keys::generate::Kind;
use keyfob_keys::{HashKind, PrivateKey, PublicKey, Secret};
use keyfob_sys::{hardening, user};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::asking::{self, Asker};
use crate::exit::Exit;
use crate::output;
use crate::public_file;
use crate::saving::{self, Mode, New, Overwrite};
use crate::strength::Guessing;
use crate::voice::Voice;
use crate::voice::generating::{Failure, Made, Question};
use handing::Agent;
use place::Paths;

/// The key to make and what becomes of it.
pub(crate) struct Generate {
    /// Whose words.
    pub(crate) voice: Voice,
    /// What to make; `None` for the usual type, or the one that is chosen in a conversation.
    pub(crate) wanted: Option<Wanted>,
    /// Where the private half goes. The public one goes beside it, with `.pub` behind its name.
    pub(crate) place: Place,
    /// The comment; `None` for `user@host`.
    pub(crate) comment: Option<Vec<u8>>,
    /// The passphrase.
    pub(crate) passphrase: NewPassphrase,
    /// The form of the private half.
    pub(crate) form: PrivateForm,
    /// The cipher of the OpenSSH form; `None` for the usual one.
    pub(crate) cipher: Option<String>,
    /// Rounds of the OpenSSH form's key derivation; `None` for the usual number.
    pub(crate) rounds: Option<u32>,
    /// Whether the public half is written in the form of RFC 4716 too.
    pub(crate) rfc4716: bool,
    /// The hash of the fingerprint that is shown.
    pub(crate) hash: HashKind,
    /// Whether files that are there are replaced without a question.
    pub(crate) overwrite: bool,
    /// Whether success is not worth a word.
    pub(crate) quiet: bool,
    /// Whether the result is told as JSON.
    pub(crate) json: bool,
    /// Whether everything is asked that nobody said, on a terminal.
    pub(crate) conversation: bool,
    /// How the agent gets the key, if it does.
    pub(crate) add: Option<HandOver>,
    /// What to do with the public half, where that is known.
    pub(crate) next: Option<String>,
}

/// A type of key, and how whoever asked for it called it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What to make.
    pub(crate) kind: Kind,
    /// As typed: `ssh-keygen` repeats it.
    pub(crate) called: String,
}

/// Where the private half goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `~/.ssh/id_TYPE`, unless somebody at a terminal says something else.
    Usual,
    /// Of this name: in `~/.ssh` if it is a bare one, else a path.
    Named(OsString),
    /// This path, whatever it looks like.
    At(PathBuf),
}

/// Where the passphrase comes from.
pub(crate) enum NewPassphrase {
    /// A person.
    Ask,
    /// Nowhere: the file is not encrypted.
    None,
    /// It is known. An empty one is none.
    #[allow(dead_code, reason = "for ssh-keygen's -N")]
    Given(Secret),
    /// The first line of this file, `-` for standard input.
    File(PathBuf),
}

/// How the agent keeps a key it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HandOver {
    /// Seconds.
    pub(crate) lifetime: Option<u32>,
    /// Whether a person confirms each use.
    pub(crate) confirm: bool,
}

impl Wanted {
    /// By its own name.
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, called: kind::short_name(kind).to_owned() }
    }
}

/// What is left to do when every question is answered.
struct Plan {
    kind: Kind,
    paths: Paths,
    overwrite: Overwrite,
    comment: Vec<u8>,
    passphrase: Option<Secret>,
}

impl Generate {
    /// Does it.
    pub(crate) fn run(mut self, environment: &Environment) -> Exit {
        // A passphrase and a private key are about to pass through this process.
        let _ = hardening::protect_process();
        match self.work(environment) {
            Ok(()) => Exit::Success,
            Err(exit) => exit,
        }
    }

    fn work(&mut self, environment: &Environment) -> Result<(), Exit> {
        let agent = match self.add {
            Some(terms) => Some(Agent::find(environment, self.voice, terms)?),
            None => None,
        };
        let plan = self.plan(environment)?;
        let key = self.search(&plan)?;
        self.save(&plan, &key)?;
        self.tell(&plan, key.public());
        match agent {
            Some(agent) => agent.take(environment, key, &plan, self.quiet || self.json),
            None => Ok(()),
        }
    }

    /// Asks and checks everything that can be asked and checked before there is a key.
    fn plan(&mut self, environment: &Environment) -> Result<Plan, Exit> {
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

    /// Who is asked for a passphrase. Nobody being there is found out first.
    fn asker(&self, environment: &Environment) -> Result<Asker, Exit> {
        let guessing = match self.form {
            PrivateForm::Pem | PrivateForm::Ppk2 => Guessing::Fast,
            _ => Guessing::Slow,
        };
        let asker = Asker::new(environment, self.voice).against(guessing);
        let asks = self.voice == Voice::Keyfob && matches!(self.passphrase, NewPassphrase::Ask);
        if asks && !asker.is_somebody_there() {
            self.voice.nobody_for_passphrase();
            return Err(Exit::Failure);
        }
        Ok(asker)
    }

    fn check_form(&self, kind: Kind) -> Result<(), Exit> {
        let refused = kind::no_room(kind, self.form)
            .or_else(|| kind::no_choice(self.form, self.cipher.as_deref(), self.rounds));
        // `ssh-keygen` writes what it can, and does not care for flags that mean nothing.
        match refused.filter(|_| self.voice == Voice::Keyfob) {
            Some(why) => {
                self.voice.no_such_form(kind, why);
                Err(Exit::Failure)
            }
            None => Ok(()),
        }
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
                let read = asking::passphrase_file(&file);
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

    fn search(&self, plan: &Plan) -> Result<PrivateKey, Exit> {
        let title = match plan.kind {
            Kind::Rsa { bits } if !self.quiet && self.voice == Voice::Keyfob => {
                Some(self.voice.searching(bits))
            }
            _ => None,
        };
        let searched = search::search(plan.kind, title);
        searched.map_err(|error| self.failed(plan, &Failure::Search(error)))
    }

    /// Writes all files, or none.
    fn save(&self, plan: &Plan, key: &PrivateKey) -> Result<(), Exit> {
        let Plan { paths, comment, .. } = plan;
        let form = |error, public| self.failed(plan, &Failure::Form { error, public });
        let private = self.private_bytes(plan, key).map_err(|error| form(error, false))?;
        let public = |kind| write_public(key.public(), comment, kind);
        let line = public(PublicForm::Line).map_err(|error| form(error, true))?;
        let rfc4716 = match paths.rfc4716 {
            Some(_) => public(PublicForm::Rfc4716).map_err(|error| form(error, true))?,
            None => Vec::new(),
        };
        let mut others = vec![New { path: &paths.public, bytes: &line, mode: Mode::Public }];
        if let Some(path) = &paths.rfc4716 {
            others.push(New { path, bytes: &rfc4716, mode: Mode::Public });
        }
        if self.voice == Voice::Keyfob && !paths.folder().exists() {
            self.make_folder(paths)?;
        }
        let private = New { path: &paths.private, bytes: &private, mode: Mode::Private };
        let saved = saving::save_pair(private, &others, plan.overwrite);
        saved.map_err(|error| self.failed(plan, &Failure::Save(error)))
    }

    fn private_bytes(
        &self,
        plan: &Plan,
        key: &PrivateKey,
    ) -> Result<Zeroizing<Vec<u8>>, keyfob_keyfile::Error> {
        let protection = plan.passphrase.as_ref().map(|passphrase| Protection {
            passphrase,
            cipher: self.cipher.as_deref(),
            rounds: self.rounds,
        });
        let randomness = Randomness::fresh()?;
        write_private(key, &plan.comment, self.form, protection.as_ref(), &randomness)
    }

    fn make_folder(&self, paths: &Paths) -> Result<(), Exit> {
        match paths.make_folder() {
            Ok(()) if self.quiet || self.json => Ok(()),
            Ok(()) => {
                self.voice.folder_made(paths.folder());
                Ok(())
            }
            Err(error) => {
                self.voice.no_such_place(&error);
                Err(Exit::Failure)
            }
        }
    }

    fn tell(&self, plan: &Plan, key: &PublicKey) {
        let made = Made {
            paths: &plan.paths,
            key,
            comment: &plan.comment,
            encrypted: plan.passphrase.is_some(),
            hash: self.hash,
            next: self.next.as_deref(),
        };
        if self.json {
            output::data(&json::made(&made));
        } else if !self.quiet {
            self.voice.made(&made);
        }
    }

    fn failed(&self, plan: &Plan, failure: &Failure) -> Exit {
        self.voice.not_made(&plan.paths, failure);
        match (self.voice, failure) {
            // What it calls fatal: the private half is there, the public one is not.
            (Voice::OpenSsh, Failure::Save(error)) if error.path != plan.paths.private => {
                Exit::Fatal
            }
            _ => Exit::Failure,
        }
    }

    fn unanswered(&self, error: &keyfob_prompt::Error) -> Exit {
        self.voice.unanswered(error);
        Exit::Failure
    }
}

/// `user@host`, of the real user.
pub(crate) fn usual_comment() -> Vec<u8> {
    let mut comment = user::name().unwrap_or_default().into_vec();
    comment.push(b'@');
    comment.extend(user::host_name().into_vec());
    comment
}
