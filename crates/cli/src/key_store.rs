//! The key store of this user: found, made when it is first needed, unlocked.
//!
//! Who writes to the store is always this process, which asks for the store's passphrase itself,
//! once for a command. The agent has no part in it: to reach its socket is not enough to change a
//! rule or to take a key out.

mod making;
mod naming;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use keyfob_config::directories::Directories;
use keyfob_config::env::Environment;
use keyfob_keyfile::PrivateFile;
use keyfob_keys::{PublicKey, Secret};
use keyfob_keystore::limits::MAX_COMMENT;
use keyfob_keystore::{
    Cost, Error, Finding, Item, Made, Name, RecoveryCode, Store, Trust, Unlocked,
};
use keyfob_prompt::terminal;
use keyfob_sys::user;

use crate::asking::Asker;
use crate::exit::Exit;
use crate::passphrases::{Source, first_line_of};
use crate::voice::Voice;
use crate::voice::{key_files, storing as words, upkeep};
use crate::{files, public_file};

use making::Making;
pub(crate) use making::{CodePlace, cost, new_passphrase};
pub(crate) use naming::Names;

/// How often a wrong passphrase is asked for again.
const TRIES: usize = 3;

/// Where the store and this machine's memory of it are.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) states: PathBuf,
}

/// The store, and how its passphrase is come by.
pub(crate) struct KeyStore {
    pub(crate) place: Place,
    pub(crate) asker: Asker,
    source: Source,
}

/// What opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opener {
    /// The passphrase, from where the command was told.
    Passphrase,
    /// The recovery code, from here.
    Code(Source),
}

impl Place {
    /// Of this user; says why there is none.
    pub(crate) fn of(environment: &Environment) -> Result<Self, Exit> {
        let directories =
            Directories::new(environment, user::effective_uid()).map_err(|error| {
                words::no_home(error);
                Exit::Failure
            })?;
        let states = directories.stores_state();
        Ok(Self { folder: directories.store, states })
    }

    /// The store, locked.
    pub(crate) fn find(&self) -> Result<Store, Error> {
        Store::open(&self.folder, &self.states)
    }
}

/// Whether this user has a store at all. What is wrong with it is not asked here.
pub(crate) fn is_there(environment: &Environment) -> bool {
    let directories = Directories::new(environment, user::effective_uid());
    directories.is_ok_and(|directories| directories.store.is_dir())
}

/// Whether a question would be seen, wherever standard input comes from.
fn is_somebody_at_a_terminal() -> bool {
    terminal::is_there()
}

impl KeyStore {
    /// The store of this user; `source` is where its passphrase comes from.
    pub(crate) fn of(environment: &Environment, source: &Source) -> Result<Self, Exit> {
        Ok(Self {
            place: Place::of(environment)?,
            asker: Asker::new(environment, Voice::Keyfob).insisting(),
            source: source.clone(),
        })
    }

    /// The store, locked; says why not.
    pub(crate) fn locked(&self) -> Result<Store, Exit> {
        self.place.find().map_err(|error| failed(&error))
    }

    /// The store, unlocked: by the login of this account where that was wished, else with its passphrase;
    /// says why not.
    pub(crate) fn unlock(&self) -> Result<Unlocked, Exit> {
        let store = match self.by_account()? {
            Some(store) => store,
            None => self.unlock_by(&Opener::Passphrase, Trust::Remembered)?.0,
        };
        note_findings(store.findings());
        Ok(store)
    }

    /// The same with its passphrase, also where the login of this account opens it.
    pub(crate) fn unlock_by_passphrase(&self) -> Result<Unlocked, Exit> {
        let (store, _) = self.unlock_by(&Opener::Passphrase, Trust::Remembered)?;
        note_findings(store.findings());
        Ok(store)
    }

    /// The store as the login of this account opens it, if that was wished. What keeps it from doing so
    /// is told, and the passphrase is there.
    fn by_account(&self) -> Result<Option<Unlocked>, Exit> {
        // Who says where the passphrase is has it tried.
        if self.source != Source::Person {
            return Ok(None);
        }
        let store = self.locked()?;
        let opened = store
            .account_key()
            .and_then(|key| key.map(|key| store.unlock(&key, Trust::Remembered)).transpose());
        match opened {
            Err(error @ (Error::OtherRoot | Error::RolledBack)) => Err(failed(&error)),
            Err(error) => {
                upkeep::account_failed(&error);
                Ok(None)
            }
            Ok(opened) => Ok(opened),
        }
    }

    /// A new store, with its passphrase: from where the command was told, twice of a person.
    pub(crate) fn make(
        &self,
        cost: Option<Cost>,
        code: &CodePlace,
    ) -> Result<(Made, Secret), Exit> {
        let given = match &self.source {
            Source::Person => None,
            Source::File(path) => Some(first_line_of(path).map_err(|error| {
                key_files::no_passphrase_in(path, &error);
                Exit::Failure
            })?),
        };
        Making { place: &self.place, cost, code }.make(&self.asker, given)
    }

    /// The store, unlocked, where there may be none yet: then a person is offered to make one.
    pub(crate) fn unlock_or_make(&self) -> Result<Unlocked, Exit> {
        match self.place.find() {
            Err(Error::NoStore(_)) if self.source == Source::Person && self.may_make()? => {
                let code = CodePlace::Terminal;
                Making { place: &self.place, cost: None, code: &code }.run(&self.asker, None)
            }
            _ => self.unlock(),
        }
    }

