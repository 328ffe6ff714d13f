//! The first-run walk: finds keys, makes the key store, takes the keys in or makes one, has the agent
//! start by itself, and logs in somewhere to see that it works.
//!
//! It does what `init`, `import`, `add --link`, `generate` and `install` do, by their own functions;
//! here it is only decided which of them, and in which order. Each step says what it is about to do
//! and asks, unless a flag has answered; each is whole when the next one begins, and a second walk
//! finds what the first one did.

mod agent;
mod answers;
mod ground;
mod keys;
mod login;
mod opening;
mod report;
mod start_up;

use std::ffi::OsString;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::Limits;
use keyfob_keystore::Cost;
use keyfob_sys::hardening;

use super::env::calling_shell;
use super::install::{Manner, SHELLS_NEED_A_LINE, StartShell, State};
use crate::exit::Exit;
use crate::finding;
use crate::key_store::{self, CodePlace};
use crate::output;
use crate::passphrases::Source;
use crate::voice::{moving_in, setting_up as words};
pub(crate) use ground::{FoundKey, Ground};
pub(crate) use login::Login;
use opening::Opening;
pub(crate) use report::{KeyReport, Origin};
use report::{Part, Report};

/// What is wanted. What is left open is asked.
pub(crate) struct Setup {
    /// How it is done.
    pub(crate) manner: Manner,
    /// Files and folders with keys; none for what `ssh` is configured with.
    pub(crate) paths: Vec<PathBuf>,
    /// About the key store.
    pub(crate) store: StoreWish,
    /// About the keys.
    pub(crate) keys: KeysWish,
    /// About the start at login.
    pub(crate) start_up: StartUpWish,
    /// Where to log in; `Some(None)` for nowhere.
    pub(crate) host: Option<Option<OsString>>,
}

/// What is wanted of the key store.
pub(crate) struct StoreWish {
    /// Whether there is to be one.
    pub(crate) make: Option<bool>,
    /// Where its passphrase comes from.
    pub(crate) passphrase: Source,
    /// What a guess at it costs; `None` for what suits this machine.
    pub(crate) cost: Option<Cost>,
    /// Where the recovery code goes.
    pub(crate) code: CodePlace,
}

/// What is wanted of the keys.
pub(crate) struct KeysWish {
    /// What becomes of those that are found.
    pub(crate) taking: Option<Taking>,
    /// Whether one is made where none is found.
    pub(crate) generate: Option<bool>,
    /// Where the passphrases of key files come from.
    pub(crate) passphrase: Source,
    /// How much work a file may make.
    pub(crate) limits: Limits,
}

/// What becomes of keys that are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    /// The store gets the keys.
    Import,
    /// The store remembers the files, and their passphrases.
    Link,
    /// Nothing.
    Leave,
}

/// What is wanted of the start at login.
pub(crate) struct StartUpWish {
    /// Whether the agent is to start by itself.
    pub(crate) install: Option<bool>,
    /// Whether a start file gets a line, of the login shell where none is named.
    pub(crate) shell: Option<Option<StartShell>>,
}

/// The walk under way.
struct Walk<'a> {
    setup: &'a Setup,
    environment: &'a Environment,
    ground: Ground,
    opening: Opening,
    report: Report,
}

impl Setup {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        // Passphrases and keys are about to pass through this process.
        let _ = hardening::protect_process();
        self.walk(environment).unwrap_or_else(|exit| exit)
    }

    fn walk(&self, environment: &Environment) -> Result<Exit, Exit> {
        let opening = Opening::of(environment, &self.store.passphrase)?;
        let ground = Ground::look(&self.paths, &opening)?;
        // Somebody has keys there, and would not want another one for it.
        if ground.is_named && ground.keys.is_empty() && self.keys.generate.is_none() {
            words::none_there(&self.paths);
            return Err(Exit::Failure);
        }
        let report = Report::new(self.manner.dry_run);
        let mut walk = Walk { setup: self, environment, ground, opening, report };
        let plan = walk.start_up_plan();
        walk.ensure_answered(&plan)?;
        walk.tell_keys();
        walk.make_store();
        walk.take_keys();
        walk.start_up(plan);
        walk.log_in();
        Ok(walk.end())
    }
}

