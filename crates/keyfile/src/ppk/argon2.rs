//! From a passphrase to the keys of a version 3 file: Argon2 (RFC 9106), version 1.3, without
//! secret and associated data.

use std::fmt;

use argon2::{Algorithm, Block, Params};
use zeroize::Zeroizing;

use super::damaged;
use crate::error::{Error, Feature};
use crate::limits::Limits;

/// Which Argon2, and at what cost.
pub(crate) struct Argon2 {
    pub(crate) variant: Variant,
    pub(crate) memory_kib: u32,
    pub(crate) passes: u32,
    pub(crate) parallelism: u32,
    pub(crate) salt: Vec<u8>,
}

/// Argon2d, Argon2i, Argon2id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    D,
    I,
    Id,
}

impl Variant {
    const ALL: [Self; 3] = [Self::D, Self::I, Self::Id];

    /// The variant of its name in the file.
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.name().as_bytes() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::D => "Argon2d",
            Self::I => "Argon2i",
            Self::Id => "Argon2id",
        }
    }

    fn algorithm(self) -> Algorithm {
        match self {
            Self::D => Algorithm::Argon2d,
            Self::I => Algorithm::Argon2i,
            Self::Id => Algorithm::Argon2id,
        }
    }
}

impl Argon2 {
    /// Salts below this are in RFC 9106, and in no file PuTTY wrote.
    const MIN_SALT: usize = 8;

    /// Parameters that Argon2 has.
    pub(super) fn new(
        variant: Variant,
        memory_kib: u32,
        passes: u32,
        parallelism: u32,
        salt: Vec<u8>,
    ) -> Result<Self, Error> {
        if salt.len() < Self::MIN_SALT {
            return Err(Error::Unsupported {
                what: Feature::Derivation(format!("Argon2 with {} bytes of salt", salt.len())),
                because: "PuTTY writes 16",
            });
        }
        let argon2 = Self { variant, memory_kib, passes, parallelism, salt };
        // PuTTY before 0.85 crashed of some of these.
        argon2.params(0).ok_or_else(|| damaged("Argon2 with parameters it does not have"))?;
        Ok(argon2)
    }

    fn params(&self, output: usize) -> Option<Params> {
        let output = Some(output).filter(|&output| output > 0);
        Params::new(self.memory_kib, self.passes, self.parallelism, output).ok()
    }

    /// Refuses more work or memory than allowed.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), Error> {
        let memory = u64::from(self.memory_kib);
        let work = memory.saturating_mul(self.passes.into());
        for (unit, rounds, limit) in [
            ("KiB of memory for Argon2", memory, limits.argon2_memory_kib),
            ("KiB filled by Argon2", work, limits.argon2_work_kib),
        ] {
            if rounds > limit {
                return Err(Error::KdfTooExpensive { unit, rounds, limit });
            }
        }
        Ok(())
    }

    /// Fills the keys; takes its time, once.
    pub(super) fn derive(&self, passphrase: &[u8], keys: &mut [u8]) -> Result<(), Error> {
        let refused = || damaged("Argon2 with parameters it does not have");
        let params = self.params(keys.len()).ok_or_else(refused)?;
        let mut memory = memory(params.block_count())?;
        argon2::Argon2::new(self.variant.algorithm(), argon2::Version::V0x13, params)
            .hash_password_into_with_memory(passphrase, &self.salt, keys, memory.as_mut_slice())
            .map_err(|_| refused())
    }
}

/// Asked for fallibly (a machine short of memory is no reason to crash) and wiped afterwards.
fn memory(blocks: usize) -> Result<Zeroizing<Vec<Block>>, Error> {
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(blocks).map_err(|_| Error::OutOfMemory)?;
    memory.resize(blocks, Block::new());
    Ok(memory)
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
