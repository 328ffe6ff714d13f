//! The right to answer: for the passphrase of the key store, or where there is no store by the word
//! of a person who is asked in another way.
//!
//! A process of the same user can do much, but it does not know the passphrase. It could put a store
//! of its own into the folder, so the passphrase has to open the one that this agent has opened
//! before. Asked about is never on the terminal or the display of who wants the right: it may be one
//! it made for itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use keyfob_keys::Secret;
use keyfob_keystore::Error;
use keyfob_prompt::{Choice, Offered};
use keyfob_protocol::watch::Claimed;
use secrecy::ExposeSecret as _;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::Watcher;
use crate::driver::Driver;
use crate::limits::PAUSE_FOR_CLAIMS;
use crate::peer::Peer;
use crate::store::in_words;
use crate::ways::{Manner, Unanswered, Wanted, Way, Ways};
use crate::wording;

/// Questions for the right: one at a time, and none soon after a "no".
pub(super) struct Claims {
    turn: Semaphore,
    denied: Mutex<Option<Instant>>,
}

impl Default for Claims {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), denied: Mutex::default() }
    }
}

impl Claims {
    /// The turn to ask, or why there is none.
    fn turn(&self, pause: Duration) -> Result<SemaphorePermit<'_>, &'static str> {
        let denied = *self.denied.lock().unwrap_or_else(PoisonError::into_inner);
        if denied.is_some_and(|denied| denied.elapsed() < pause) {
            return Err("it was denied a moment ago");
        }
        self.turn.try_acquire().map_err(|_| "another terminal is being asked about")
    }

    fn denied(&self) {
        *self.denied.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

impl Driver {
    /// Gives a watcher the right to answer, or says why not.
    pub(crate) async fn claim(
        &self,
        watcher: &Watcher,
        passphrase: Secret,
        peer: &Peer,
    ) -> Claimed {
        if !self.asks_watchers() {
            return failed("the setting ask.ways does not name \"watch\"");
        }
        if watcher.is_entitled() {
            return Claimed::Granted;
        }
        // Before anybody proves anything: what is locked meanwhile takes it away.
        let locks = self.changes().locks();
        let proved = match self.store().proves_persons() {
            true => self.by_passphrase(passphrase).await,
            false => self.by_word(watcher, peer).await,
        };
        let claimed = match proved {
            Ok(()) if watcher.entitle(locks) => Claimed::Granted,
            Ok(()) => Claimed::Failed(b"it was locked meanwhile".to_vec()),
            Err(claimed) => claimed,
        };
        if let Claimed::Failed(why) = &claimed {
            tracing::debug!("{peer} may not answer: {}", wording::shown(why));
        }
        claimed
    }

    /// Whether the settings let questions go there at all.
    pub(super) fn asks_watchers(&self) -> bool {
        self.rules().ways.contains(&Way::Watch)
    }

    async fn by_passphrase(&self, passphrase: Secret) -> Result<(), Claimed> {
        if passphrase.expose_secret().is_empty() {
            return Err(Claimed::WrongPassphrase);
        }
        match self.unlocker().proves(passphrase).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(failed("unlock the key store first")),
            Err(Error::WrongPassphrase) => Err(Claimed::WrongPassphrase),
            Err(error) => Err(failed(&in_words(&error))),
        }
    }

    async fn by_word(&self, watcher: &Watcher, peer: &Peer) -> Result<(), Claimed> {
        let claims = &watcher.watching.claims;
        let _turn = claims.turn(PAUSE_FOR_CLAIMS).map_err(failed)?;
        let rules = self.rules();
        let by_others = |way: &Way| matches!(way, Way::Askpass | Way::Pinentry | Way::Dialog);
        let ways: Vec<Way> = rules.ways.iter().copied().filter(by_others).collect();
        let text = wording::claim(&peer.requester());
        // Not where it says that its person is: its terminal and its display may be of its own making.
        let wanted = Wanted { text: &text, requester: None, remote: true, watchers: None };
        let manner = Manner { ways: &ways, limit: rules.confirm_timeout };
        let ways: &Ways = &self.unlocker().ways;
        match ways.confirm(wanted, manner, Offered::default()).await {
            Ok(Choice::Once) => Ok(()),
            Ok(_) | Err(Unanswered::Cancelled | Unanswered::TimedOut | Unanswered::Left) => {
                claims.denied();
                Err(Claimed::Denied)
            }
            Err(Unanswered::Nobody(reason)) => {
                tracing::debug!("nobody can be asked about {peer}: {reason}");
                Err(failed(
                    "there is no key store whose passphrase would prove who you are, and the agent has no display of its own with an askpass or pinentry to ask by",
                ))
            }
        }
    }
}

fn failed(why: &str) -> Claimed {
    Claimed::Failed(why.as_bytes().to_vec())
}
