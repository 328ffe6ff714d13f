//! Locking: the state, the slow part to run elsewhere, the price of a wrong
//! guess.
//!
//! The key derivation takes a tenth of a second and much memory, so it is a
//! value the driver runs where nobody waits for it. The sealing itself lives in
//! `keyfob_keys::shield`: a locked agent cannot open a key, whatever this
//! module believes.

use std::time::Duration;

use keyfob_keys::Secret;
use keyfob_keys::shield::{Derived, LockDerivation};
use keyfob_protocol::Response;
use secrecy::ExposeSecret as _;

use crate::agent::Agent;
use crate::clock::Now;
use crate::limits::{UNLOCK_DELAY_MAX, UNLOCK_DELAY_STEP};
use crate::record::{Record, Refusal};
use crate::step::{Reply, Step};

/// Whether the agent is locked, and how often it was guessed at.
#[derive(Debug, Default)]
pub(crate) struct LockState {
    pub(crate) locked: bool,
    failures: u32,
}

impl LockState {
    pub(crate) fn opened(&mut self) {
        *self = Self::default();
    }

    /// Counts a wrong guess; says how many there were and how long this one
    /// waits for its answer.
    pub(crate) fn failed(&mut self) -> (u32, Duration) {
        self.failures = self.failures.saturating_add(1);
        let delay = UNLOCK_DELAY_STEP.saturating_mul(self.failures).min(UNLOCK_DELAY_MAX);
        (self.failures, delay)
    }
}

/// What a derivation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To lock the agent.
    Lock,
    /// To open a locked agent. Guesses must queue: run one at a time, and
    /// answer it, delay included, before the next.
    Unlock,
}

/// A passphrase on its way to becoming a key.
#[must_use]
pub struct Derivation {
    pub(crate) purpose: Purpose,
    pub(crate) job: LockDerivation,
}

/// A derivation that has run.
#[must_use]
pub struct Finished {
    pub(crate) purpose: Purpose,
    pub(crate) derived: Result<Derived, keyfob_keys::Error>,
}

impl Derivation {
    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Runs it: about a tenth of a second of one core, 64 MiB. Hold nothing
    /// meanwhile.
    pub fn run(self) -> Finished {
        Finished { purpose: self.purpose, derived: self.job.run() }
    }
}

impl Agent {
    pub(crate) fn derive(&self, purpose: Purpose, passphrase: Secret, now: Now) -> Step {
        let (locked, sealed) = {
            let state = self.state(now.moment);
            (state.lock.locked, state.sealed)
        };
        let refusal = match purpose {
            _ if passphrase.expose_secret().is_empty() => Some(Refusal::EmptyPassphrase),
            Purpose::Lock if locked || sealed => Some(Refusal::Locked),
            Purpose::Unlock if !locked => Some(Refusal::NotLocked),
            _ => None,
        };
        if let Some(why) = refusal {
            return Step::Reply(Reply::failure(Record::Refused(why)));
        }
        let salt = match purpose {
            Purpose::Lock => LockDerivation::fresh_salt().ok(),
            Purpose::Unlock => self.shield.salt(),
        };
        match salt {
            Some(salt) => {
                let job = LockDerivation::new(passphrase, salt);
                Step::Derive(Derivation { purpose, job })
            }
            // No randomness for a lock, or unlocked this very moment.
            None => Step::Reply(Reply::failure(Record::Refused(Refusal::NotLocked))),
        }
    }

    /// Goes on with a lock or unlock after its derivation.
    pub fn derived(&self, finished: Finished, now: Now) -> Reply {
        let Ok(derived) = finished.derived else {
            return Reply::failure(Record::Refused(Refusal::NoMemory));
        };
        let mut state = self.state(now.moment);
        match (finished.purpose, state.lock.locked) {
            (Purpose::Lock, true) => Reply::failure(Record::Refused(Refusal::Locked)),
            (Purpose::Lock, false) => {
                if self.shield.lock(derived).is_err() {
                    return Reply::failure(Record::Refused(Refusal::CannotSeal));
                }
                state.lock.locked = true;
                state.keyring.wipe_prepared();
                state.lock_stored();
                Reply::success(Record::Locked)
            }
            (Purpose::Unlock, false) => Reply::failure(Record::Refused(Refusal::NotLocked)),
            (Purpose::Unlock, true) => match self.shield.unlock(derived) {
                Ok(()) => {
                    state.lock.opened();
                    Reply::success(Record::Unlocked)
                }
                Err(_) => {
                    let (failures, after) = state.lock.failed();
                    let record = Record::UnlockFailed { failures };
                    Reply { response: Response::Failure, after, record }
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wrong_unlock_waits_longer_up_to_ten_seconds() {
        let mut state = LockState { locked: true, failures: 0 };
        let delays: Vec<u128> = (0..120).map(|_| state.failed().1.as_millis()).collect();
        assert_eq!(delays[..3], [100, 200, 300]);
        assert_eq!(delays[98..], [9_900].into_iter().chain([10_000; 21]).collect::<Vec<_>>());
    }

    #[test]
    fn a_right_unlock_forgets_the_wrong_ones() {
        let mut state = LockState { locked: true, failures: 7 };
        state.opened();
        assert_eq!(state.failed(), (1, Duration::from_millis(100)));
    }
}
