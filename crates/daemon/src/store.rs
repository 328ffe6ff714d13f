//! The key store as the agent has it: what is shown of it, whether it is open, until when.
//!
//! Reads it and opens it. Writes no key and no rule: only this machine's own memory of how new it was,
//! and what was learned of hosts.
//! Its files are sealed by keys of their own, so nothing a stranger wrote is parsed here; files it
//! only links to are read by a process of their own.

mod asking;
mod proving;
mod shown;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, TryLockError};
use std::time::{Duration, SystemTime};

use keyfob_agent::{Agent, ItemId, LockCause, Moment, Now, StoredKey};
use keyfob_keys::shield::Derived;
use keyfob_keystore::{AccountKey, Error, Method, Stamp, Store, Trust, Unlocked};

use crate::changes::Changes;
use crate::options::Rules;
use crate::{clock, remembering, wording};

pub(crate) use asking::{Questions, Refused};
use proving::Witness;
use shown::Proved;

/// Where a key store is, or will be.
#[derive(Debug, Clone)]
pub struct StorePlace {
    /// Its folder.
    pub folder: PathBuf,
    /// Where this machine keeps its memory of stores.
    pub states: PathBuf,
}

/// What the key that seals the agent is derived for.
const SEALS_AGENT: &str = "keyfob agent shield 1";

/// A change this young may hide another one behind the same time stamp.
const SETTLES_AFTER: Duration = Duration::from_secs(2);

/// How long a request waits for another one that is reading the store. A file system that hangs
/// must not stop the agent: then what was read before has to do.
const READING_PATIENCE: Duration = Duration::from_millis(500);

/// How often it tries before it waits: some microseconds in all.
const LOOK_TRIES: usize = 300;

/// How long it stays open; `None` until it is locked.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    /// After the last use of one of its keys.
    pub(crate) unused: Option<Duration>,
    /// After its passphrase was given.
    pub(crate) session: Option<Duration>,
}

impl Times {
    pub(crate) fn of(rules: &Rules) -> Self {
        Self { unused: rules.store_lock_after, session: rules.session }
    }
}

/// The key store, if there is one.
pub(crate) struct KeyStore {
    place: Option<StorePlace>,
    /// When it locks by itself.
    times: RwLock<Times>,
    /// Held while files are read.
    reading: Mutex<Reading>,
    /// Held for moments only.
    held: Mutex<Held>,
    changes: Changes,
    witness: Witness,
    /// Never closed yet: the login of this account may open it, where a person wished that. Whoever
    /// locks it wants its passphrase given.
    is_untouched: AtomicBool,
}

/// What was read last.
#[derive(Default)]
struct Reading {
    store: Option<Store>,
    /// Why it could not be read: every request tries again, and the log needs it once.
    complaint: Option<String>,
}

/// What is known.
#[derive(Default)]
struct Held {
    folder: Option<PathBuf>,
    open: Option<Open>,
    /// Since when it is open or locked, in seconds since 1970.
    since: u64,
    /// How the store was when it was read; `None` when it has to be read again.
    stamp: Option<Stamp>,
    /// What was ever proved of each item.
    proved: HashMap<ItemId, Proved>,
}

struct Open {
    unlocked: Arc<Unlocked>,
    /// When its passphrase was given.
    proved: Moment,
    last_used: Moment,
}

/// How the store is, for who asks.
#[derive(Debug, Default)]
pub(crate) struct Status {
    pub(crate) folder: Option<PathBuf>,
    pub(crate) locked: bool,
    pub(crate) since: u64,
    pub(crate) next_lock: Option<Duration>,
}

impl KeyStore {
    pub(crate) fn new(place: Option<StorePlace>, times: Times) -> Self {
        let times = RwLock::new(times);
        let changes = Changes::default();
        let (reading, held, witness) = (Mutex::default(), Mutex::default(), Witness::default());
        let is_untouched = AtomicBool::new(true);
        Self { place, times, reading, held, changes, witness, is_untouched }
    }

