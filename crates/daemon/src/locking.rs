//! Locking by itself: what `keyfob lock` does, for a reason that is not a person's word.
//!
//! The one place for it: whoever keeps something that must not outlive a lock hears of it here.
//! Without the passphrase of a store there is nothing keys of the session could be sealed under.
//! Removing them instead would take away what is nowhere else each time a lid is closed; so they stay,
//! wiped to their sealed form in memory, and the log says it. Only the end of the session removes
//! them: nobody is there any more who could use them.

use keyfob_agent::{LockCause, Locked, Record};

use crate::clock;
use crate::driver::Driver;
use crate::store::in_words;

impl Driver {
    /// Seals everything that can be sealed, and says so in the log.
    pub(crate) fn lock_because(&self, cause: LockCause) {
        let sealed = match self.store().seal(self.agent(), clock::now()) {
            Ok(sealed) => sealed,
            Err(error) => {
                // Keys of the session cannot be sealed; those of the store need not stay open for that.
                self.store().close();
                self.agent().unload_stored(clock::now());
                tracing::error!("only the key store could be locked: {}", in_words(&error));
                false
            }
        };
        let locked = match cause {
            LockCause::SessionEnd => Some(Locked::Removed(self.agent().end_session(clock::now()))),
            _ if sealed => Some(Locked::All),
            _ => self.rest(),
        };
        self.changes().locked();
        if let Some(locked) = locked {
            self.note_own(&Record::LockedByItself { cause, locked });
        }
    }

    /// What can be done where no store is open; `None` when everything is locked already.
    fn rest(&self) -> Option<Locked> {
        let (agent, now) = (self.agent(), clock::now());
        if agent.is_sealed(now) || agent.is_locked(now) {
            return None;
        }
        agent.rest(now);
        match agent.session_keys(now) {
            0 => None,
            count => Some(Locked::AllButSession(count)),
        }
    }
}
