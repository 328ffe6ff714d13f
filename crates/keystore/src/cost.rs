//! What a guess at the passphrase costs: Argon2id with one lane.
//!
//! One lane, because more of them help only who guesses on many cores, and because libsodium has
//! no other: that is what makes recovery possible with tools everybody has.

#[cfg_attr(unix, path = "cost/unix.rs")]
#[cfg_attr(windows, path = "cost/windows.rs")]
mod clock;

use std::fmt;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use keyfob_keys::{Secret, passphrase};
use keyfob_sys::traces::{Stack, leaving_none};
use secrecy::ExposeSecret as _;
use zeroize::Zeroizing;

use crate::limits::{
    DERIVATION_AT_LEAST, DERIVATION_AT_MOST, FLOOR_MEMORY_KIB, MAX_MEMORY_KIB, MAX_PASSES,
    MAX_WORK_KIB, MIN_MEMORY_KIB, PASSES, USUAL_MEMORY_KIB,
};
use crate::seal::{KEY_LEN, Key};
use crate::slot::SALT_LEN;
use crate::{Error, Result, header};

/// Memory and passes of a derivation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// What a new slot costs at least: 64 MiB, three passes.
    pub const FLOOR: Self = Self { memory_kib: FLOOR_MEMORY_KIB, passes: PASSES };

    /// So much memory, rounded up to the floor and down to what is read back.
    #[must_use]
    pub fn of_memory(memory_kib: u32) -> Self {
        let memory_kib = memory_kib.clamp(FLOOR_MEMORY_KIB, MAX_MEMORY_KIB);
        Self { memory_kib, passes: PASSES }
    }

    /// What takes this machine between half a second and a second of work, beginning with
    /// 256 MiB. Measured in processor time where that is to be had: other programs do not make it
    /// cheaper.
    ///
    /// # Errors
    /// [`Error::OutOfMemory`] when not even the floor is to be had.
    pub fn calibrated() -> Result<Self> {
        let mut cost = Self::of_memory(USUAL_MEMORY_KIB);
        let took = loop {
            match cost.time() {
                Ok(took) => break took,
                Err(error) if cost == Self::FLOOR => return Err(error),
                Err(_) => cost = Self::of_memory(cost.memory_kib / 2),
            }
        };
        Ok(cost.adjusted(took))
    }

    /// The time grows with the memory; doubled or halved until it fits.
    fn adjusted(self, took: Duration) -> Self {
        let (mut cost, mut estimate) = (self, took);
        while estimate > DERIVATION_AT_MOST && cost.memory_kib > FLOOR_MEMORY_KIB {
            cost = Self::of_memory(cost.memory_kib / 2);
            estimate /= 2;
        }
        while estimate < DERIVATION_AT_LEAST
            && estimate * 2 <= DERIVATION_AT_MOST
            && cost.memory_kib < MAX_MEMORY_KIB
        {
            cost = Self::of_memory(cost.memory_kib.saturating_mul(2));
            estimate *= 2;
        }
        cost
    }

    /// What one derivation takes of this thread.
    fn time(self) -> Result<Duration> {
        let began = clock::worked();
        self.derive(&Secret::from(b"calibration".to_vec()), &[0; SALT_LEN])?;
        Ok(clock::worked().saturating_sub(began))
    }

    /// Reads `memory:passes`; none outside of the limits of [`crate::limits`].
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (memory, passes) = text.split_once(':')?;
        let memory_kib: u32 = header::number(memory)?;
        let passes: u32 = header::number(passes)?;
        let fits = (MIN_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&memory_kib)
            && (1..=MAX_PASSES).contains(&passes)
            && u64::from(memory_kib) * u64::from(passes) <= MAX_WORK_KIB;
        fits.then_some(Self { memory_kib, passes })
    }

    /// Memory of one derivation, in KiB.
    #[must_use]
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over it.
    #[must_use]
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// Derives. A passphrase that is text is taken in its composed form (NFC): it is the same on
    /// every keyboard. Costs the same, right or wrong.
    pub(crate) fn derive(self, passphrase: &Secret, salt: &[u8; SALT_LEN]) -> Result<Key> {
        let short = Error::OutOfMemory(self.memory_kib);
        let composed = passphrase::composed(passphrase);
        let passphrase = composed.as_ref().unwrap_or(passphrase).expose_secret();
        let Ok(params) = Params::new(self.memory_kib, self.passes, 1, Some(KEY_LEN)) else {
            return Err(short);
        };
        // Ordinary memory: as much of it cannot be locked. Asked for fallibly, and wiped.
        let mut memory = Zeroizing::new(Vec::new());
        if memory.try_reserve_exact(params.block_count()).is_err() {
            return Err(short);
        }
        memory.resize(params.block_count(), Block::new());
        let mut key = Key::blank()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        leaving_none(Stack::Shallow, || {
            let area = memory.as_mut_slice();
            argon2.hash_password_into_with_memory(passphrase, salt, key.bytes_mut(), area)
        })
        .map_err(|_| short)?;
        Ok(key)
    }
}

/// Memory in KiB and passes: `262144:3`.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.memory_kib, self.passes)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
impl Cost {
    /// The least that is read, for tests that are not about it.
    pub(crate) const LEAST: Self = Self { memory_kib: MIN_MEMORY_KIB, passes: 1 };
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::from(text.as_bytes().to_vec())
    }

    #[test]
    fn only_costs_within_the_limits_are_read() {
        for good in ["65536:3", "19456:1", "1048576:8", "262144:32"] {
            assert_eq!(Cost::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "65536",
            "65536:",
            ":3",
            "065536:3",
            "65536:0",
            "65536:33",
            "19455:1",
            "1048577:1",
            "1048576:9",
            "4294967296:1",
            "-1:3",
            "65536:3:1",
            "65536:3 ",
        ] {
            assert_eq!(Cost::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_slow_machine_takes_less_memory_and_a_fast_one_more() {
        let usual = Cost::of_memory(USUAL_MEMORY_KIB);
        let adjusted = |millis| usual.adjusted(Duration::from_millis(millis)).memory_kib / 1024;
        assert_eq!(adjusted(600), 256);
        assert_eq!(adjusted(1900), 128);
        assert_eq!(adjusted(60_000), 64);
        assert_eq!(adjusted(300), 512);
        assert_eq!(adjusted(140), 1024);
        assert_eq!(adjusted(1), 1024);
    }

    #[test]
    fn a_passphrase_is_the_same_however_its_letters_were_typed() {
        let derive = |text| Cost::LEAST.derive(&secret(text), &[1; 16]).unwrap().bytes().to_vec();
        assert_eq!(derive("cafe\u{301}"), derive("caf\u{e9}"));
        assert_ne!(derive("cafe"), derive("caf\u{e9}"));
    }

    /// Made by libsodium.
    #[test]
    fn the_key_of_a_known_passphrase_is_this_one() {
        let salt = std::array::from_fn(|at| at as u8);
        let key = Cost::LEAST.derive(&secret("caf\u{e9}"), &salt).unwrap();
        let known = "157b50f31efec378ca327c5a51b6ac4bdef99f3b8050b6da92e9d41924480836";
        assert_eq!(base16ct::lower::encode_string(key.bytes()), known);
    }
}