    /// Counts each time it is closed.
    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Stays open for so long from now on.
    pub(crate) fn set_times(&self, times: Times) {
        *self.times.write().unwrap_or_else(PoisonError::into_inner) = times;
    }

    /// Looks whether the store has changed, and tells the agent what is in it. Nearly always this
    /// is three questions to the file system; only a change is read, which may take long.
    pub(crate) async fn refresh(&self, agent: &Agent) {
        let Some(place) = &self.place else {
            return;
        };
        if let Some(reading) = self.reading().await
            && !reading.is_unchanged(place, self.held().stamp)
        {
            tokio::task::block_in_place(|| self.read(reading, place, agent));
        }
    }

    fn read(&self, mut reading: MutexGuard<'_, Reading>, place: &StorePlace, agent: &Agent) {
        match self.read_again(&mut reading, place, agent) {
            Ok(()) => {}
            Err(Error::NoStore(_)) => {
                *reading = Reading::default();
                // Who takes the folder away closes it, and takes the right to answer with it.
                self.close();
                let mut held = self.held();
                *held = Held::default();
                agent.set_stored(Vec::new(), clock::now());
            }
            Err(error) => {
                // What was shown before stays: one bad moment must not take keys away.
                let complaint = Some(error.to_string());
                if reading.complaint != complaint {
                    tracing::warn!("the key store cannot be read: {}", in_words(&error));
                    reading.complaint = complaint;
                }
                if matches!(error, Error::OtherRoot | Error::RolledBack) && self.close() {
                    agent.unload_stored(clock::now());
                }
            }
        }
    }

    fn read_again(
        &self,
        reading: &mut Reading,
        place: &StorePlace,
        agent: &Agent,
    ) -> Result<(), Error> {
        // Anew each time: the folder may be another store by now.
        let store = Store::open(&place.folder, &place.states)?;
        let stamp = store.stamp()?;
        let is_other = reading.store.as_ref().is_some_and(|known| known.id() != store.id());
        if is_other {
            *self.held() = Held::default();
            self.changes.locked();
        }
        let before = self.held().open.as_ref().map(|open| Arc::clone(&open.unlocked));
        match before {
            Some(before) => self.replace(&before, before.reloaded()?, stamp, agent),
            None => self.show_locked(shown::of_locked(&store)?, stamp, agent),
        }
        self.held().folder = Some(store.folder().to_owned());
        *reading = Reading { store: Some(store), complaint: None };
        self.changes.happened();
        Ok(())
    }

    /// Takes over what the files say, unless the store was opened meanwhile: what is proved must
    /// not give way to it.
    fn show_locked(&self, keys: Vec<StoredKey>, stamp: Stamp, agent: &Agent) {
        let mut held = self.held();
        if held.open.is_none() {
            held.stamp = settled(stamp);
            agent.set_stored(held.with_rules(keys), clock::now());
        }
    }

    /// Takes a newer reading of the open store, unless it was closed or opened anew meanwhile.
    fn replace(&self, before: &Arc<Unlocked>, after: Unlocked, stamp: Stamp, agent: &Agent) {
        let mut held = self.held();
        let after = Arc::new(after);
        if let Some(open) = &mut held.open {
            if !Arc::ptr_eq(&open.unlocked, before) {
                return;
            }
            open.unlocked = Arc::clone(&after);
        }
        held.show(&after, stamp, agent);
    }

    /// The open store, if its passphrase was given after this.
    pub(crate) fn open(&self, since: Option<Moment>) -> Option<Arc<Unlocked>> {
        let mut held = self.held();
        let open = held.open.as_mut()?;
        if since.is_some_and(|since| open.proved <= since) {
            return None;
        }
        open.last_used = clock::moment();
        Some(Arc::clone(&open.unlocked))
    }

    /// The open store, for something that is no use of a key.
    pub(crate) fn peek(&self) -> Option<Arc<Unlocked>> {
        Some(Arc::clone(&self.held().open.as_ref()?.unlocked))
    }

