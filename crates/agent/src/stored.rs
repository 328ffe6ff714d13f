//! Keys that are in the key store: shown before they are here, fetched when they are needed.
//!
//! The driver tells what is in the store, and opens what the agent asks for. Whether a key may
//! be used is decided here, before it is fetched and once more when it has come.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use keyfob_keys::shield::Derived;
use keyfob_keys::{PrivateKey, PublicKey};
use keyfob_protocol::destination::Constraint;

use crate::agent::{Agent, State};
use crate::clock::{Moment, Now};
use crate::identity::{Half, Identity, Origin};
use crate::kept::KeptFile;
use crate::keyring::Keyring;
use crate::print::Print;
use crate::record::SignRefusal;
use crate::session::Session;
use crate::sign::PendingSign;
use crate::step::Step;

/// An item's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId(pub [u8; 16]);

/// A key of the store, as it is shown.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// Which item.
    pub item: ItemId,
    /// Which version of it: a new one replaces a key that is in use.
    pub generation: u64,
    /// The key, or a certificate of it.
    pub public: PublicKey,
    /// For people.
    pub comment: Arc<[u8]>,
    /// What limits its use; `None` while the store has never been unlocked. Such a key is shown to
    /// nobody beyond this machine.
    pub rules: Option<Rules>,
}

/// What limits the use of a stored key.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// How long it stays once it was fetched; the passphrase brings it back.
    pub lifetime: Option<Duration>,
    /// How long it stays without use; `None` as long as the rules for all keys say. The passphrase
    /// brings it back.
    pub idle: Option<Duration>,
    /// Whether a person confirms each use.
    pub confirm: bool,
    /// Where it may be used; empty for everywhere.
    pub destinations: Arc<[Constraint]>,
}

/// What a sign request needs before it can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The item to fetch; `None` when the agent itself is sealed, and the key is here.
    pub item: Option<ItemId>,
    /// The passphrase must have been given after this.
    pub passphrase_since: Option<Moment>,
    /// The file to open; then it has nothing to do with the key store.
    pub file: Option<Arc<KeptFile>>,
}

/// What came of fetching.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fetched {
    /// The item's key.
    Key(PrivateKey),
    /// The agent has what it needs: it is open again, or the file is.
    Open,
    /// Nothing, because of this.
    Refused(SignRefusal),
}

impl Agent {
    /// Takes over what is in the store. A key somebody added to this session stays what it is; one
    /// somebody removed from it stays away.
    pub fn set_stored(&self, keys: Vec<StoredKey>, now: Now) {
        let mut state = self.state(now.moment);
        let there: HashSet<&[u8]> = keys.iter().map(|key| key.public.blob()).collect();
        state
            .keyring
            .retain(|identity| identity.origin.is_none() || there.contains(identity.public.blob()));
        state.hidden.retain(|blob| there.contains(&**blob));
        state.stored = keys;
        state.show_stored(self.policy().default_lifetime);
    }

    /// Shows keys of the store again that were removed from this session.
    pub fn show_all_stored(&self, now: Now) {
        let mut state = self.state(now.moment);
        state.hidden.clear();
        state.show_stored(self.policy().default_lifetime);
    }

    /// Goes on with a sign request after what it needed was fetched, or not.
    pub fn fetched(
        &self,
        session: &Session,
        pending: PendingSign,
        fetched: Fetched,
        now: Now,
    ) -> Step {
        match fetched {
            Fetched::Refused(why) => return Step::Reply(pending.refuse(why)),
            Fetched::Open => {}
            Fetched::Key(key) => {
                if let Err(why) = self.hold(&pending, key, now) {
                    return Step::Reply(pending.refuse(why));
                }
            }
        }
        self.go_on(session, pending, now)
    }

    /// Seals every key under a key of the store's: until it comes back nothing opens. Keys of the
    /// store are forgotten.
    ///
    /// # Errors
    /// When it is locked already.
    pub fn seal(&self, under: Derived, now: Now) -> keyfob_keys::Result<()> {
        let mut state = self.state(now.moment);
        self.shield.lock(under)?;
        state.sealed = true;
        state.lock_stored();
        state.keyring.wipe_prepared();
        Ok(())
    }

    /// Opens what [`Agent::seal`] sealed, after the passphrase of the store was given; `false` when
    /// it was not this key.
    pub fn unseal(&self, under: Derived, now: Now) -> bool {
        let mut state = self.state(now.moment);
        state.keyring.begin_anew(now.moment);
        if !state.sealed {
            return true;
        }
        let opened = self.shield.unlock(under).is_ok();
        state.sealed = !opened;
        opened
    }

    /// Gives up the keys of the session that [`Agent::seal`] sealed, because what opens them will
    /// not come back. Says how many there were.
    ///
    /// # Errors
    /// When there is no memory or randomness to begin anew; it stays sealed.
    pub fn give_up_sealed(&self, now: Now) -> keyfob_keys::Result<usize> {
        let mut state = self.state(now.moment);
        if !state.sealed {
            return Ok(0);
        }
        self.shield.renew()?;
        state.sealed = false;
        let before = state.keyring.len();
        state.keyring.retain(Identity::comes_back);
        state.lock_stored();
        let gone = before - state.keyring.len();
        state.show_stored(self.policy().default_lifetime);
        Ok(gone)
    }

