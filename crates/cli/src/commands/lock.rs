//! Locks and unlocks: the key store, and the agent with it; or, where there is no store, the agent
//! with a passphrase of its own, as `ssh-add -x` does.
//!
//! What locking means for the keys is the agent's part.

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_protocol::store::Outcome;
use keyfob_protocol::{StoreReply, StoreRequest};
use keyfob_sys::hardening;
use secrecy::ExposeSecret as _;

use crate::asking::Asker;
use crate::connection::{self, Connection};
use crate::exit::Exit;
use crate::finding;
use crate::passphrases::{Source, first_line_of};
use crate::voice::Voice;
use crate::voice::key_files;
use crate::voice::locking::{self as words, Turn};

/// How often a wrong passphrase is asked for again.
const TRIES: usize = 3;

/// Which of the two is to be done.
#[derive(Debug, Clone)]
pub(crate) struct Lock {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Lock or unlock.
    pub(crate) turn: Turn,
    /// Where the passphrase of the store comes from.
    pub(crate) source: Source,
}

impl Lock {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        // A passphrase is about to pass through this process.
        let _ = hardening::protect_process();
        let mut connection = match finding::connect(environment, self.voice) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        let asker = Asker::new(environment, self.voice);
        if self.voice == Voice::OpenSsh {
            return self.by_passphrase(&mut connection, &asker);
        }
        let is_locked = connection.is_locked() == Some(true);
        match self.turn {
            // Nobody should type a passphrase for nothing.
            Turn::Lock if is_locked => {
                self.voice.locked_already(self.turn);
                Exit::Failure
            }
            Turn::Unlock if is_locked => self.by_passphrase(&mut connection, &asker),
            turn => match self.by_store(&mut connection, &asker) {
                Ok(Some(exit)) => exit,
                Ok(None) if turn == Turn::Lock => self.by_passphrase(&mut connection, &asker),
                Ok(None) => {
                    self.voice.locked_already(turn);
                    Exit::Failure
                }
                Err(error) => {
                    self.voice.lock_result(turn, &Err(error));
                    Exit::Failure
                }
            },
        }
    }

    /// `None` when there is no store.
    fn by_store(
        &self,
        connection: &mut Connection,
        asker: &Asker,
    ) -> Result<Option<Exit>, connection::Error> {
        let first = match self.turn {
            Turn::Lock => StoreRequest::Lock(None),
            Turn::Unlock => StoreRequest::Status,
        };
        let Some(reply) = connection.store(first)? else {
            return Ok(None);
        };
        if reply.status.folder.is_empty() {
            return Ok(None);
        }
        match (self.turn, reply.outcome) {
            // It is open, and brings back what was removed from the session.
            (Turn::Unlock, _) if !reply.status.locked => {
                let again = connection.store(StoreRequest::Unlock(b""))?;
                Ok(again.map(|reply| self.told(&reply, true)))
            }
            (Turn::Unlock, _) | (Turn::Lock, Outcome::PassphraseNeeded) => {
                self.with_passphrase(connection, asker).map(Some)
            }
            _ => Ok(Some(self.told(&reply, false))),
        }
    }

    fn with_passphrase(
        &self,
        connection: &mut Connection,
        asker: &Asker,
    ) -> Result<Exit, connection::Error> {
        let tries = if self.source == Source::Person { TRIES } else { 1 };
        for left in (0..tries).rev() {
            let Some(passphrase) = self.passphrase(asker, left + 1 < tries) else {
                return Ok(Exit::Failure);
            };
            let passphrase = passphrase.expose_secret();
            let request = match self.turn {
                Turn::Lock => StoreRequest::Lock(Some(passphrase)),
                Turn::Unlock => StoreRequest::Unlock(passphrase),
            };
            match connection.store(request)? {
                Some(reply) if reply.outcome == Outcome::WrongPassphrase && left > 0 => {}
                Some(reply) => return Ok(self.told(&reply, false)),
                None => return Err(connection::Error::Refused),
            }
        }
        Ok(Exit::Failure)
    }

    fn passphrase(&self, asker: &Asker, again: bool) -> Option<Secret> {
        match &self.source {
            Source::File(path) => match first_line_of(path) {
                Ok(passphrase) => Some(passphrase),
                Err(error) => {
                    key_files::no_passphrase_in(path, &error);
                    None
                }
            },
            Source::Person => {
                let question = crate::voice::storing::passphrase_question(again);
                let answer = asker.passphrase(question);
                if answer.is_none() {
                    self.voice.lock_given_up();
                }
                answer
            }
        }
    }

    fn told(&self, reply: &StoreReply, was_open: bool) -> Exit {
        words::store_result(self.turn, reply, was_open);
        if reply.outcome == Outcome::Done { Exit::Success } else { Exit::Failure }
    }

    fn by_passphrase(&self, connection: &mut Connection, asker: &Asker) -> Exit {
        let Some(passphrase) = self.ask(asker) else {
            return Exit::Failure;
        };
        let result = match self.turn {
            Turn::Lock => connection.lock(passphrase),
            Turn::Unlock => connection.unlock(passphrase),
        };
        self.voice.lock_result(self.turn, &result);
        if result.is_ok() { Exit::Success } else { Exit::Failure }
    }

    /// Asks twice before locking: a typing mistake would cost all keys.
    fn ask(&self, asker: &Asker) -> Option<Secret> {
        if let Source::File(_) = self.source {
            return self.passphrase(asker, false);
        }
        let first = asker.passphrase(self.voice.lock_question(self.turn));
        // The original goes on even with an empty one, and the agent refuses it.
        if first.is_none() && self.voice == Voice::Keyfob {
            self.voice.lock_given_up();
            return None;
        }
        if self.turn == Turn::Lock && bytes(&first) != bytes(&asker.passphrase("Again: ")) {
            self.voice.lock_mismatch();
            return None;
        }
        Some(first.unwrap_or_else(|| Secret::from(Vec::new())))
    }
}

fn bytes(secret: &Option<Secret>) -> &[u8] {
    secret.as_ref().map_or(&[], |secret| secret.expose_secret())
}