    /// With the passphrase that opened it, if one did.
    pub(crate) fn unlock_by(
        &self,
        opener: &Opener,
        trust: Trust,
    ) -> Result<(Unlocked, Option<Secret>), Exit> {
        let store = self.locked()?;
        match opener {
            Opener::Code(source) => {
                self.with_code(source, |code| store.unlock(code, trust)).map(|it| (it, None))
            }
            Opener::Passphrase => self
                .with_passphrase(|answer| store.unlock(answer, trust))
                .map(|(store, passphrase)| (store, Some(passphrase))),
        }
    }

    /// Finds out whether there is a store, or somebody to make one: before anybody types the
    /// passphrase of a key for nothing.
    pub(crate) fn ensure_possible(&self) -> Result<(), Exit> {
        match self.place.find() {
            Ok(_) => Ok(()),
            Err(Error::NoStore(_))
                if self.source == Source::Person && is_somebody_at_a_terminal() =>
            {
                Ok(())
            }
            Err(error) => Err(failed(&error)),
        }
    }

    fn may_make(&self) -> Result<bool, Exit> {
        if !is_somebody_at_a_terminal() {
            return Ok(false);
        }
        match terminal::confirm(&words::make_question(&self.place.folder)) {
            Ok(true) => Ok(true),
            // The fact that there is none is all there is to say.
            Ok(false) | Err(_) => Ok(false),
        }
    }

    /// Opens something with the passphrase of the store: that of a file, or of a person, who is
    /// asked until the answer is right, as often as that is worth it.
    pub(crate) fn with_passphrase<T>(
        &self,
        attempt: impl Fn(&Secret) -> Result<T, Error>,
    ) -> Result<(T, Secret), Exit> {
        if let Source::File(path) = &self.source {
            let passphrase = first_line_of(path).map_err(|error| {
                key_files::no_passphrase_in(path, &error);
                Exit::Failure
            })?;
            return match attempt(&passphrase) {
                Ok(opened) => Ok((opened, passphrase)),
                Err(error) => Err(failed(&error)),
            };
        }
        for left in (0..TRIES).rev() {
            let question = words::passphrase_question(left + 1 < TRIES);
            let Some(answer) = self.asker.passphrase(question) else {
                words::no_passphrase();
                return Err(Exit::Failure);
            };
            match attempt(&answer) {
                Ok(opened) => return Ok((opened, answer)),
                Err(Error::WrongPassphrase) if left > 0 => {}
                Err(error) => return Err(failed(&error)),
            }
        }
        Err(Exit::Failure)
    }

    /// The same with the recovery code. Only a typing error is worth another try.
    pub(crate) fn with_code<T>(
        &self,
        source: &Source,
        open: impl Fn(&RecoveryCode) -> Result<T, Error>,
    ) -> Result<T, Exit> {
        let attempt = |text: &Secret| match RecoveryCode::parse(text) {
            Ok(code) => open(&code).map_err(Refused::Store),
            Err(error) => Err(Refused::Code(error)),
        };
        if let Source::File(path) = source {
            let text = first_line_of(path).map_err(|error| {
                key_files::no_passphrase_in(path, &error);
                Exit::Failure
            })?;
            return attempt(&text).map_err(|error| error.told());
        }
        for left in (0..TRIES).rev() {
            let Some(text) = self.asker.passphrase(words::CODE_QUESTION) else {
                words::no_code();
                return Err(Exit::Failure);
            };
            match attempt(&text) {
                Ok(opened) => return Ok(opened),
                Err(Refused::Code(error)) if left > 0 => words::code_mistyped(error),
                Err(error) => return Err(error.told()),
            }
        }
        Err(Exit::Failure)
    }
}

/// Why a recovery code opened nothing.
enum Refused {
    Code(keyfob_keystore::CodeError),
    Store(Error),
}

impl Refused {
    fn told(&self) -> Exit {
        match self {
            Self::Code(error) => words::code_mistyped(*error),
            Self::Store(error) => words::failed(error),
        }
        Exit::Failure
    }
}

/// Says what is wrong with the store.
pub(crate) fn failed(error: &Error) -> Exit {
    words::failed(error);
    Exit::Failure
}

/// Asks whether to go on, unless that was said; a no is told.
pub(crate) fn confirm(yes: bool, question: &str) -> Result<(), Exit> {
    if yes {
        return Ok(());
    }
    if !is_somebody_at_a_terminal() {
        words::nobody_to_confirm();
        return Err(Exit::Failure);
    }
    match terminal::confirm(question) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => {
            words::nothing_done();
            Err(Exit::Failure)
        }
    }
}

/// Says that there are findings, once for a command.
pub(crate) fn note_findings(findings: &[Finding]) {
    if !findings.is_empty() {
        words::findings(findings.len());
    }
}

/// The public keys of a store, and their names.
pub(crate) fn public_keys(store: &Unlocked) -> Vec<(PublicKey, Name)> {
    let items = store.items().into_iter();
    items.filter_map(|item| Some((item.facts.public?, item.name))).collect()
}

/// The comment of a key: its file's, or that of the public half beside it, or none.
pub(crate) fn comment_of(file: &PrivateFile, path: Option<&Path>) -> Vec<u8> {
    let mut comment = file.comment.clone();
    if let (true, Some(path)) = (comment.is_empty(), path)
        && let Ok((public, Some(beside))) = public_file::load(&files::beside(path, ".pub"))
        && public.plain() == file.key.public().plain()
    {
        comment = beside;
    }
    // The tools end a comment at a NUL, and agents refuse one inside.
    let end = comment.iter().position(|byte| *byte == 0).unwrap_or(comment.len());
    comment.truncate(end.min(MAX_COMMENT));
    comment
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The item of a name that was typed; says why there is none.
pub(crate) fn named(store: &Unlocked, text: &str) -> Result<Item, Exit> {
    let name = Name::new(text).map_err(|error| failed(&error.into()))?;
    store.item(&name).map_err(|error| failed(&error))
}
