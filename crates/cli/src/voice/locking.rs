//! Words about locking and unlocking.

use keyfob_protocol::StoreReply;
use keyfob_protocol::store::Outcome;

use super::{Voice, key_error};
use crate::connection;
use crate::files;
use crate::output::{fact, hint, log_line, note};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Lock.
    Lock,
    /// Unlock.
    Unlock,
}

impl Voice {
    /// What the first question says.
    pub(crate) fn lock_question(self, turn: Turn) -> &'static str {
        match (self, turn) {
            (Self::OpenSsh, _) => "Enter lock password: ",
            (Self::Keyfob, Turn::Lock) => "New passphrase to lock the agent: ",
            (Self::Keyfob, Turn::Unlock) => "Passphrase to unlock the agent: ",
        }
    }

    /// The two answers differ.
    pub(crate) fn lock_mismatch(self) {
        match self {
            Self::OpenSsh => note("Passwords do not match."),
            Self::Keyfob => fact("the two passphrases differ; the agent is not locked"),
        }
    }

    /// There is nothing to do.
    pub(crate) fn locked_already(self, turn: Turn) {
        match turn {
            Turn::Lock => {
                fact("the agent is locked already");
                hint("keyfob unlock   brings the keys back");
            }
            Turn::Unlock => fact("the agent is not locked"),
        }
    }

    /// Nobody answered.
    pub(crate) fn lock_given_up(self) {
        if self == Self::Keyfob {
            fact("no passphrase was given");
        }
    }

    /// What the agent did.
    pub(crate) fn lock_result(self, turn: Turn, result: &Result<(), connection::Error>) {
        match (self, turn, result) {
            (Self::OpenSsh, Turn::Lock, Ok(())) => note("Agent locked."),
            (Self::OpenSsh, Turn::Unlock, Ok(())) => note("Agent unlocked."),
            (Self::OpenSsh, turn, Err(error)) => {
                let verb = if turn == Turn::Lock { "lock" } else { "unlock" };
                note(format!("Failed to {verb} agent: {}", key_error::of_agent(error)));
            }
            (Self::Keyfob, Turn::Lock, Ok(())) => {
                note("The agent is locked: no key can be listed or used until `keyfob unlock`.");
            }
            (Self::Keyfob, Turn::Unlock, Ok(())) => note("The agent is unlocked."),
            (Self::Keyfob, Turn::Lock, Err(error)) => {
                fact(format!("the agent could not be locked: {error}"));
                hint("it may be locked already, and an empty passphrase is not accepted");
            }
            (Self::Keyfob, Turn::Unlock, Err(error)) => {
                fact(format!("the agent could not be unlocked: {error}"));
                hint("the passphrase may be wrong, or the agent not locked");
            }
        }
    }
}

/// What came of locking or unlocking the key store.
pub(crate) fn store_result(turn: Turn, reply: &StoreReply, was_open: bool) {
    let keys = count(reply.status.keys);
    match (reply.outcome, turn) {
        (Outcome::Done, Turn::Lock) => {
            note(
                "The key store and all keys are locked: the next use asks for the store's passphrase.",
            );
        }
        (Outcome::Done, Turn::Unlock) if was_open => {
            note(format!(
                "The key store is open already: {keys}, those removed from this session too."
            ));
        }
        (Outcome::Done, Turn::Unlock) => note(format!("The key store is open: {keys}.")),
        (Outcome::WrongPassphrase, _) => {
            fact("this is not the passphrase of the key store");
            hint(
                "keyfob passphrase --store --recovery-code   sets a new one with the recovery code",
            );
        }
        (Outcome::NoStore, _) => fact("there is no key store"),
        (Outcome::PassphraseNeeded, _) => {
            fact("the agent has keys that only the passphrase of the key store can lock");
        }
        (_, turn) => {
            let verb = if turn == Turn::Lock { "locked" } else { "unlocked" };
            let reason = super::shown(&reply.reason);
            fact(format!("the key store could not be {verb}: {reason}"));
            hint("keyfob check   tells what is wrong with it");
        }
    }
}

fn count(keys: u32) -> String {
    match keys {
        1 => "1 key can be used".to_owned(),
        many => format!("{many} keys can be used"),
    }
}

impl Voice {
    /// A question could not be put to anybody.
    pub(crate) fn nobody_to_ask(self, error: &keyfob_prompt::Error) {
        match (self, error) {
            (Self::OpenSsh, keyfob_prompt::Error::Askpass { program, source }) => {
                let program = super::shown_path(program);
                log_line(format!("ssh_askpass: exec({program}): {}", files::reason(source)));
            }
            (Self::OpenSsh, _) => {}
            (Self::Keyfob, error) => {
                fact(error.to_string());
                if let Some(advice) = error.hint() {
                    hint(advice);
                }
            }
        }
    }
}
