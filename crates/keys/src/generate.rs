//! Makes new keys.
//!
//! Asks the system for randomness and nothing else for anything: how many threads to use, and
//! whether to go on, is told by the caller. Writes nothing.

use std::num::NonZeroUsize;

use zeroize::Zeroizing;

use crate::{Curve, Error, PrivateKey, Result};

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

/// Who looks on while a key is searched for. Called from the searching threads.
pub trait Watch: Sync {
    /// How far the search is, from 0 to 1. It never goes back, and it is true: the probability
    /// that a search takes no longer than this one did.
    fn progress(&self, done: f64);

    /// Whether to give up.
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
/// gave up, [`Error::Randomness`] when the system has none.
pub fn generate(kind: Kind, threads: NonZeroUsize, watch: &dyn Watch) -> Result<PrivateKey> {
    let _ = (threads, watch);
    match kind {
        Kind::Ed25519 => Ok(PrivateKey::ed25519_from_seed(&*random()?)),
        _ => Err(Error::Unsupported { what: "such a key", why: "it is not made yet" }),
    }
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(&mut *bytes).map_err(|_| Error::Randomness)?;
    Ok(bytes)
}
