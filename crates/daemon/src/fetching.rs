//! Gets what a signature needs from the key store, asking for its passphrase if need be; and does
//! what clients on this machine want of the store.

use std::path::PathBuf;
use std::sync::Arc;

use keyfob_agent::{
    Agent, Command, Fetched, ItemId, KeyName, Moment, PendingSign, Record, Reply, Session,
    SignRefusal, Wanted,
};
use keyfob_keys::{PrivateKey, Secret};
use keyfob_keystore::{Content, Error, Unlocked};
use keyfob_prompt::Error as PromptError;
use keyfob_prompt::askpass::Askpass;
use keyfob_protocol::Response;
use keyfob_protocol::store::{Outcome, StoreReply, StoreStatus};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;

use crate::driver::Driver;
use crate::limits::PAUSE_FOR_REMOTE;
use crate::linked::{self, Helper};
use crate::peer::Peer;
use crate::store::{KeyStore, Refused, in_words};
use crate::{clock, wording};

/// How often a passphrase may be wrong before the request is refused.
const TRIES: usize = 3;

/// Everything that is needed to ask for the passphrase, for a task of its own.
#[derive(Clone)]
pub(crate) struct Unlocker {
    pub(crate) agent: Arc<Agent>,
    pub(crate) store: Arc<KeyStore>,
    pub(crate) askpass: Arc<Result<Askpass, PromptError>>,
    /// One derivation at a time: each takes hundreds of megabytes, and guesses must queue.
    pub(crate) derivation: Arc<Semaphore>,
}

impl Driver {
    /// Fetches what a sign request needs.
    pub(crate) async fn fetch(
        &self,
        wanted: Wanted,
        pending: &PendingSign,
        session: &Session,
        peer: &Peer,
    ) -> Fetched {
        let unlocked = match self.opened(wanted.passphrase_since, pending, session, peer).await {
            Ok(unlocked) => unlocked,
            Err(why) => return Fetched::Refused(why),
        };
        let Some(item) = wanted.item else {
            return Fetched::Open;
        };
        match open_item(unlocked, item, pending.key(), self.helper()).await {
            Ok(key) => Fetched::Key(key),
            Err(words) => {
                let key = wording::shown(&pending.key().comment);
                let words = wording::shown(words.as_bytes());
                let words =
                    format!("cannot fetch \"{key}\" from the key store, for {peer}: {words}");
                tracing::warn!("{words}");
                self.refusals().note(words);
                Fetched::Refused(SignRefusal::NotFetched)
            }
        }
    }

    /// The open store; asks for its passphrase if it is locked, or must be given anew.
    async fn opened(
        &self,
        since: Option<Moment>,
        pending: &PendingSign,
        session: &Session,
        peer: &Peer,
    ) -> Result<Arc<Unlocked>, Refused> {
        let store = &self.unlocker().store;
        if let Some(unlocked) = store.open(since) {
            return Ok(unlocked);
        }
        if session.is_remote() && self.questions_for_store().pauses(PAUSE_FOR_REMOTE) {
            return Err(SignRefusal::StoreLocked(
                "its passphrase was not given when last asked for",
            ));
        }
        let question = wording::unlocking(pending.key(), session.is_remote(), self.hash());
        let unlocker = self.unlocker().clone();
        tracing::info!("the key store is locked; asking for its passphrase, for {peer}");
        self.questions_for_store().ask(|| async move { unlocker.ask(&question).await }).await?;
        store.open(since).ok_or(SignRefusal::Locked)
    }

    /// Does what a client wants of the store.
    pub(crate) async fn about_store(&self, command: Command) -> Reply {
        let unlocker = self.unlocker();
        match command {
            Command::Refusals => {
                Reply::with(Response::Refusals(self.refusals().all()), Record::StoreAsked)
            }
            Command::Status => unlocker.answer(Ok(()), Record::StoreAsked),
            Command::Unlock(passphrase) => {
                let is_open = unlocker.store.open(None).is_some();
                let unlocked = match passphrase.expose_secret().is_empty() && is_open {
                    true => Ok(()),
                    false => unlocker.unlock(passphrase).await,
                };
                if unlocked.is_ok() {
                    unlocker.agent.show_all_stored(clock::now());
                }
                unlocker.answer(unlocked, Record::StoreUnlocked)
            }
            Command::Lock(passphrase) => {
                let locked = unlocker.lock(passphrase).await;
                unlocker.answer(locked, Record::StoreLocked)
            }
        }
    }
}

/// Why something about the store was not done.
enum NotDone {
    PassphraseNeeded,
    Store(Error),
}

impl From<Error> for NotDone {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Unlocker {
    /// Asks until the passphrase is right, or nobody gives another.
    async fn ask(self, question: &str) -> Result<(), Refused> {
        let askpass = self.askpass.as_ref().as_ref().map_err(|error| {
            tracing::warn!(%error, "the passphrase of the key store cannot be asked for; `keyfob unlock` opens it");
            SignRefusal::StoreLocked("nobody can be asked for its passphrase")
        })?;
        let mut text = question.to_owned();
        for _ in 0..TRIES {
            let passphrase = askpass.ask_passphrase(&text).await.map_err(|error| match error {
                PromptError::Cancelled => SignRefusal::Denied,
                PromptError::TimedOut { .. } => SignRefusal::Unanswered,
                error => {
                    tracing::warn!(%error, "asking for the passphrase of the key store failed");
                    SignRefusal::CannotAsk
                }
            })?;
            match self.unlock(passphrase).await {
                Ok(()) => {
                    tracing::info!("the key store was unlocked");
                    return Ok(());
                }
                Err(NotDone::Store(Error::WrongPassphrase)) => {
                    text = format!("Wrong passphrase, try again.\n{question}");
                }
                Err(NotDone::Store(error)) => {
                    tracing::error!("the key store cannot be unlocked: {}", in_words(&error));
                    return Err(SignRefusal::StoreLocked("it cannot be unlocked, see the log"));
                }
                Err(NotDone::PassphraseNeeded) => break,
            }
        }
        Err(SignRefusal::StoreLocked("wrong passphrase"))
    }

