//! Whether a passphrase is that of the key store this agent has opened, without opening it again.
//!
//! The folder alone proves nothing: a process of the same user can put a store of its own there. So
//! something of the root that was opened first is remembered, by which the same root is known again.
//! It opens nothing.

use std::sync::{Mutex, PoisonError};

use keyfob_keys::Secret;
use keyfob_keystore::{Error, Store, Trust, Unlocked};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::KeyStore;

/// What the witness is derived for.
const PROVES: &str = "keyfob watch witness 1";

/// By what the root is known that was opened first; nothing before that.
#[derive(Default)]
pub(super) struct Witness(Mutex<Option<Zeroizing<[u8; 32]>>>);

impl Witness {
    /// Remembers this root, unless one was opened before.
    pub(super) fn note(&self, unlocked: &Unlocked) -> Result<(), Error> {
        let of_this = unlocked.derive(PROVES)?;
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(of_this);
        Ok(())
    }

    fn knows(&self, unlocked: &Unlocked) -> Result<bool, Error> {
        let of_this = unlocked.derive(PROVES)?;
        let first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(first.as_ref().is_some_and(|first| first.as_slice().ct_eq(of_this.as_slice()).into()))
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl KeyStore {
    /// Whether a passphrase is what proves who somebody is: there is a store, or one was opened. Who
    /// takes it away does not get by with less.
    pub(crate) fn proves_persons(&self) -> bool {
        !self.witness.is_empty() || self.held().folder.is_some()
    }

    /// Whether this passphrase opens the store that was opened first; `false` for another store,
    /// and while none was opened. Takes as long as unlocking, and as much memory.
    ///
    /// # Errors
    /// [`Error::WrongPassphrase`], and whatever else is wrong with the store.
    pub(crate) fn proves(&self, passphrase: &Secret) -> Result<bool, Error> {
        let Some(place) = self.place.as_ref().filter(|_| !self.witness.is_empty()) else {
            return Ok(false);
        };
        let store = Store::open(&place.folder, &place.states)?;
        self.witness.knows(&store.unlock(passphrase, Trust::Remembered)?)
    }
}
