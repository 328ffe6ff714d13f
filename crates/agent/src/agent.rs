//! The agent: one place that decides, request by request.
//!
//! Holds its lock for moments only: to look up, to note, never to wait, sign,
//! derive or read a private key. Does no I/O and reads no clock.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use keyfob_keys::Secret;
use keyfob_keys::shield::Shield;
use keyfob_protocol::{Extension, Request, StoreRequest, number};

use crate::clock::{Moment, Now};
use crate::consent::Consent;
use crate::keyring::{Keyring, sooner};
use crate::lock::{LockState, Purpose};
use crate::memory::Memory;
use crate::policy::Policy;
use crate::record::{Record, Refusal};
use crate::session::{Session, bind};
use crate::step::{Command, Reply, Step};
use crate::stored::StoredKey;

/// The keys, the lock and the rules: everything connections share.
pub struct Agent {
    /// Not under the lock of the state: whoever looks takes it as it is and lets go at once.
    policy: RwLock<Arc<Policy>>,
    pub(crate) shield: Arc<Shield>,
    state: Mutex<State>,
}

/// What the lock guards.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) keyring: Keyring,
    pub(crate) lock: LockState,
    /// Sealed by the key store: keys are shown, and the first use asks for its passphrase.
    pub(crate) sealed: bool,
    /// What is in the key store, as far as it is known.
    pub(crate) stored: Vec<StoredKey>,
    /// Keys of the store that were removed from this session.
    pub(crate) hidden: HashSet<Arc<[u8]>>,
    /// Which key a host took, and when keys were used.
    pub(crate) memory: Memory,
    /// What a person allowed for longer than once.
    pub(crate) consent: Consent,
    /// Keys whose time was up when somebody looked, for the next tick's log.
    expired: Vec<Record>,
}

/// What the passage of time came to.
#[derive(Debug)]
pub struct Tick {
    /// Keys that left.
    pub expired: Vec<Record>,
    /// When to look again, at the latest.
    pub next: Option<Moment>,
}

impl Agent {
    /// An agent without keys.
    ///
    /// # Errors
    ///
    /// When there is no memory or randomness for the key that seals the others.
    pub fn new(policy: Policy) -> Result<Self, keyfob_keys::Error> {
        let shield = Arc::new(Shield::new()?);
        let policy = RwLock::new(Arc::new(policy));
        Ok(Self { policy, shield, state: Mutex::default() })
    }

    /// Goes by other rules from now on. Keys keep the lifetime they came with; the next
    /// [`Agent::tick`] applies what is about keys that are here already.
    pub fn set_policy(&self, policy: Policy) {
        *self.policy.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(policy);
        self.lock_state().keyring.look_at_all(Moment(Duration::ZERO));
    }

    /// The rules as they are now.
    pub(crate) fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides one request: a frame's body, without its length.
    pub fn handle(&self, session: &mut Session, body: &[u8], now: Now) -> Step {
        if self.refuses_unread(body) {
            return Step::Reply(Reply::failure(Record::Refused(Refusal::Locked)));
        }
        match Request::decode(body) {
            Ok(request) => self.decide(session, request, now),
            Err(refusal) => {
                if refusal.was_session_bind {
                    session.bind_failed();
                }
                let response = refusal.response();
                Step::Reply(Reply::now(response, Record::Refused(refusal.into())))
            }
        }
    }

    /// Drops all keys, locked or not: the answer to SIGUSR1.
    pub fn drop_all(&self) -> Record {
        let count = self.remove_all_from(&mut self.lock_state());
        Record::RemovedAll { count }
    }

    /// Takes all keys out; those of the store stay away until it is asked for them. A seal that
    /// holds nothing any more goes with them: the store it waits for may be lost.
    pub(crate) fn remove_all_from(&self, state: &mut State) -> usize {
        let count = state.remove_all();
        if state.sealed {
            state.sealed = self.shield.renew().is_err();
        }
        count
    }

    /// Drops what has expired and wipes signing objects that rest.
    pub fn tick(&self, now: Moment) -> Tick {
        let policy = self.policy();
        let mut state = self.lock_state();
        state.expire(now, &policy);
        let wipe = state.keyring.wipe_idle(now, policy.rests_after());
        let next = sooner(state.keyring.earliest_expiry(), wipe);
        let expired = std::mem::take(&mut state.expired);
        Tick { expired, next }
    }

    /// Bytes of a list of all keys, which is no longer than a frame. A walk through all of them.
    pub fn size_of_list(&self) -> usize {
        self.lock_state().keyring.size_of_list()
    }

    /// A locked agent does not even read what it refuses: parsing a private
    /// key costs time and leaves traces.
    fn refuses_unread(&self, body: &[u8]) -> bool {
        const READ_WHILE_LOCKED: [u8; 4] =
            [number::REQUEST_IDENTITIES, number::LOCK, number::UNLOCK, number::EXTENSION];
        self.lock_state().lock.locked
            && !body.first().is_some_and(|kind| READ_WHILE_LOCKED.contains(kind))
    }