    async fn unlock(&self, passphrase: Secret) -> Result<(), NotDone> {
        // Closed never: it lives as long as the driver.
        let turn = Arc::clone(&self.derivation).acquire_owned().await;
        let (store, agent) = (Arc::clone(&self.store), Arc::clone(&self.agent));
        // It has the turn until it is done, whoever waits for it: it cannot be ended, and the next
        // one beside it would take the same memory once more.
        let work = tokio::task::spawn_blocking(move || {
            let done = store.unlock(&passphrase, &agent);
            drop(turn);
            done
        });
        let done = work.await.map_err(|_| Error::OutOfMemory(0))?;
        Ok(done?)
    }

    /// Seals everything. Where the store was never opened here there is nothing to seal other
    /// keys under, before somebody gives its passphrase.
    async fn lock(&self, passphrase: Option<Secret>) -> Result<(), NotDone> {
        self.store.refresh(&self.agent);
        if self.store.status().folder.is_none() {
            return Err(Error::NoStore(PathBuf::new()).into());
        }
        if self.store.seal(&self.agent, clock::now())? || self.agent.is_sealed(clock::now()) {
            return Ok(());
        }
        match passphrase {
            Some(passphrase) => self.unlock(passphrase).await?,
            None if self.agent.has_session_keys(clock::now()) => {
                return Err(NotDone::PassphraseNeeded);
            }
            None => return Ok(()),
        }
        self.store.seal(&self.agent, clock::now())?;
        Ok(())
    }

    fn answer(&self, done: Result<(), NotDone>, record: Record) -> Reply {
        let (outcome, reason) = match done {
            Ok(()) => (Outcome::Done, String::new()),
            Err(NotDone::PassphraseNeeded) => (Outcome::PassphraseNeeded, String::new()),
            Err(NotDone::Store(Error::NoStore(_))) => (Outcome::NoStore, String::new()),
            Err(NotDone::Store(Error::WrongPassphrase)) => {
                (Outcome::WrongPassphrase, String::new())
            }
            Err(NotDone::Store(error)) => (Outcome::Failed, error.to_string()),
        };
        let record = if outcome == Outcome::Done { record } else { Record::StoreAsked };
        let reply = StoreReply { outcome, reason: reason.into_bytes(), status: self.status() };
        Reply::with(Response::Store(Box::new(reply)), record)
    }

    fn status(&self) -> StoreStatus {
        use std::os::unix::ffi::OsStringExt as _;
        self.store.refresh(&self.agent);
        let now = clock::now();
        let status = self.store.status();
        let keys = self.agent.stored_keys(now);
        StoreStatus {
            folder: status.folder.map(|path| path.into_os_string().into_vec()).unwrap_or_default(),
            keys: u32::try_from(keys).unwrap_or(u32::MAX),
            locked: status.locked,
            since: status.since,
            next_lock: status.next_lock.map_or(0, |span| now.unix.saturating_add(span.as_secs())),
        }
    }
}

/// Opens one item, and the file it links to if it is a link; an error in words.
async fn open_item(
    unlocked: Arc<Unlocked>,
    item: ItemId,
    key: &KeyName,
    helper: &Helper,
) -> Result<PrivateKey, String> {
    let work = tokio::task::spawn_blocking(move || {
        let name = unlocked.name_of(item.0.into()).ok_or("it is not there any more")?;
        unlocked.open(name).map_err(|error| error.to_string())
    });
    let (_, content) = work.await.map_err(|error| error.to_string())??;
    match content {
        Content::Key(key) => Ok(key),
        Content::Reference { path, passphrase } => {
            let opened = linked::open(helper, &path, passphrase.as_ref(), &key.public).await;
            opened.map_err(|error| error.to_string())
        }
        Content::Secret(_) => Err("it is no key".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use keyfob_agent::Policy;
    use keyfob_keystore::{Cost, Store};
    use keyfob_prompt::Surroundings;
    use tokio::time::{sleep, timeout};

    use super::*;
    use crate::store::StorePlace;

    /// Lost otherwise: who asks and leaves, again and again, has as many derivations run at the
    /// same time, each with hundreds of megabytes.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_derivation_nobody_waits_for_any_more_keeps_its_turn_until_it_is_done() {
        let folder = tempfile::tempdir().unwrap();
        let place = StorePlace {
            folder: folder.path().join("store"),
            states: folder.path().join("states"),
        };
        let passphrase = || Secret::from(b"right".to_vec());
        Store::create(&place.folder, &place.states, &passphrase(), Cost::FLOOR).unwrap();
        let policy =
            Policy { default_lifetime: None, allow_rsa_sha1: true, idle_wipe: Duration::ZERO };
        let unlocker = Unlocker {
            agent: Arc::new(Agent::new(policy).unwrap()),
            store: Arc::new(KeyStore::new(Some(place), None)),
            askpass: Arc::new(Askpass::for_agent(&Surroundings::default())),
            derivation: Arc::new(Semaphore::new(1)),
        };
        let left = timeout(Duration::from_millis(10), unlocker.unlock(passphrase())).await;
        assert!(left.is_err(), "it takes longer than that");
        assert_eq!(unlocker.derivation.available_permits(), 0);
        timeout(Duration::from_secs(30), async {
            while unlocker.derivation.available_permits() == 0 {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .unwrap();
        assert!(unlocker.store.open(None).is_some(), "and it was not in vain");
    }
}