    /// Unlocks the store, and with it the agent. Takes about a second, and hundreds of megabytes
    /// of memory: one at a time, where nobody waits for it but who asked.
    pub(crate) fn unlock(&self, method: &dyn Method, agent: &Agent) -> Result<(), Error> {
        let place = self.place.as_ref().ok_or_else(|| Error::NoStore(PathBuf::new()))?;
        let store = Store::open(&place.folder, &place.states)?;
        // Before it is read: a change that comes later shows.
        let stamp = store.stamp()?;
        let unlocked = store.unlock(method, Trust::Remembered)?;
        for finding in unlocked.findings() {
            tracing::warn!("the key store is not as it should be: {}", in_words(finding));
        }
        remembering::recall(&unlocked, agent);
        self.witness.note(&unlocked)?;
        let now = clock::now();
        if !agent.unseal(agent_key(&unlocked)?, now) {
            // The store has another root than the one they were sealed under.
            let keys = agent.give_up_sealed(now).map_err(Error::Key)?;
            tracing::error!(
                keys,
                "keys of this session were sealed under another key store and are lost"
            );
        }
        {
            let mut held = self.held();
            held.folder = Some(store.folder().to_owned());
            held.since = now.unix;
            held.show(&unlocked, stamp, agent);
            let unlocked = Arc::new(unlocked);
            held.open = Some(Open { unlocked, proved: now.moment, last_used: now.moment });
        }
        // Locked with a passphrase of its own while this one was typed: then no root stays.
        if agent.is_locked(now) {
            self.close();
        }
        Ok(())
    }

    /// Unlocks the store by the login of this account, where that was wished and nobody has locked it
    /// since the agent started. Whether it did.
    pub(crate) fn unlock_by_account(&self, agent: &Agent) -> bool {
        if !self.is_untouched.load(Ordering::SeqCst) {
            return false;
        }
        let opened = self.account_key().and_then(|key| match key {
            Some(key) => self.unlock(&key, agent).map(|()| true),
            None => Ok(false),
        });
        let is_open = opened.unwrap_or_else(|error| {
            let words = in_words(&error);
            tracing::warn!("the login of this account does not open the key store: {words}");
            false
        });
        // Locked while it was being opened.
        if is_open && !self.is_untouched.load(Ordering::SeqCst) {
            self.close();
            return false;
        }
        is_open
    }

    fn account_key(&self) -> Result<Option<AccountKey>, Error> {
        let Some(place) = &self.place else {
            return Ok(None);
        };
        Store::open(&place.folder, &place.states)?.account_key()
    }

    /// Forgets the root. The agent has forgotten the keys by then, or does so next.
    pub(crate) fn close(&self) -> bool {
        self.is_untouched.store(false, Ordering::SeqCst);
        let was_open = self.held().close();
        if was_open {
            self.changes.locked();
        }
        was_open
    }

    /// Seals the agent under the store, and closes it. `false` when the store is not open: then
    /// there is nothing to seal under.
    pub(crate) fn seal(&self, agent: &Agent, now: Now) -> Result<bool, Error> {
        self.is_untouched.store(false, Ordering::SeqCst);
        let mut held = self.held();
        let Some(open) = &held.open else {
            return Ok(false);
        };
        agent.seal(agent_key(&open.unlocked)?, now).map_err(Error::Key)?;
        held.close();
        drop(held);
        self.changes.locked();
        Ok(true)
    }

    /// When it is to be locked by itself, and why; `None` while nothing is open, or by the settings
    /// never.
    pub(crate) fn locks_at(&self) -> Option<(Moment, LockCause)> {
        let times = *self.times.read().unwrap_or_else(PoisonError::into_inner);
        let held = self.held();
        let open = held.open.as_ref()?;
        let end = |from: Moment, span: Option<Duration>, cause| Some((from.after(span?)?, cause));
        let unused = end(open.last_used, times.unused, LockCause::StoreUnused);
        let over = end(open.proved, times.session, LockCause::SessionTime);
        unused.into_iter().chain(over).min_by_key(|(moment, _)| *moment)
    }

