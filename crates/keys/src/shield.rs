//! Private keys at rest in memory: sealed, and truly locked when locked.
//!
//! A [`Shield`] holds one random key in locked memory. Under it every private key is sealed
//! while nobody needs it (XChaCha20-Poly1305, a fresh nonce each time), so that a stray read
//! of the heap finds nothing. Locking wraps that one key under a key derived from the lock
//! passphrase and wipes it: until the passphrase comes back nothing opens, however many keys
//! there are. The signing objects made before are not its business: whoever locks drops them.

mod lock;
mod sealed;

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use keyfob_sys::locked::LockedBytes;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use lock::{Derived, LockDerivation, SALT_LEN, WrongPassphrase};
pub use sealed::Sealed;

use crate::{Error, PrivateKey, Result};

/// Bytes of the shield's key.
const KEY_LEN: usize = 32;
/// Bytes of a nonce of XChaCha20: long enough to be random.
const NONCE_LEN: usize = 24;
/// Bytes the tag adds.
const TAG_LEN: usize = 16;
/// What a wrapped key says it is, so that it can never pass for a sealed private key.
const WRAPPED: &[u8] = b"keyfob shield key";

/// Seals and opens private keys under a random key in locked memory.
pub struct Shield {
    state: RwLock<State>,
}

struct State {
    /// The key; zero while locked.
    key: LockedBytes,
    lock: Option<Wrapped>,
}

/// The key, under the lock passphrase's.
struct Wrapped {
    salt: [u8; SALT_LEN],
    nonce: [u8; NONCE_LEN],
    ciphertext: Vec<u8>,
}

impl Shield {
    /// A shield under a fresh random key.
    ///
    /// # Errors
    /// [`Error::Randomness`] or [`Error::OutOfMemory`].
    pub fn new() -> Result<Self> {
        let mut key = locked(KEY_LEN)?;
        random(&mut key)?;
        let state = RwLock::new(State { key, lock: None });
        Ok(Self { state })
    }

    /// Seals a private key.
    ///
    /// # Errors
    /// [`Error::Locked`] while locked.
    pub fn seal(&self, key: &PrivateKey) -> Result<Sealed> {
        let mut content = sealed::content(key, TAG_LEN);
        let nonce = fresh_nonce()?;
        let state = self.read();
        if state.lock.is_some() {
            return Err(Error::Locked);
        }
        // In place, in a buffer with room for the tag: the plain bytes are overwritten and
        // no copy of them is left behind.
        cipher(&state.key)?
            .encrypt_in_place(&XNonce::from(nonce), key.public().blob(), &mut *content)
            .map_err(|_| Error::BrokenSeal)?;
        Ok(Sealed::new(key.public().clone(), nonce, content))
    }

    /// Opens a sealed key.
    ///
    /// # Errors
    /// [`Error::Locked`] while locked, [`Error::BrokenSeal`] when it was sealed by another
    /// shield.
    pub fn open(&self, sealed: &Sealed) -> Result<PrivateKey> {
        let mut content = Zeroizing::new(sealed.ciphertext().to_vec());
        {
            let state = self.read();
            if state.lock.is_some() {
                return Err(Error::Locked);
            }
            let nonce = XNonce::from(*sealed.nonce());
            cipher(&state.key)?
                .decrypt_in_place(&nonce, sealed.public().blob(), &mut *content)
                .map_err(|_| Error::BrokenSeal)?;
        }
        sealed::restore(sealed.public(), &content)
    }

    /// Locks: the key is wrapped under the derived one and wiped.
    ///
    /// # Errors
    /// [`Error::AlreadyLocked`]; it stays locked under the first passphrase.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "consumed: a derived key serves one attempt and is wiped"
    )]
    pub fn lock(&self, derived: Derived) -> Result<()> {
        let nonce = fresh_nonce()?;
        let mut state = self.write();
        if state.lock.is_some() {
            return Err(Error::AlreadyLocked);
        }
        let mut ciphertext = Zeroizing::new(Vec::with_capacity(KEY_LEN + TAG_LEN));
        ciphertext.extend_from_slice(&state.key);
        cipher(derived.key())?
            .encrypt_in_place(&XNonce::from(nonce), WRAPPED, &mut *ciphertext)
            .map_err(|_| Error::BrokenSeal)?;
        state.lock = Some(Wrapped {
            salt: derived.salt(),
            nonce,
            ciphertext: std::mem::take(&mut *ciphertext),
        });
        zeroize::Zeroize::zeroize(&mut *state.key);
        Ok(())
    }

    /// Unlocks, if `derived` is what it was locked with.
    ///
    /// # Errors
    /// [`WrongPassphrase`] otherwise, also when it is not locked; it stays as it was.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "consumed: a derived key serves one attempt and is wiped"
    )]
    pub fn unlock(&self, derived: Derived) -> Result<(), WrongPassphrase> {
        let mut state = self.write();
        let wrapped = state.lock.as_ref().ok_or(WrongPassphrase)?;
        // Another salt is another passphrase, or one derived for an earlier lock.
        let same_salt = bool::from(wrapped.salt.ct_eq(&derived.salt()));
        let mut key = Zeroizing::new(wrapped.ciphertext.clone());
        let opened = cipher(derived.key())
            .map_err(|_| WrongPassphrase)?
            .decrypt_in_place(&XNonce::from(wrapped.nonce), WRAPPED, &mut *key)
            .is_ok();
        if !(same_salt && opened && key.len() == KEY_LEN) {
            return Err(WrongPassphrase);
        }
        state.key.copy_from_slice(&key);
        state.lock = None;
        Ok(())
    }

    /// Whether it is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.read().lock.is_some()
    }

    /// The salt it was locked with, which an attempt to unlock must be derived with; none
    /// while unlocked.
    #[must_use]
    pub fn salt(&self) -> Option<[u8; SALT_LEN]> {
        self.read().lock.as_ref().map(|wrapped| wrapped.salt)
    }

    // A panic while the guard was held cannot leave the state half changed: everything that
    // can fail happens before the first change.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cipher(key: &[u8]) -> Result<XChaCha20Poly1305> {
    XChaCha20Poly1305::new_from_slice(key).map_err(|_| Error::BrokenSeal)
}

fn fresh_nonce() -> Result<[u8; NONCE_LEN]> {
    let mut nonce = [0; NONCE_LEN];
    random(&mut nonce)?;
    Ok(nonce)
}

fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| Error::Randomness)
}

fn locked(len: usize) -> Result<LockedBytes> {
    LockedBytes::new(len).map_err(|_| Error::OutOfMemory("a key in locked memory"))
}
