//! Makes a store: its passphrase, what a guess at it costs, and a place for its recovery code.

use std::path::PathBuf;

use keyfob_keys::Secret;
use keyfob_keystore::{Cost, Made, RecoveryCode, Store, Unlocked};
use keyfob_prompt::terminal;
use zeroize::Zeroizing;

use super::{Place, failed};
use crate::asking::{self, Asker};
use crate::exit::Exit;
use crate::output;
use crate::saving::{self, Mode, Overwrite};
use crate::voice::{key_files, storing as words};

/// Where a new recovery code is shown, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CodePlace {
    /// On the terminal, wherever standard output goes: it must not end up in a log.
    Terminal,
    /// In a file, for its owner alone.
    File(PathBuf),
    /// On standard output, because somebody said so.
    Stdout,
    /// In the JSON of the command.
    Json,
}

/// What a store is made with.
pub(crate) struct Making<'a> {
    pub(crate) place: &'a Place,
    /// `None` for what suits this machine.
    pub(crate) cost: Option<Cost>,
    pub(crate) code: &'a CodePlace,
}

impl CodePlace {
    /// As the flag says it: a file, `-` for standard output.
    pub(crate) fn of_flag(file: Option<PathBuf>, json: bool) -> Self {
        match file {
            None => Self::Terminal,
            Some(path) if path.as_os_str() != "-" => Self::File(path),
            Some(_) if json => Self::Json,
            Some(_) => Self::Stdout,
        }
    }

    /// Whether a code can go there: found out before there is one that could be lost.
    pub(crate) fn check(&self) -> Result<(), Exit> {
        match self {
            Self::Terminal if !terminal::is_there() => {
                words::no_place_for_code();
                Err(Exit::Failure)
            }
            Self::File(path) => match saving::is_taken(path) {
                Ok(false) => Ok(()),
                Ok(true) => {
                    words::code_file_exists(path);
                    Err(Exit::Failure)
                }
                Err(error) => {
                    key_files::unsaved(&error);
                    Err(Exit::Failure)
                }
            },
            _ => Ok(()),
        }
    }

    /// Shows it, or writes it. A code that gets nowhere is no reason to end the command: the
    /// store is there, and another code can be made.
    pub(crate) fn show(&self, code: &RecoveryCode) -> Exit {
        let text = code.to_text();
        match self {
            Self::Json => Exit::Success,
            Self::Stdout => {
                output::data_line(text.as_bytes());
                Exit::Success
            }
            Self::Terminal => {
                let shown = Zeroizing::new(words::code_on_terminal(&text));
                match terminal::send(shown.as_bytes()) {
                    Ok(()) => Exit::Success,
                    Err(error) => {
                        words::code_lost(&error.to_string());
                        Exit::Failure
                    }
                }
            }
            Self::File(path) => {
                let line = Zeroizing::new([text.as_bytes(), b"\n"].concat());
                match saving::save(path, &line, Mode::Private, Overwrite::Never) {
                    Ok(()) => {
                        words::code_written(path);
                        Exit::Success
                    }
                    Err(error) => {
                        words::code_lost(&error.to_string());
                        Exit::Failure
                    }
                }
            }
        }
    }
}

impl Making<'_> {
    /// Makes it and shows the code. The passphrase is asked for, twice, unless it is given.
    pub(crate) fn run(&self, asker: &Asker, given: Option<Secret>) -> Result<Unlocked, Exit> {
        let (made, _) = self.make(asker, given)?;
        match self.code.show(&made.code) {
            Exit::Success => Ok(made.store),
            exit => Err(exit),
        }
    }

    /// Makes it. With it comes its passphrase.
    pub(crate) fn make(
        &self,
        asker: &Asker,
        given: Option<Secret>,
    ) -> Result<(Made, Secret), Exit> {
        self.code.check()?;
        let passphrase = match given {
            Some(passphrase) => passphrase,
            None => new_passphrase(asker)?,
        };
        let cost = cost(self.cost)?;
        let Place { folder, states } = self.place;
        let progress = words::deriving();
        let made = Store::create(folder, states, &passphrase, cost);
        drop(progress);
        let made = made.map_err(|error| failed(&error))?;
        words::made(folder, cost);
        Ok((made, passphrase))
    }
}

/// A new passphrase for a store, asked for twice.
pub(crate) fn new_passphrase(asker: &Asker) -> Result<Secret, Exit> {
    if !asker.is_somebody_there() {
        words::nobody_for_new_passphrase();
        return Err(Exit::Failure);
    }
    let answer = asking::new_passphrase(asker, words::NEW_PASSPHRASE, "The same again: ");
    match answer {
        Ok(Some(passphrase)) => Ok(passphrase),
        Ok(None) | Err(_) => Err(Exit::Failure),
    }
}

/// The wished cost, or what suits this machine.
pub(crate) fn cost(wished: Option<Cost>) -> Result<Cost, Exit> {
    match wished {
        Some(cost) => Ok(cost),
        None => {
            let progress = words::deriving();
            let cost = Cost::calibrated();
            drop(progress);
            cost.map_err(|error| failed(&error))
        }
    }
}
