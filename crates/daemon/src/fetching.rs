//! Gets what a signature needs from the key store, asking for its passphrase if need be; and does
//! what clients on this machine want of the store.

use std::path::PathBuf;
use std::sync::Arc;

use keyfob_agent::{
    Agent, Command, Fetched, ItemId, KeyName, Moment, PendingSign, Record, Reply, SignRefusal,
    Wanted,
};
use keyfob_keys::{PrivateKey, Secret};
use keyfob_keystore::{Content, Error, Unlocked};
use keyfob_protocol::Response;
use keyfob_protocol::store::{Outcome, StoreReply, StoreStatus};
use secrecy::ExposeSecret as _;
use tokio::sync::Semaphore;

use crate::driver::Driver;
use crate::limits::PAUSE_FOR_REMOTE;
use crate::linked::{self, Helper};
use crate::live_rules::LiveRules;
use crate::log::Log;
use crate::peer::Peer;
use crate::purpose::{self, Purpose};
use crate::store::{KeyStore, Refused, in_words};
use crate::ways::{Manner, Wanted as Asked, Ways};
use crate::{clock, remembering, wording};

/// How often a passphrase may be wrong before the request is refused.
const TRIES: usize = 3;

/// Everything that is needed to ask for the passphrase, for a task of its own.
#[derive(Clone)]
pub(crate) struct Unlocker {
    pub(crate) agent: Arc<Agent>,
    pub(crate) store: Arc<KeyStore>,
    pub(crate) ways: Arc<Ways>,
    pub(crate) rules: Arc<LiveRules>,
    /// One derivation at a time: each takes hundreds of megabytes, and guesses must queue.
    pub(crate) derivation: Arc<Semaphore>,
    /// What happened, on disk.
    pub(crate) log: Arc<Log>,
}

