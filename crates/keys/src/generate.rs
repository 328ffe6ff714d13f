//! Makes new keys.
//!
//! Asks the system for randomness and nothing else for anything: how many threads to use, and
//! whether to go on, is told by the caller. Writes nothing. No key leaves here that has not signed
//! something its public half verified.

mod prime;
mod rsa;
mod search;
mod sieve;

use std::num::NonZeroUsize;

use crypto_bigint::BoxedUint;
use zeroize::Zeroizing;

use crate::{Curve, Error, PrivateKey, Result, SignatureScheme, Signer};

/// What to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `ssh-ed25519`
    Ed25519,
    /// `ecdsa-sha2-nistp…`
    Ecdsa(Curve),
    /// `ssh-rsa`, with a modulus of so many bits: 1024 to 16384
    Rsa {
        /// Bits of the modulus.
        bits: u32,
    },
    /// `ssh-mldsa44-ed25519@openssh.com`
    MlDsa44Ed25519,
}

/// Who looks on while a key is searched for.
pub trait Watch: Sync {
    /// How far the search is, from 0 to 1. It never goes back, and it is true: the probability
    /// that a search takes no longer than this one did. Told by the calling thread.
    fn progress(&self, done: f64);

    /// Whether to give up. Asked by every searching thread, about once in a millisecond; while a
    /// find is confirmed, once a round (4 ms for a key of 4096 bits, 0.3 s for 16384).
    fn stopped(&self) -> bool;
}

/// Nobody looks on.
impl Watch for () {
    fn progress(&self, _done: f64) {}

    fn stopped(&self) -> bool {
        false
    }
}

/// Makes a key. An RSA search runs on so many threads, the calling one among them; the others
/// make no use of more than one.
///
/// # Errors
/// [`Error::Unsupported`] for a size no SSH program takes, [`Error::Stopped`] when the watcher
/// gave up, [`Error::Randomness`] when the system has none, [`Error::SigningFailed`] or
/// [`Error::BadSignature`] when the finished key does not sign: this machine computes wrongly.
pub fn generate(kind: Kind, threads: NonZeroUsize, watch: &dyn Watch) -> Result<PrivateKey> {
    let key = match kind {
        Kind::Ed25519 => PrivateKey::ed25519_from_seed(&*random()?),
        Kind::Ecdsa(curve) => ecdsa(curve)?,
        Kind::Rsa { bits } => rsa::generate(bits, threads, watch)?,
        Kind::MlDsa44Ed25519 => PrivateKey::ml_dsa44_ed25519_from_seeds(&*random()?, &*random()?),
    };
    try_out(&key)?;
    if watch.stopped() {
        return Err(Error::Stopped);
    }
    watch.progress(1.0);
    Ok(key)
}

/// The pairwise consistency test (FIPS 140-3 IG 10.3.A): what is signed verifies.
fn try_out(key: &PrivateKey) -> Result<()> {
    const MESSAGE: &[u8] = b"is this a key?";
    let signature = Signer::prepare_for_once(key)?.sign(MESSAGE, SignatureScheme::Default)?;
    key.public().verify(MESSAGE, &signature)
}

/// By rejection (FIPS 186-5 A.2.2): every scalar below the order is as likely as any other.
fn ecdsa(curve: Curve) -> Result<PrivateKey> {
    // One in 2^32 is out of range; a generator that gives so many of them is none.
    const ATTEMPTS: usize = 8;
    for _ in 0..ATTEMPTS {
        let mut scalar = Zeroizing::new(vec![0; curve.field_len()]);
        fill(&mut scalar)?;
        let unused = curve.field_len() * 8 - curve.bits() as usize;
        scalar[0] &= 0xff >> unused;
        if let Ok(key) = PrivateKey::ecdsa_from_scalar(curve, &scalar) {
            return Ok(key);
        }
    }
    Err(Error::Randomness)
}

fn random<const N: usize>() -> Result<Box<Zeroizing<[u8; N]>>> {
    let mut bytes = Box::new(Zeroizing::new([0; N]));
    fill(&mut **bytes)?;
    Ok(bytes)
}

/// So many random bits.
fn random_number(bits: u32) -> Result<Zeroizing<BoxedUint>> {
    let mut bytes = Zeroizing::new(vec![0; bits.div_ceil(8) as usize]);
    fill(&mut bytes)?;
    bytes[0] &= 0xff >> (bytes.len() * 8 - bits as usize);
    Ok(Zeroizing::new(BoxedUint::from_be_slice_vartime(&bytes)))
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes).map_err(|_| Error::Randomness)
}

#[cfg(all(test, target_os = "linux"))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::PrivateNumbers;
    use crate::leftovers::{copies_in_memory, disguised};

    /// The middle of a number in disguise, as it is written and as the processor keeps it.
    fn traces(number: &[u8]) -> [Vec<u8>; 2] {
        let middle = &number[number.len() / 4..][..24];
        let mut reversed = disguised(middle);
        reversed.reverse();
        [disguised(middle), reversed]
    }

    fn rsa() -> PrivateKey {
        generate(Kind::Rsa { bits: 1024 }, NonZeroUsize::new(3).unwrap(), &()).unwrap()
    }

    #[test]
    fn nothing_is_left_of_a_key_that_was_made_and_dropped() {
        let mut sought = Vec::new();
        // The threads of the second take over the stacks of the first: what is found of that
        // one is no accident.
        for key in [rsa(), rsa()] {
            let PrivateNumbers::Rsa { parts, dp, dq } = key.numbers() else { unreachable!() };
            sought.extend([parts.d, parts.p, parts.q, parts.iqmp, dp, dq].map(traces));
        }
        for (number, traces) in sought.iter().enumerate() {
            for trace in traces {
                assert_eq!(copies_in_memory(trace), 0, "number {number}");
            }
        }
        let key = rsa();
        let PrivateNumbers::Rsa { parts, .. } = key.numbers() else { unreachable!() };
        let [written, _] = traces(parts.p);
        assert_ne!(copies_in_memory(&written), 0, "it does not find what is there");
    }
}
