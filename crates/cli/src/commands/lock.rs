//! Locks and unlocks the agent.
//!
//! What locking means for the keys is the agent's part.

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_sys::hardening;
use secrecy::ExposeSecret as _;

use crate::asking::Asker;
use crate::exit::Exit;
use crate::finding;
use crate::voice::Voice;
use crate::voice::locking::Turn;

/// Which of the two is to be done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lock {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Lock or unlock.
    pub(crate) turn: Turn,
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
        // Nobody should type a passphrase for nothing.
        let wanted = self.turn == Turn::Lock;
        if self.voice == Voice::Keyfob && connection.is_locked() == Some(wanted) {
            self.voice.locked_already(self.turn);
            return Exit::Failure;
        }
        let Some(passphrase) = self.ask(&Asker::new(environment, self.voice)) else {
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
    fn ask(self, asker: &Asker) -> Option<Secret> {
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