impl Walk<'_> {
    fn is_dry(&self) -> bool {
        self.setup.manner.dry_run
    }

    fn tell_keys(&self) {
        output::heading(words::KEYS);
        words::found(&self.ground);
    }

    /// Whether the keys can go to a store.
    fn may_use_store(&self) -> bool {
        self.setup.store.make != Some(false)
            && (self.opening.is_there() || self.report.store.part.state == State::Would)
    }

    fn make_store(&mut self) {
        output::heading(words::STORE);
        let wish = &self.setup.store;
        let folder = self.opening.folder().to_owned();
        self.report.store.folder = Some(folder.clone());
        let part = match self.opening.there() {
            Err(error) => {
                let why = error.to_string();
                key_store::failed(error);
                Part::because(State::Failed, why)
            }
            Ok(true) => {
                words::store_is_there(&self.ground);
                Part::new(State::Already)
            }
            Ok(false) if self.is_dry() && wish.make != Some(false) => {
                self.would(&words::would_make(&self.ground, self.asks_first(wish.make)));
                Part::new(State::Would)
            }
            Ok(false) => {
                words::about_store();
                match self.agree(wish.make, &words::make_question(&self.ground)) {
                    true => self.made(),
                    false => self.left(words::NOT_WANTED),
                }
            }
        };
        self.report.store.part = part;
    }

    fn made(&mut self) -> Part {
        let wish = &self.setup.store;
        match self.opening.make(wish.cost, &wish.code) {
            Ok(code) => {
                let shown = wish.code.show(&code);
                match &wish.code {
                    CodePlace::Json => self.report.store.recovery_code = Some(code.to_text()),
                    CodePlace::File(path) => self.report.store.recovery_file = Some(path.clone()),
                    CodePlace::Terminal | CodePlace::Stdout => {}
                }
                let state = if shown == Exit::Success { State::Done } else { State::Failed };
                Part::new(state)
            }
            Err(_) => Part::because(State::Failed, words::NOT_MADE),
        }
    }

    /// A line of a dry run: what a person came for, and beside the JSON no more than a word.
    fn would(&self, line: &str) {
        if self.setup.manner.json { output::note(line) } else { output::data_line(line) }
    }

    fn left(&self, why: &str) -> Part {
        words::left(why);
        Part::because(State::Left, why)
    }

    /// Where the start at login is in place, and this login began before that.
    fn hint_to_this_shell(&mut self) {
        let starts = SHELLS_NEED_A_LINE
            && matches!(self.report.start_up.part.state, State::Done | State::Already);
        let own = finding::own_socket(self.environment).ok();
        let line = calling_shell(self.environment).take_over(b"keyfob");
        let text = String::from_utf8_lossy(&line).into_owned();
        let is_told = self.report.hints.iter().any(|hint| hint.starts_with(&text));
        if starts && !is_told && self.environment.auth_sock() != own {
            let hint = match super::install::has_line(self.environment) {
                true => words::this_shell(&line),
                false => moving_in::this_shell(&line),
            };
            self.report.hint(hint);
        }
    }

    /// What to do next, and how it all went.
    fn end(mut self) -> Exit {
        self.hint_to_this_shell();
        let report = &mut self.report;
        words::next(&report.public_keys(), &self.ground).into_iter().for_each(|it| report.hint(it));
        let exit = report.exit();
        if self.setup.manner.json {
            output::data(&report.json());
        } else {
            output::heading(words::NEXT);
            words::public_keys(&report.public_keys());
            words::hints(&report.hints);
        }
        exit
    }
}
