//! The post-quantum composite signature of `ssh-mldsa44-ed25519@openssh.com`.
//!
//! OpenSSH 10.4 took it from draft-ietf-lamps-pq-composite-sigs: both keys sign one message
//! made of a prefix, a label and the SHA-512 of the data, and both signatures must hold.

use ml_dsa::{EncodedVerifyingKey, ExpandedSigningKey, MlDsa44, Signature, VerifyingKey};
use sha2::{Digest, Sha512};

use crate::key_data::{ED25519_PUBLIC, MLDSA_PUBLIC};
use crate::{Error, Result, verify};

/// Bytes of an ML-DSA-44 signature (FIPS 204).
const MLDSA_SIGNATURE: usize = 2420;

const PREFIX: &[u8] = b"CompositeAlgorithmSignatures2025";
/// Also the context string of the ML-DSA signature.
const LABEL: &[u8] = b"COMPSIG-MLDSA44-Ed25519-SHA512";

/// What both keys sign: prefix, label, an empty application context, hash.
pub(crate) fn message(data: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(PREFIX.len() + LABEL.len() + 1 + 64);
    message.extend_from_slice(PREFIX);
    message.extend_from_slice(LABEL);
    message.push(0);
    message.extend_from_slice(&Sha512::digest(data));
    message
}

/// Signs; `ed25519` signs the message with the other key. Hedged with fresh randomness, as
/// OpenSSH does.
pub(crate) fn sign(
    ml_dsa: &ExpandedSigningKey<MlDsa44>,
    ed25519: impl FnOnce(&[u8]) -> Result<Vec<u8>>,
    data: &[u8],
) -> Result<Vec<u8>> {
    let message = message(data);
    let mut both = ml_dsa
        .sign_randomized(&message, LABEL, &mut getrandom::SysRng)
        .map_err(|_| Error::SigningFailed)?
        .encode()
        .to_vec();
    both.extend_from_slice(&ed25519(&message)?);
    Ok(both)
}

/// Checks both signatures.
pub(crate) fn verify(keys: &[u8], data: &[u8], signature: &[u8]) -> Result<()> {
    let (ml_dsa_key, ed25519_key) =
        keys.split_last_chunk::<ED25519_PUBLIC>().ok_or(Error::BadSignature)?;
    debug_assert_eq!(ml_dsa_key.len(), MLDSA_PUBLIC);
    let (ml_dsa_signature, ed25519_signature) =
        signature.split_at_checked(MLDSA_SIGNATURE).ok_or(Error::BadSignature)?;
    let message = message(data);
    let key = EncodedVerifyingKey::<MlDsa44>::try_from(ml_dsa_key)
        .map(|encoded| VerifyingKey::<MlDsa44>::decode(&encoded))
        .map_err(|_| Error::BadSignature)?;
    let decoded =
        Signature::<MlDsa44>::try_from(ml_dsa_signature).map_err(|_| Error::BadSignature)?;
    if !key.verify_with_context(&message, LABEL, &decoded) {
        return Err(Error::BadSignature);
    }
    verify::ed25519(ed25519_key, &message, ed25519_signature)
}