    fn decide(&self, session: &mut Session, request: Request<'_>, now: Now) -> Step {
        if session.profile().is_some() && is_about_all(&request) {
            return Step::Reply(Reply::failure(Record::Refused(Refusal::Profile)));
        }
        let reply = match request {
            Request::Identities => self.list(session, now),
            Request::Sign(request) => return self.sign(session, &request, now),
            Request::Add(addition) => self.add(session, *addition, now),
            Request::Remove(blob) => self.remove(session, blob, now),
            Request::RemoveAll | Request::RemoveAllV1 => self.remove_all(now),
            Request::Lock(passphrase) => return self.derive(Purpose::Lock, passphrase, now),
            Request::Unlock(passphrase) => return self.derive(Purpose::Unlock, passphrase, now),
            Request::Extension(Extension::SessionBind(request)) => bind(session, &request),
            Request::Extension(Extension::Query) => self.query(now),
            Request::Extension(Extension::Details) => self.details(session, now),
            Request::Extension(Extension::Refusals) if !session.is_remote() => {
                return Step::Store(Command::Refusals);
            }
            Request::Extension(Extension::Settings) if !session.is_remote() => {
                return Step::Store(Command::Settings);
            }
            Request::Extension(Extension::Log) if !session.is_remote() => {
                return Step::Store(Command::Log);
            }
            Request::Extension(Extension::Security) if !session.is_remote() => {
                return Step::Store(Command::Security);
            }
            Request::Extension(
                Extension::Refusals | Extension::Settings | Extension::Log | Extension::Security,
            ) => Reply::failure(Record::Refused(Refusal::Remote)),
            Request::Extension(Extension::Hosts(request)) if !session.is_remote() => {
                return self.about_hosts(&request, now);
            }
            Request::Extension(Extension::Hosts(_)) => {
                Reply::failure(Record::Refused(Refusal::Remote))
            }
            Request::Extension(Extension::Store(request)) => {
                return self.about_store(session, &request, now);
            }
            Request::Extension(Extension::Watch(request)) => {
                return self.about_watching(session, request, now);
            }
            Request::Extension(Extension::Putty(request)) => {
                return self.about_putty(session, request, now);
            }
            Request::Extension(Extension::Unknown(_)) => {
                Reply::failure(Record::Refused(Refusal::UnknownExtension))
            }
            Request::Unsupported(kind) => {
                Reply::failure(Record::Refused(Refusal::Unsupported(kind)))
            }
        };
        Step::Reply(reply)
    }

    /// The key store is the driver's; who may ask for it is decided here. A client beyond this
    /// machine could guess at the passphrase, or lock it again and again.
    fn about_store(&self, session: &Session, request: &StoreRequest<'_>, now: Now) -> Step {
        if session.is_remote() {
            return Step::Reply(Reply::failure(Record::Refused(Refusal::Remote)));
        }
        // Its root must not come into the memory of an agent that is locked with a passphrase of
        // its own.
        if self.is_locked(now) && *request != StoreRequest::Status {
            return Step::Reply(Reply::failure(Record::Refused(Refusal::Locked)));
        }
        let secret = |bytes: &[u8]| Secret::from(bytes.to_vec());
        Step::Store(match request {
            StoreRequest::Lock(passphrase) => Command::Lock(passphrase.map(secret)),
            StoreRequest::Unlock(passphrase) => Command::Unlock(secret(passphrase)),
            StoreRequest::Status => Command::Status,
        })
    }

    /// The state as it is now: keys whose time is up are gone before anything
    /// looks at it.
    pub(crate) fn state(&self, now: Moment) -> MutexGuard<'_, State> {
        let mut state = self.lock_state();
        state.expire(now, &self.policy());
        state
    }

    /// A panic while the lock was held cannot have left half a change: each
    /// change is one insertion or one removal. The keys stay usable.
    fn lock_state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What concerns more than the keys a profile shows.
fn is_about_all(request: &Request<'_>) -> bool {
    match request {
        Request::RemoveAll | Request::RemoveAllV1 | Request::Lock(_) | Request::Unlock(_) => true,
        Request::Extension(extension) => {
            use Extension::{Hosts, Log, Refusals, Security, Store, Watch};
            matches!(extension, Refusals | Log | Security | Store(_) | Hosts(_) | Watch(_))
        }
        _ => false,
    }
}

impl State {
    /// A key of the store that was removed from this session stays away until it is asked for.
    pub(crate) fn hide(&mut self, blob: &[u8]) {
        if self.stored.iter().any(|key| key.public.blob() == blob) {
            self.hidden.insert(blob.into());
        }
    }

    fn remove_all(&mut self) -> usize {
        self.consent.forget_all();
        self.hidden.extend(self.stored.iter().map(|key| Arc::from(key.public.blob())));
        self.keyring.clear()
    }

    #[cfg(fuzzing)]
    pub(crate) fn expired(&self) -> usize {
        self.expired.len()
    }

    fn expire(&mut self, now: Moment, policy: &Policy) {
        let gone = self.keyring.expire(now, policy.key_idle);
        if gone.is_empty() {
            return;
        }
        self.expired.extend(gone);
        // What was in the place of a key of the store gives it back.
        self.show_stored(policy.default_lifetime);
        self.forget_stale();
    }

    /// Forgets the private halves of all keys of the store, and everything a person allowed: both
    /// are for as long as nothing locks.
    pub(crate) fn lock_stored(&mut self) {
        self.consent.forget_all();
        self.keyring.unload_stored();
    }

    /// Forgets what was allowed for keys that have gone, were replaced or have to be fetched anew.
    pub(crate) fn forget_stale(&mut self) {
        if self.consent.is_empty() {
            return;
        }
        let here = self.keyring.iter().filter(|identity| !identity.is_away());
        let here: HashSet<_> = here.map(|identity| identity.id).collect();
        self.consent.keep(|id| here.contains(&id));
    }
}
