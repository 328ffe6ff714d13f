//! Private keys at rest in memory: sealed, and truly locked when locked.
//!
//! A [`Shield`] holds one random key in locked memory. Under it every private key is sealed
//! while nobody needs it (XChaCha20-Poly1305, a fresh nonce each time), so that a stray read
//! of the heap finds nothing. Locking wraps that one key under a key derived from the lock
//! passphrase and wipes it: until the passphrase comes back nothing opens, however many keys
//! there are. The signing objects made before are not its business: whoever locks drops them.

mod lock;
mod sealed;

use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use keyfob_sys::locked::LockedBytes;
use keyfob_sys::traces::{Stack, leaving_none};
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
    /// [`Error::Locked`] while locked, [`Error::Unsupported`] for a key that could never sign:
    /// what is sealed here waits to be used.
    pub fn seal(&self, key: &PrivateKey) -> Result<Sealed> {
        key.ensure_signs()?;
        let nonce = fresh_nonce()?;
        let ciphertext = leaving_none(Stack::Shallow, || self.encrypt(key, nonce))?;
        // A copy in ordinary memory: what is sealed need not use up locked pages.
        Ok(Sealed::new(key.public().clone(), nonce, &ciphertext))
    }

    fn encrypt(&self, key: &PrivateKey, nonce: [u8; NONCE_LEN]) -> Result<Zeroizing<Vec<u8>>> {
        let mut content = sealed::content(key, TAG_LEN);
        let state = self.read();
        if state.lock.is_some() {
            return Err(Error::Locked);
        }
        // In place, in a buffer with room for the tag: the plain bytes are overwritten and
        // no copy of them is left behind.
        cipher(&state.key)?
            .encrypt_in_place(&XNonce::from(nonce), key.public().blob(), &mut *content)
            .map_err(|_| Error::BrokenSeal)?;
        Ok(content)
    }

    /// Opens a sealed key.
    ///
    /// # Errors
    /// [`Error::Locked`] while locked, [`Error::BrokenSeal`] when it was sealed by another
    /// shield.
    pub fn open(&self, sealed: &Sealed) -> Result<PrivateKey> {
        leaving_none(Stack::Shallow, || self.decrypt(sealed))
    }

    fn decrypt(&self, sealed: &Sealed) -> Result<PrivateKey> {
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
        leaving_none(Stack::Shallow, || self.wrap(&derived))
    }

    fn wrap(&self, derived: &Derived) -> Result<()> {
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
        leaving_none(Stack::Shallow, || self.unwrap_with(&derived))
    }

    fn unwrap_with(&self, derived: &Derived) -> Result<(), WrongPassphrase> {
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

    /// Begins anew under another key, unlocked. What was sealed before opens never again: for when
    /// nothing is, or when what it was locked with will not come back.
    ///
    /// # Errors
    /// [`Error::Randomness`] or [`Error::OutOfMemory`]; it stays as it was.
    pub fn renew(&self) -> Result<()> {
        let mut key = locked(KEY_LEN)?;
        random(&mut key)?;
        *self.write() = State { key, lock: None };
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

/// Whether it is locked, and nothing else.
impl fmt::Debug for Shield {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_locked() { "locked" } else { "unlocked" };
        write!(f, "Shield({state})")
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    #[cfg(target_os = "linux")]
    use crate::leftovers::{self, copies_in_memory, disguised};
    use crate::{Curve, PublicKey, Secret};

    fn encoded(key: &PrivateKey) -> Vec<u8> {
        let mut out = Zeroizing::new(Vec::new());
        key.encode(&mut out);
        out.to_vec()
    }

    fn keys() -> Vec<PrivateKey> {
        vec![
            PrivateKey::ed25519_from_seed(&[1; 32]),
            PrivateKey::ecdsa_from_scalar(Curve::P521, &[2; 65]).unwrap(),
            PrivateKey::ml_dsa44_ed25519_from_seeds(&[3; 32], &[4; 32]),
        ]
    }

    fn derive(passphrase: &[u8], salt: [u8; SALT_LEN]) -> Derived {
        LockDerivation::new(Secret::from(passphrase.to_vec()), salt).run().unwrap()
    }

    fn contains(haystack: &[u8], needle: &[u8]) -> bool {
        haystack.windows(needle.len()).any(|part| part == needle)
    }

    #[test]
    fn a_renewed_shield_is_open_and_opens_nothing_of_before() {
        let shield = Shield::new().unwrap();
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let before = shield.seal(&key).unwrap();
        shield.lock(derive(b"lost", [1; SALT_LEN])).unwrap();
        shield.renew().unwrap();
        assert!(shield.open(&before).is_err());
        assert!(shield.open(&shield.seal(&key).unwrap()).is_ok());
    }

    #[test]
    fn a_sealed_key_comes_back_as_it_was() {
        let shield = Shield::new().unwrap();
        for key in keys() {
            let sealed = shield.seal(&key).unwrap();
            assert_eq!(sealed.public(), key.public());
            let opened = shield.open(&sealed).unwrap();
            assert_eq!(encoded(&opened), encoded(&key));
        }
    }

    #[test]
    fn the_sealed_form_shows_nothing_of_the_key_and_differs_each_time() {
        let shield = Shield::new().unwrap();
        let key = PrivateKey::ed25519_from_seed(&[1; 32]);
        let first = shield.seal(&key).unwrap();
        let second = shield.seal(&key).unwrap();
        assert!(!contains(first.ciphertext(), &[1; 8]));
        assert_ne!(first.ciphertext(), second.ciphertext());
        assert_ne!(first.nonce(), second.nonce());
    }

    #[test]
    fn another_shield_does_not_open_it() {
        let sealed = Shield::new().unwrap().seal(&keys()[0]).unwrap();
        let opened = Shield::new().unwrap().open(&sealed);
        assert!(matches!(opened, Err(Error::BrokenSeal)));
    }

    #[test]
    fn a_seal_moved_to_another_public_key_is_broken() {
        let shield = Shield::new().unwrap();
        let sealed = shield.seal(&PrivateKey::ed25519_from_seed(&[1; 32])).unwrap();
        let other: PublicKey = PrivateKey::ed25519_from_seed(&[2; 32]).public().clone();
        let moved = Sealed::new(other, *sealed.nonce(), sealed.ciphertext());
        assert!(matches!(shield.open(&moved), Err(Error::BrokenSeal)));
    }

    #[test]
    fn a_changed_byte_breaks_the_seal() {
        let shield = Shield::new().unwrap();
        let sealed = shield.seal(&keys()[0]).unwrap();
        for at in 0..sealed.ciphertext().len() {
            let mut changed = Zeroizing::new(sealed.ciphertext().to_vec());
            changed[at] ^= 1;
            let changed = Sealed::new(sealed.public().clone(), *sealed.nonce(), &changed);
            assert!(matches!(shield.open(&changed), Err(Error::BrokenSeal)));
        }
    }

    #[test]
    fn while_locked_nothing_opens_and_the_key_is_gone_from_memory() {
        let shield = Shield::new().unwrap();
        let sealed = shield.seal(&keys()[0]).unwrap();
        let before = shield.read().key.to_vec();
        let salt = LockDerivation::fresh_salt().unwrap();
        shield.lock(derive(b"secret", salt)).unwrap();
        assert!(shield.is_locked());
        assert_eq!(shield.salt(), Some(salt));
        assert!(matches!(shield.open(&sealed), Err(Error::Locked)));
        assert!(matches!(shield.seal(&keys()[0]), Err(Error::Locked)));
        {
            let state = shield.read();
            assert_eq!(&state.key[..], &[0; KEY_LEN]);
            let wrapped = &state.lock.as_ref().unwrap().ciphertext;
            assert!(!contains(wrapped, &before[..8]));
        }
        shield.unlock(derive(b"secret", salt)).unwrap();
        assert_eq!(shield.read().key.to_vec(), before);
        assert!(!shield.is_locked());
        assert_eq!(shield.salt(), None);
        shield.open(&sealed).unwrap();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn while_locked_no_copy_of_the_key_is_anywhere_in_this_process() {
        let shield = Shield::new().unwrap();
        let sealed = shield.seal(&keys()[0]).unwrap();
        shield.open(&sealed).unwrap();
        // Known only in disguise: a plain copy of our own would be found.
        let disguised = disguised(&shield.read().key);
        let salt = LockDerivation::fresh_salt().unwrap();
        let derived = derive(b"secret", salt);
        let disguised_derived = leftovers::disguised(derived.key());
        shield.lock(derived).unwrap();
        assert_eq!(shield.unlock(derive(b"wrong", salt)), Err(WrongPassphrase));
        assert_eq!(copies_in_memory(&disguised), 0);
        assert_eq!(copies_in_memory(&disguised_derived), 0);
        shield.unlock(derive(b"secret", salt)).unwrap();
        let copy = shield.read().key.to_vec();
        assert_ne!(copies_in_memory(&disguised), 0, "it does not find what is there");
        drop(copy);
    }

    #[test]
    fn c4_a_wrong_passphrase_does_not_unlock_and_changes_nothing() {
        let shield = Shield::new().unwrap();
        let salt = LockDerivation::fresh_salt().unwrap();
        shield.lock(derive(b"secret", salt)).unwrap();
        for wrong in [&b""[..], b"Secret", b"secret ", b"\xff\xfe"] {
            assert_eq!(shield.unlock(derive(wrong, salt)), Err(WrongPassphrase));
            assert!(shield.is_locked());
        }
        let other_salt = LockDerivation::fresh_salt().unwrap();
        assert_eq!(shield.unlock(derive(b"secret", other_salt)), Err(WrongPassphrase));
        shield.unlock(derive(b"secret", salt)).unwrap();
        assert_eq!(shield.unlock(derive(b"secret", salt)), Err(WrongPassphrase));
    }

    #[test]
    fn a_second_lock_is_refused_and_the_first_passphrase_still_opens() {
        let shield = Shield::new().unwrap();
        let salt = LockDerivation::fresh_salt().unwrap();
        shield.lock(derive(b"first", salt)).unwrap();
        let second = LockDerivation::fresh_salt().unwrap();
        assert_eq!(shield.lock(derive(b"second", second)), Err(Error::AlreadyLocked));
        shield.unlock(derive(b"first", salt)).unwrap();
    }
}
