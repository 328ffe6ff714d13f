//! Private keys at rest in memory: sealed, and truly locked when locked.

use crate::{PrivateKey, Result, Secret};

/// A private key sealed by a [`Shield`]. Worth nothing without it.
pub struct Sealed {}

/// Seals and opens private keys under a random key in locked memory.
pub struct Shield {}

/// Bytes of the salt of a lock passphrase.
pub const SALT_LEN: usize = 16;

/// The slow way from a lock passphrase to a key: Argon2id, 64 MiB, three passes.
pub struct LockDerivation {}

/// A key derived from a lock passphrase. Wiped on drop.
pub struct Derived {}

/// The passphrase is not the one it was locked with (or it is not locked).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrong passphrase")]
pub struct WrongPassphrase;

impl LockDerivation {
    /// What is to be derived: with a fresh salt to lock, with [`Shield::salt`] to unlock.
    #[must_use]
    pub fn new(_passphrase: Secret, _salt: [u8; SALT_LEN]) -> Self {
        todo!("new")
    }

    /// A fresh random salt, for locking.
    ///
    /// # Errors
    /// [`crate::Error::Randomness`] when the generator fails.
    pub fn fresh_salt() -> Result<[u8; SALT_LEN]> {
        todo!("fresh_salt")
    }

    /// Derives: about a tenth of a second and 64 MiB. Call it holding nothing.
    ///
    /// # Errors
    /// [`crate::Error::OutOfMemory`] when the memory is not to be had.
    pub fn run(self) -> Result<Derived> {
        todo!("run")
    }
}

impl Shield {
    /// A shield under a fresh random key.
    ///
    /// # Errors
    /// [`crate::Error::Randomness`] or [`crate::Error::OutOfMemory`].
    pub fn new() -> Result<Self> {
        todo!("new")
    }

    /// Seals a private key.
    ///
    /// # Errors
    /// [`crate::Error::Locked`] while locked.
    pub fn seal(&self, _key: &PrivateKey) -> Result<Sealed> {
        todo!("seal")
    }

    /// Opens a sealed key.
    ///
    /// # Errors
    /// [`crate::Error::Locked`] while locked, [`crate::Error::BrokenSeal`] when it was
    /// sealed by another shield.
    pub fn open(&self, _sealed: &Sealed) -> Result<PrivateKey> {
        todo!("open")
    }

    /// Locks: the key is wrapped under the derived one and wiped.
    ///
    /// # Errors
    /// [`crate::Error::AlreadyLocked`].
    pub fn lock(&self, _derived: Derived) -> Result<()> {
        todo!("lock")
    }

    /// Unlocks, if `derived` is what it was locked with.
    ///
    /// # Errors
    /// [`WrongPassphrase`] otherwise; it stays locked.
    pub fn unlock(&self, _derived: Derived) -> Result<(), WrongPassphrase> {
        todo!("unlock")
    }

    /// Whether it is locked.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        todo!("is_locked")
    }

    /// The salt it was locked with; none while unlocked.
    #[must_use]
    pub fn salt(&self) -> Option<[u8; SALT_LEN]> {
        todo!("salt")
    }
}

impl Sealed {
    /// The public key (certificate if it has one).
    #[must_use]
    pub fn public(&self) -> &crate::PublicKey {
        todo!("public")
    }
}
