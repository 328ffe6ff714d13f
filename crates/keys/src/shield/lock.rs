//! From a lock passphrase to a key.
//!
//! OpenSSH hashes a lock passphrase with one round of bcrypt and leaves the keys readable.
//! Here the passphrase is what stands between a memory image and every key, so guessing it
//! must be dear: Argon2id with 64 MiB.

use std::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use keyfob_sys::locked::LockedBytes;
use keyfob_sys::traces::{Stack, leaving_none};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::{KEY_LEN, locked, random};
use crate::limits::{LOCK_MEMORY_KIB, LOCK_PASSES};
use crate::{Error, Result, Secret};

/// Bytes of the salt of a lock passphrase.
pub const SALT_LEN: usize = 16;

/// The slow way from a lock passphrase to a key: Argon2id, 64 MiB, three passes.
pub struct LockDerivation {
    passphrase: Secret,
    salt: [u8; SALT_LEN],
}

/// A key derived from a lock passphrase, in locked memory. Wiped on drop.
pub struct Derived {
    key: LockedBytes,
    salt: [u8; SALT_LEN],
}

/// The passphrase is not the one it was locked with (or it is not locked).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrong passphrase")]
pub struct WrongPassphrase;

impl LockDerivation {
    /// What is to be derived: with [`LockDerivation::fresh_salt`] to lock, with
    /// [`super::Shield::salt`] to unlock.
    #[must_use]
    pub fn new(passphrase: Secret, salt: [u8; SALT_LEN]) -> Self {
        Self { passphrase, salt }
    }

    /// A fresh random salt, for locking.
    ///
    /// # Errors
    /// [`Error::Randomness`] when the generator fails.
    pub fn fresh_salt() -> Result<[u8; SALT_LEN]> {
        let mut salt = [0; SALT_LEN];
        random(&mut salt)?;
        Ok(salt)
    }

    /// Derives: about a tenth of a second and 64 MiB, the same for every passphrase. Call it
    /// holding nothing.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] when the memory is not to be had.
    pub fn run(self) -> Result<Derived> {
        self.run_with(LOCK_MEMORY_KIB, LOCK_PASSES)
    }

    pub(super) fn run_with(self, memory_kib: u32, passes: u32) -> Result<Derived> {
        const WHAT: Error = Error::OutOfMemory("the lock passphrase");
        let params = Params::new(memory_kib, passes, 1, Some(KEY_LEN)).map_err(|_| WHAT)?;
        let mut memory = memory(params.block_count())?;
        let mut key = locked(KEY_LEN)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // Without the 64 MiB, which are ordinary memory: locked pages would not do, and are
        // kept once they have been taken.
        leaving_none(Stack::Shallow, || {
            let passphrase = self.passphrase.expose_secret();
            argon2.hash_password_into_with_memory(
                passphrase,
                &self.salt,
                &mut key,
                memory.as_mut_slice(),
            )
        })
        .map_err(|_| WHAT)?;
        Ok(Derived { key, salt: self.salt })
    }
}

/// Asked for fallibly (a machine short of memory must refuse the lock, not end the agent)
/// and wiped afterwards.
fn memory(blocks: usize) -> Result<Zeroizing<Vec<Block>>> {
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(blocks).map_err(|_| Error::OutOfMemory("the lock passphrase"))?;
    memory.resize(blocks, Block::new());
    Ok(memory)
}

impl Derived {
    /// A key that was derived elsewhere: by the key store, of its root.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] when there is no locked memory for it.
    pub fn of_key(bytes: &[u8; KEY_LEN]) -> Result<Self> {
        let mut key = locked(KEY_LEN)?;
        key.copy_from_slice(bytes);
        Ok(Self { key, salt: [0; SALT_LEN] })
    }

    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(super) fn salt(&self) -> [u8; SALT_LEN] {
        self.salt
    }
}

impl fmt::Debug for Derived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Derived(..)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_same_passphrase_and_salt_give_the_same_key_and_no_other_does() {
        let derive = |passphrase: &[u8], salt| {
            let passphrase = Secret::from(passphrase.to_vec());
            let small = LockDerivation::new(passphrase, salt).run_with(64, 1);
            small.unwrap().key().to_vec()
        };
        let first = derive(b"passphrase", [1; SALT_LEN]);
        assert_eq!(first, derive(b"passphrase", [1; SALT_LEN]));
        assert_ne!(first, derive(b"passphrase", [2; SALT_LEN]));
        assert_ne!(first, derive(b"Passphrase", [1; SALT_LEN]));
        assert_ne!(first, derive(b"", [1; SALT_LEN]));
    }

    #[test]
    fn too_little_memory_is_an_error_and_not_an_end() {
        assert!(matches!(memory(usize::MAX / 2048), Err(Error::OutOfMemory(_))));
    }

    #[test]
    fn the_real_cost_is_64_mib_and_three_passes() {
        let passphrase = || Secret::from(b"passphrase".to_vec());
        let real = LockDerivation::new(passphrase(), [1; SALT_LEN]).run().unwrap();
        let same = LockDerivation::new(passphrase(), [1; SALT_LEN]).run_with(65536, 3);
        assert_eq!(real.key(), same.unwrap().key());
    }
}
