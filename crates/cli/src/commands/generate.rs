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
mod plan;
pub(crate) mod profile;
mod search;
pub(crate) mod storing;
pub(crate) mod wish;
mod writing;

use std::ffi::OsString;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::PrivateForm;
use keyfob_keys::generate::Kind;
use keyfob_keys::{HashKind, PrivateKey, PublicKey, Secret};
use keyfob_sys::os_text::OsStringExt as _;
use keyfob_sys::{hardening, user};

use crate::exit::Exit;
use crate::output;
use crate::saving::{self, Mode, New};
use crate::voice::Voice;
use crate::voice::generating::{Failure, Made};
use handing::Agent;
use place::Paths;
use plan::Plan;

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
        self.rehearse(&plan).map_err(|failure| self.failed(&plan, &failure))?;
        let key = self.search(&plan)?;
        self.save(&plan, &key)?;
        self.tell(&plan, key.public());
        match agent {
            Some(agent) => agent.take(environment, key, &plan, self.quiet || self.json),
            None => Ok(()),
        }
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

    /// Saves all files, or none.
    fn save(&self, plan: &Plan, key: &PrivateKey) -> Result<(), Exit> {
        let Plan { paths, .. } = plan;
        let written = self.written(plan, key).map_err(|it| self.failed(plan, &it))?;
        let mut others =
            vec![New { path: &paths.public, bytes: &written.line, mode: Mode::Public }];
        if let (Some(path), Some(bytes)) = (&paths.rfc4716, &written.rfc4716) {
            others.push(New { path, bytes, mode: Mode::Public });
        }
        if self.voice == Voice::Keyfob && !paths.folder().exists() {
            self.make_folder(paths)?;
        }
        let private = New { path: &paths.private, bytes: &written.private, mode: Mode::Private };
        let saved = saving::save_pair(private, &others, plan.overwrite);
        saved.map_err(|error| self.failed(plan, &Failure::Save(error)))
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
            form: self.form,
            handed_over: self.add.is_some(),
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
            // What it calls fatal, though here the private half is not there either.
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
