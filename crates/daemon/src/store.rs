//! The key store as the agent has it: what is shown of it, whether it is open, until when.
//!
//! Reads it and opens it; never writes to it, beyond this machine's own memory of how new it was.
//! Its files are sealed by keys of their own, so nothing a stranger wrote is parsed here; files it
//! only links to are read by a process of their own.

mod asking;
mod shown;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant, SystemTime};

use keyfob_agent::{Agent, ItemId, Moment, Now, Rules, StoredKey};
use keyfob_keys::Secret;
use keyfob_keys::shield::Derived;
use keyfob_keystore::{Error, Stamp, Store, Trust, Unlocked};

use crate::clock;

pub(crate) use asking::{Questions, Refused};

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

/// The key store, if there is one.
pub(crate) struct KeyStore {
    place: Option<StorePlace>,
    lock_after: Option<Duration>,
    /// Held while files are read.
    reading: Mutex<Reading>,
    /// Held for moments only.
    held: Mutex<Held>,
}

/// What was read last.
#[derive(Default)]
struct Reading {
    store: Option<Store>,
    /// How it was then; `None` when it has to be read again.
    stamp: Option<Stamp>,
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
    /// The rules of each item, as far as they were ever seen, by its version.
    rules: HashMap<ItemId, (u64, Rules)>,
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
    pub(crate) fn new(place: Option<StorePlace>, lock_after: Option<Duration>) -> Self {
        Self { place, lock_after, reading: Mutex::default(), held: Mutex::default() }
    }

    /// Looks whether the store has changed, and tells the agent what is in it. Nearly always this
    /// is three questions to the file system; only a change is read, which may take long.
    pub(crate) fn refresh(&self, agent: &Agent) {
        let Some(place) = &self.place else {
            return;
        };
        if let Some(reading) = self.reading()
            && !reading.is_unchanged(place)
        {
            tokio::task::block_in_place(|| self.read(reading, place, agent));
        }
    }