impl Driver {
    /// Fetches what a sign request needs.
    pub(crate) async fn fetch(
        &self,
        wanted: Wanted,
        pending: &PendingSign,
        peer: &Peer,
    ) -> Fetched {
        if let Some(file) = wanted.file {
            return self.open_kept(file, pending, peer).await;
        }
        let unlocked = match self.opened(wanted.passphrase_since, pending, peer).await {
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
        peer: &Peer,
    ) -> Result<Arc<Unlocked>, Refused> {
        let store = &self.unlocker().store;
        if let Some(unlocked) = store.open(since) {
            return Ok(unlocked);
        }
        if pending.destination().remote && self.questions_for_store().pauses(PAUSE_FOR_REMOTE) {
            return Err(SignRefusal::StoreLocked(
                "its passphrase was not given when last asked for",
            ));
        }
        // A key that wants the passphrase anew wants just that, and a host may not have it opened.
        if since.is_none() && !pending.destination().remote && self.unlocker().by_account().await {
            tracing::info!("the key store was opened by the login of this account, for {peer}");
            self.has_learned();
            return store.open(since).ok_or(SignRefusal::Locked);
        }
        let (requester, remote) = (peer.pid(), pending.destination().remote);
        let question = self.question_for_store(pending, peer);
        let unlocker = self.unlocker().clone();
        tracing::info!("the key store is locked; asking for its passphrase, for {peer}");
        let asking = || async move { unlocker.ask(&question, requester, remote).await };
        let noted = self.note_passphrase(pending, peer);
        const NO_END: SignRefusal =
            SignRefusal::StoreLocked("the question for its passphrase came to no end");
        let asked = self.questions_for_store().ask(asking, NO_END).await;
        noted.opened(asked.as_ref());
        asked?;
        // What was learned while it was locked.
        self.has_learned();
        store.open(since).ok_or(SignRefusal::Locked)
    }

    fn question_for_store(&self, pending: &PendingSign, peer: &Peer) -> String {
        let (destination, requester) = (pending.destination(), peer.requester());
        purpose::find_repository(destination, &requester);
        let purpose = Purpose { destination, requester: &requester, hash: self.hash() };
        wording::unlocking(pending.key(), purpose)
    }

    /// Does what a client wants of the store.
    pub(crate) async fn about_store(&self, command: Command) -> Reply {
        let unlocker = self.unlocker();
        match command {
            Command::Refusals => {
                Reply::with(Response::Refusals(self.refusals().all()), Record::StoreAsked)
            }
            Command::Settings => Reply::with(
                Response::Settings(Box::new(self.settings().status())),
                Record::StoreAsked,
            ),
            Command::Log => {
                let status = Box::new(self.log_status().await);
                Reply::with(Response::Log(status), Record::StoreAsked)
            }
            Command::Security => {
                Reply::with(Response::Security(Box::new(self.process())), Record::StoreAsked)
            }
            Command::Status => unlocker.answer(Ok(()), Record::StoreAsked).await,
            Command::Unlock(passphrase) => {
                let is_open = unlocker.store.open(None).is_some();
                let unlocked = match passphrase.expose_secret().is_empty() && is_open {
                    true => Ok(()),
                    false => unlocker.unlock(passphrase).await,
                };
                if unlocked.is_ok() {
                    unlocker.agent.show_all_stored(clock::now());
                }
                unlocker.answer(unlocked, Record::StoreUnlocked).await
            }
            Command::Lock(passphrase) => {
                let locked = unlocker.lock(passphrase).await;
                unlocker.answer(locked, Record::StoreLocked).await
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
    async fn ask(
        self,
        question: &str,
        requester: Option<u32>,
        remote: bool,
    ) -> Result<(), Refused> {
        let rules = self.rules.now();
        let manner = Manner { ways: &rules.ways, limit: rules.confirm_timeout };
        let mut text = question.to_owned();
        for _ in 0..TRIES {
            let wanted = Asked { text: &text, requester, remote, watchers: None };
            let words =
                "the passphrase of the key store cannot be asked for; `keyfob unlock` opens it";
            let answer = self.ways.passphrase(wanted, manner).await;
            let passphrase = answer.map_err(|why| why.refusal(SignRefusal::StoreLocked, words))?;
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
        let log = Arc::clone(&self.log);
        // It has the turn until it is done, whoever waits for it: it cannot be ended, and the next
        // one beside it would take the same memory once more.
        let work = tokio::task::spawn_blocking(move || {
            let done = store.unlock(&passphrase, &agent);
            if let Some(unlocked) = store.peek().filter(|_| done.is_ok()) {
                log.seal(&unlocked);
            }
            drop(turn);
            done
        });
        let done = work.await.map_err(|_| Error::OutOfMemory(0))?;
        Ok(done?)
    }

    /// Opens the store by the login of this account. Whether it did.
    async fn by_account(&self) -> bool {
        let (store, agent, log) =
            (Arc::clone(&self.store), Arc::clone(&self.agent), Arc::clone(&self.log));
        let work = tokio::task::spawn_blocking(move || {
            let is_open = store.unlock_by_account(&agent);
            if let Some(unlocked) = store.peek().filter(|_| is_open) {
                log.seal(&unlocked);
            }
            is_open
        });
        work.await.unwrap_or(false)
    }

    /// Whether this is the passphrase of the store that was opened here before, without opening it.
    /// In the same queue as those who open it: guesses cost the same.
    pub(crate) async fn proves(&self, passphrase: Secret) -> Result<bool, Error> {
        let turn = Arc::clone(&self.derivation).acquire_owned().await;
        let store = Arc::clone(&self.store);
        let work = tokio::task::spawn_blocking(move || {
            let proves = store.proves(&passphrase);
            drop(turn);
            proves
        });
        work.await.map_err(|_| Error::OutOfMemory(0))?
    }

    /// Seals everything. Where the store was never opened here there is nothing to seal other
    /// keys under, before somebody gives its passphrase.
    async fn lock(&self, passphrase: Option<Secret>) -> Result<(), NotDone> {
        self.store.refresh(&self.agent).await;
        if self.store.status().folder.is_none() {
            return Err(Error::NoStore(PathBuf::new()).into());
        }
        // A moment later there is nothing to seal it under.
        remembering::save_now(&self.store, &self.agent);
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

    async fn answer(&self, done: Result<(), NotDone>, record: Record) -> Reply {
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
        let status = self.status().await;
        let reply = StoreReply { outcome, reason: reason.into_bytes(), status };
        Reply::with(Response::Store(Box::new(reply)), record)
    }

    async fn status(&self) -> StoreStatus {
        use keyfob_sys::os_text::OsStringExt as _;
        self.store.refresh(&self.agent).await;
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
    use crate::options::Rules;
    use crate::store::{StorePlace, Times};

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
        let policy = Policy { idle_wipe: Duration::ZERO, ..Policy::default() };
        let unlocker = Unlocker {
            agent: Arc::new(Agent::new(policy).unwrap()),
            store: Arc::new(KeyStore::new(Some(place), Times::default())),
            ways: Arc::new(Ways::through(Surroundings::default(), std::path::Path::new(""))),
            rules: Arc::new(LiveRules::new(Rules::default())),
            derivation: Arc::new(Semaphore::new(1)),
            log: Arc::default(),
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