    /// Whether it is sealed by the store.
    pub fn is_sealed(&self, now: Now) -> bool {
        self.state(now.moment).sealed
    }

    /// Whether a passphrase of its own locks it, which the key store cannot open.
    pub fn is_locked(&self, now: Now) -> bool {
        self.state(now.moment).lock.locked
    }

    /// Whether it holds keys that are nowhere else.
    pub fn has_session_keys(&self, now: Now) -> bool {
        self.state(now.moment).keyring.iter().any(|identity| !identity.comes_back())
    }

    /// How many keys of the store it shows.
    pub fn stored_keys(&self, now: Now) -> usize {
        let state = self.state(now.moment);
        // One that was added to the session too is of the store all the same.
        let shown = state.stored.iter().map(|key| key.public.blob());
        shown.filter(|blob| state.keyring.find(blob).is_some()).collect::<HashSet<_>>().len()
    }

    /// Forgets the private halves of all keys of the store.
    pub fn unload_stored(&self, now: Now) {
        self.state(now.moment).lock_stored();
    }

    /// Keeps a key that was fetched, for as long as its rules say.
    fn hold(&self, pending: &PendingSign, key: PrivateKey, now: Now) -> Result<(), SignRefusal> {
        let key = match pending.key.public.certificate() {
            None => key,
            Some(_) => {
                key.with_certificate(&pending.key.public).map_err(|_| SignRefusal::Failed)?
            }
        };
        if *key.public() != pending.key.public {
            return Err(SignRefusal::Failed);
        }
        let sealed = self.shield.seal(&key).map_err(|_| SignRefusal::Locked)?;
        drop(key);
        let mut state = self.state(now.moment);
        if state.lock.locked || state.sealed {
            return Err(SignRefusal::Locked);
        }
        let keyring = &mut state.keyring;
        let Some(identity) = keyring.find(pending.key.public.blob()) else {
            return Err(SignRefusal::Removed);
        };
        let Some(origin) = &identity.origin else {
            return Ok(());
        };
        if identity.id != pending.id || !identity.is_away() {
            return Ok(());
        }
        // The store is open by now. What its files said while it was locked, and it does not say
        // when it is open, was put there by somebody: a key without its rules.
        if !origin.rules_known {
            return Err(SignRefusal::NotFetched);
        }
        let idle = identity.idle.or(self.policy().key_idle);
        let (item, lifetime) = (origin.item, origin.lifetime);
        // Its time was up once more since this request asked: the passphrase it was fetched with
        // is no longer new enough.
        if keyring.ended(item, idle, now.moment) > pending.passphrase_since {
            return Err(SignRefusal::Removed);
        }
        let expires = keyring.lives_until(item, lifetime, now.moment);
        if let Some(identity) = keyring.find_mut(pending.key.public.blob()) {
            identity.half = Half::Sealed(Arc::new(sealed));
            identity.expires = expires;
            identity.last_used = now.moment;
        }
        keyring.note_expiry(expires);
        keyring.note_expiry(idle.and_then(|idle| now.moment.after(idle)));
        Ok(())
    }
}

impl State {
    pub(crate) fn show_stored(&mut self, default_lifetime: Option<Duration>) {
        let Self { keyring, hidden, stored, .. } = self;
        // Two items may hold the same key. The first is shown: if they took turns, each look at the
        // store would replace a key that is in use.
        let mut seen = HashSet::with_capacity(stored.len());
        for key in stored.iter().filter(|key| !hidden.contains(key.public.blob())) {
            if seen.insert(key.public.blob()) {
                take(keyring, key.clone(), default_lifetime);
            }
        }
        self.forget_stale();
    }
}

/// Takes one key over.
fn take(keyring: &mut Keyring, key: StoredKey, default_lifetime: Option<Duration>) {
    let StoredKey { item, generation, public, comment, rules } = key;
    let rules_known = rules.is_some();
    let rules = rules.unwrap_or_default();
    let lifetime = rules.lifetime.or(default_lifetime);
    let mut id = None;
    if let Some(known) = keyring.find(public.blob()) {
        let Some(origin) = &known.origin else {
            return;
        };
        let is_same = origin.item == item && origin.generation == generation;
        // What was known of it before it was locked is known still.
        if is_same && !rules_known {
            return;
        }
        // Two machines, or one and a backup of it, may each have made a version of this number.
        let agrees = origin.rules_known
            && origin.lifetime == lifetime
            && known.idle == rules.idle
            && known.confirm == rules.confirm
            && known.destinations == rules.destinations
            && known.comment == comment;
        if is_same && agrees {
            return;
        }
        // Requests wait for the passphrase that brought its rules to light: it stays the same key.
        id = (is_same && !origin.rules_known).then_some(known.id);
    }
    let origin = Origin { item, generation, lifetime, rules_known };
    let identity = Identity {
        id: id.unwrap_or_else(|| keyring.fresh_id()),
        print: Print::of(&public),
        public,
        comment,
        half: Half::InStore,
        origin: Some(origin),
        file: None,
        expires: None,
        idle: rules.idle,
        // Its time begins when it is fetched.
        last_used: Moment(Duration::ZERO),
        confirm: rules.confirm,
        destinations: rules.destinations,
        prepared: None,
    };
    keyring.put(identity);
}