    fn read(&self, mut reading: MutexGuard<'_, Reading>, place: &StorePlace, agent: &Agent) {
        match self.read_again(&mut reading, place) {
            Ok(keys) => agent.set_stored(keys, clock::now()),
            Err(Error::NoStore(_)) => {
                *reading = Reading::default();
                *self.held() = Held::default();
                agent.set_stored(Vec::new(), clock::now());
            }
            Err(error) => {
                // What was shown before stays: one bad moment must not take keys away.
                let complaint = Some(error.to_string());
                if reading.complaint != complaint {
                    tracing::warn!(%error, "the key store cannot be read");
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
    ) -> Result<Vec<StoredKey>, Error> {
        // Anew each time: the folder may be another store by now.
        let store = Store::open(&place.folder, &place.states)?;
        let stamp = store.stamp()?;
        let is_other = reading.store.as_ref().is_some_and(|known| known.id() != store.id());
        if is_other {
            *self.held() = Held::default();
        }
        let before = self.held().open.as_ref().map(|open| Arc::clone(&open.unlocked));
        let keys = match before {
            Some(before) => self.replace(&before, before.reloaded()?),
            None => {
                let keys = shown::of_locked(&store)?;
                self.held().with_rules(keys)
            }
        };
        self.held().folder = Some(store.folder().to_owned());
        let stamp = is_settled(&stamp).then_some(stamp);
        *reading = Reading { store: Some(store), stamp, complaint: None };
        Ok(keys)
    }

    /// Takes a newer reading of the open store, unless it was closed meanwhile.
    fn replace(&self, before: &Arc<Unlocked>, after: Unlocked) -> Vec<StoredKey> {
        let mut held = self.held();
        held.rules = shown::rules_of(&after);
        let keys = held.with_rules(shown::of_open(&after));
        if let Some(open) = &mut held.open
            && Arc::ptr_eq(&open.unlocked, before)
        {
            open.unlocked = Arc::new(after);
        }
        keys
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

    /// Unlocks the store, and with it the agent. Takes about a second, and hundreds of megabytes
    /// of memory: one at a time, where nobody waits for it but who asked.
    pub(crate) fn unlock(&self, passphrase: &Secret, agent: &Agent) -> Result<(), Error> {
        let place = self.place.as_ref().ok_or_else(|| Error::NoStore(PathBuf::new()))?;
        let store = Store::open(&place.folder, &place.states)?;
        let unlocked = store.unlock(passphrase, Trust::Remembered)?;
        for finding in unlocked.findings() {
            tracing::warn!(%finding, "the key store is not as it should be");
        }
        let now = clock::now();
        if !agent.unseal(agent_key(&unlocked)?, now) {
            // The store has another root than the one they were sealed under.
            let keys = agent.give_up_sealed(now).map_err(Error::Key)?;
            tracing::error!(
                keys,
                "keys of this session were sealed under another key store and are lost"
            );
        }
        let keys = {
            let mut held = self.held();
            held.folder = Some(store.folder().to_owned());
            held.rules = shown::rules_of(&unlocked);
            held.since = now.unix;
            let keys = held.with_rules(shown::of_open(&unlocked));
            let unlocked = Arc::new(unlocked);
            held.open = Some(Open { unlocked, proved: now.moment, last_used: now.moment });
            keys
        };
        agent.set_stored(keys, now);
        // Locked with a passphrase of its own while this one was typed: then no root stays.
        if agent.is_locked(now) {
            self.close();
        }
        Ok(())
    }

    /// Forgets the root. The agent has forgotten the keys by then, or does so next.
    pub(crate) fn close(&self) -> bool {
        self.held().close()
    }

    /// Seals the agent under the store, and closes it. `false` when the store is not open: then
    /// there is nothing to seal under.
    pub(crate) fn seal(&self, agent: &Agent, now: Now) -> Result<bool, Error> {
        let mut held = self.held();
        let Some(open) = &held.open else {
            return Ok(false);
        };
        agent.seal(agent_key(&open.unlocked)?, now).map_err(Error::Key)?;
        held.close();
        Ok(true)
    }

    /// When it is to be locked by itself; `None` while nothing is open, or by the settings never.
    pub(crate) fn locks_at(&self) -> Option<Moment> {
        let held = self.held();
        held.open.as_ref()?.last_used.after(self.lock_after?)
    }

    /// How it is.
    pub(crate) fn status(&self) -> Status {
        let next_lock = self.locks_at().map(|moment| clock::moment().until(moment));
        let held = self.held();
        let folder = held.folder.clone();
        Status { folder, locked: held.open.is_none(), since: held.since, next_lock }
    }

    /// `None` when another request is reading, and does not come to an end.
    fn reading(&self) -> Option<MutexGuard<'_, Reading>> {
        if let Ok(reading) = self.reading.try_lock() {
            return Some(reading);
        }
        tokio::task::block_in_place(|| {
            let deadline = Instant::now() + READING_PATIENCE;
            while Instant::now() < deadline {
                match self.reading.try_lock() {
                    Ok(reading) => return Some(reading),
                    // What a panic left is read again.
                    Err(TryLockError::Poisoned(poisoned)) => {
                        self.reading.clear_poison();
                        let mut reading = poisoned.into_inner();
                        *reading = Reading::default();
                        return Some(reading);
                    }
                    Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
                }
            }
            None
        })
    }

    /// A panic while this was held leaves nothing half changed that the next reading of the store
    /// does not mend.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    fn is_unchanged(&self, place: &StorePlace) -> bool {
        match &self.store {
            Some(store) => match (store.stamp(), self.stamp) {
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

    /// Adds the rules where they are known of this very version.
    fn with_rules(&self, mut keys: Vec<StoredKey>) -> Vec<StoredKey> {
        for key in &mut keys {
            let known = self.rules.get(&key.item);
            let known = known.filter(|(generation, _)| *generation == key.generation);
            key.rules = known.map(|(_, rules)| rules.clone());
        }
        keys
    }
}

/// Whether the last change is old enough that the next one will have another time.
fn is_settled(stamp: &Stamp) -> bool {
    let age = stamp.newest().and_then(|newest| SystemTime::now().duration_since(newest).ok());
    age.is_some_and(|age| age >= SETTLES_AFTER)
}

/// The key that seals the agent while the store is locked.
fn agent_key(unlocked: &Unlocked) -> Result<Derived, Error> {
    Ok(Derived::of_key(&*unlocked.derive(SEALS_AGENT)?)?)
}
