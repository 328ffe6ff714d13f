//! From private to public: how it is known that two halves are of one key.

use ml_dsa::{ExpandedSigningKey, MlDsa44, Seed, SigningKey};
use signature::Keypair;
use zeroize::Zeroizing;

use crate::{Curve, Error, Result};

/// The public key of an Ed25519 seed.
pub(crate) fn ed25519(seed: &[u8; 32]) -> [u8; 32] {
    // Wiped on drop (its `zeroize` feature).
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// The uncompressed point of a scalar as long as the curve's field.
pub(crate) fn ecdsa(curve: Curve, scalar: &[u8]) -> Result<Vec<u8>> {
    let point = match curve {
        Curve::P256 => p256::SecretKey::from_slice(scalar).map(|d| d.public_key().to_sec1_bytes()),
        Curve::P384 => p384::SecretKey::from_slice(scalar).map(|d| d.public_key().to_sec1_bytes()),
        Curve::P521 => p521::SecretKey::from_slice(scalar).map(|d| d.public_key().to_sec1_bytes()),
    };
    point.map(Vec::from).map_err(|_| Error::Malformed("private ECDSA key (out of range)"))
}

/// The two halves, each in a buffer that wipes itself.
fn split_seeds(seeds: &[u8; 64]) -> (Zeroizing<[u8; 32]>, Zeroizing<[u8; 32]>) {
    let mut halves = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
    halves.0.copy_from_slice(&seeds[..32]);
    halves.1.copy_from_slice(&seeds[32..]);
    halves
}

/// The two public keys of the two seeds, one after the other.
pub(crate) fn composite(seeds: &[u8; 64]) -> Vec<u8> {
    let (ml_dsa_seed, ed25519_seed) = split_seeds(seeds);
    let ml_dsa = SigningKey::<MlDsa44>::from_seed(&Seed::from(*ml_dsa_seed));
    let mut both = ml_dsa.verifying_key().encode().to_vec();
    both.extend_from_slice(&ed25519(&ed25519_seed));
    both
}

/// The ML-DSA signing key, expanded once for many signatures.
pub(crate) fn ml_dsa_expanded(seeds: &[u8; 64]) -> Box<ExpandedSigningKey<MlDsa44>> {
    let (seed, _) = split_seeds(seeds);
    Box::new(ExpandedSigningKey::from_seed(&Seed::from(*seed)))
}
