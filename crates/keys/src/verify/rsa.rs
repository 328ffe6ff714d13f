//! Checks RSA signatures (RFC 8332, RFC 8017 §8.2.2).

use ::rsa::{BoxedUint, Pkcs1v15Sign, RsaPublicKey};
use sha2::{Digest, Sha256, Sha512};

use super::Sha1;
use crate::{Error, Result};

/// Checks by the hash that the signature's own name says.
pub(super) fn check(
    n: &[u8],
    e: &[u8],
    data: &[u8],
    name: &[u8],
    signature: &[u8],
    sha1: Sha1,
) -> Result<()> {
    let (scheme, hash) = match name {
        b"rsa-sha2-512" => (Pkcs1v15Sign::new::<Sha512>(), Sha512::digest(data).to_vec()),
        b"rsa-sha2-256" => (Pkcs1v15Sign::new::<Sha256>(), Sha256::digest(data).to_vec()),
        b"ssh-rsa" if sha1 == Sha1::Allowed => {
            (Pkcs1v15Sign::new::<sha1::Sha1>(), sha1::Sha1::digest(data).to_vec())
        }
        b"ssh-rsa" => {
            return Err(Error::Unsupported {
                what: "an RSA signature with SHA-1",
                why: "it can be forged",
            });
        }
        _ => return Err(Error::WrongScheme("ssh-rsa")),
    };
    // Some implementations strip zeros in front (OpenSSH pads them back, and so do we).
    let missing = n.len().checked_sub(signature.len()).ok_or(Error::BadSignature)?;
    let mut padded = vec![0; missing];
    padded.extend_from_slice(signature);
    // Unchecked, because the checked constructors stop at 8192 bits and an exponent of 2^33:
    // `KeyData::rsa` has bounded both and refused an even modulus, which would panic here.
    let key = RsaPublicKey::new_unchecked(
        BoxedUint::from_be_slice_vartime(n),
        BoxedUint::from_be_slice_vartime(e),
    );
    key.verify(scheme, &hash, &padded).map_err(|_| Error::BadSignature)
}