    /// How it is.
    pub(crate) fn status(&self) -> Status {
        let next_lock = self.locks_at().map(|(moment, _)| clock::moment().until(moment));
        let held = self.held();
        let folder = held.folder.clone();
        Status { folder, locked: held.open.is_none(), since: held.since, next_lock }
    }

    /// `None` when another request is reading, and does not come to an end.
    async fn reading(&self) -> Option<MutexGuard<'_, Reading>> {
        if let Some(reading) = self.free_reading() {
            return Some(reading);
        }
        Box::pin(self.reading_at_last()).await
    }

    /// Waits as a task, not as a thread: the others are served meanwhile.
    async fn reading_at_last(&self) -> Option<MutexGuard<'_, Reading>> {
        let deadline = tokio::time::Instant::now() + READING_PATIENCE;
        while tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(1)).await;
            if let Some(reading) = self.free_reading() {
                return Some(reading);
            }
        }
        None
    }

    /// One that is free, or will be at once: who only looks is done in a few microseconds, and to do
    /// something else meanwhile takes longer.
    fn free_reading(&self) -> Option<MutexGuard<'_, Reading>> {
        for _ in 0..LOOK_TRIES {
            match self.reading.try_lock() {
                Ok(reading) => return Some(reading),
                // What a panic left is read again.
                Err(TryLockError::Poisoned(poisoned)) => {
                    self.reading.clear_poison();
                    let mut reading = poisoned.into_inner();
                    *reading = Reading::default();
                    return Some(reading);
                }
                Err(TryLockError::WouldBlock) => std::hint::spin_loop(),
            }
        }
        None
    }

    /// A panic while this was held leaves nothing half changed that the next reading of the store
    /// does not mend.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    fn is_unchanged(&self, place: &StorePlace, read: Option<Stamp>) -> bool {
        match &self.store {
            Some(store) => match (store.stamp(), read) {
                (Ok(stamp), Some(read)) => stamp == read,
                _ => false,
            },
            None => !place.folder.exists(),
        }
    }
}

impl Held {
    fn close(&mut self) -> bool {
        if self.open.is_some() {
            self.since = clock::now().unix;
        }
        self.open.take().is_some()
    }

    /// Tells the agent what an open store proves.
    fn show(&mut self, unlocked: &Unlocked, stamp: Stamp, agent: &Agent) {
        self.stamp = settled(stamp);
        self.proved = shown::proved_of(unlocked);
        agent.set_stored(self.with_rules(shown::of_open(unlocked)), clock::now());
    }

    /// Adds the rules where they were proved of this very version and this very key: while the
    /// store is locked, who can write to its folder can put any key beside any number.
    fn with_rules(&self, mut keys: Vec<StoredKey>) -> Vec<StoredKey> {
        for key in &mut keys {
            let known = self.proved.get(&key.item).filter(|known| known.is_of(key));
            if let Some(known) = known {
                key.comment = Arc::clone(&known.comment);
                key.rules = Some(known.rules.clone());
            }
        }
        keys
    }
}

/// A stamp whose last change is old enough that the next one will have another time.
fn settled(stamp: Stamp) -> Option<Stamp> {
    let age = stamp.newest().and_then(|newest| SystemTime::now().duration_since(newest).ok());
    age.is_some_and(|age| age >= SETTLES_AFTER).then_some(stamp)
}

/// What is wrong with a store, for the log. The names of its files are whatever somebody who can write
/// to its folder has called them: they must not begin a line of their own.
pub(crate) fn in_words(what: &impl std::fmt::Display) -> String {
    wording::shown(what.to_string().as_bytes())
}

/// The key that seals the agent while the store is locked.
fn agent_key(unlocked: &Unlocked) -> Result<Derived, Error> {
    Ok(Derived::of_key(&*unlocked.derive(SEALS_AGENT)?)?)
}

#[cfg(test)]
mod tests;
