//! Signs in pure Rust: everything in a build without aws-lc, and in any build what aws-lc
//! refuses (RSA below 2048 and above 8192 bits, SHA-1).

use ::rsa::{Pkcs1v15Sign, RsaPrivateKey};
use sha2::{Digest, Sha256, Sha512};

use super::RsaHash;
use crate::key_data::KeyData;
use crate::private_key::{Fields, rsa};
use crate::{Error, PrivateKey, Result, RsaParts};

/// An RSA key with its precomputed values.
pub(super) struct Rsa(RsaPrivateKey);

impl Rsa {
    pub(super) fn prepare(key: &PrivateKey) -> Result<Self> {
        let (KeyData::Rsa { n, e }, Fields::Rsa(fields)) = (key.public().data(), key.fields())
        else {
            return Err(Error::SigningFailed);
        };
        Self::import(&RsaParts {
            n,
            e,
            d: &fields.d,
            p: &fields.p,
            q: &fields.q,
            iqmp: &fields.iqmp,
        })
    }

    pub(super) fn import(parts: &RsaParts<'_>) -> Result<Self> {
        rsa::import(parts).map(Self)
    }

    /// Blinded from the system's generator, and checked before it leaves (a faulty CRT
    /// result would give away a prime): both the `rsa` crate's doing.
    pub(super) fn sign(&self, data: &[u8], hash: RsaHash) -> Result<Vec<u8>> {
        let signature = match hash {
            RsaHash::Sha1 => {
                let digest = sha1::Sha1::digest(data);
                self.0.sign(Pkcs1v15Sign::new::<sha1::Sha1>(), &digest)
            }
            RsaHash::Sha256 => {
                let digest = Sha256::digest(data);
                self.0.sign(Pkcs1v15Sign::new::<Sha256>(), &digest)
            }
            RsaHash::Sha512 => {
                let digest = Sha512::digest(data);
                self.0.sign(Pkcs1v15Sign::new::<Sha512>(), &digest)
            }
        };
        signature.map_err(|_| Error::SigningFailed)
    }
}

/// Ed25519 and ECDSA.
#[cfg(any(test, not(feature = "aws-lc")))]
pub(super) use plain::Plain;

#[cfg(any(test, not(feature = "aws-lc")))]
mod plain {
    use signature::Signer as _;

    use super::super::ecdsa_signature;
    use crate::key_data::KeyData;
    use crate::{Curve, Error, Result};

    /// Boxed where large; each wipes itself on drop.
    pub(in super::super) enum Plain {
        Ed25519(Box<ed25519_dalek::SigningKey>),
        P256(Box<p256::ecdsa::SigningKey>),
        P384(Box<p384::ecdsa::SigningKey>),
        P521(Box<p521::ecdsa::SigningKey>),
    }

    impl Plain {
        pub(in super::super) fn ed25519(seed: &[u8]) -> Result<Self> {
            let key =
                ed25519_dalek::SigningKey::try_from(seed).map_err(|_| Error::SigningFailed)?;
            Ok(Self::Ed25519(Box::new(key)))
        }

        pub(in super::super) fn ecdsa(public: &KeyData, scalar: &[u8]) -> Result<Self> {
            let KeyData::Ecdsa { curve, .. } = public else {
                return Err(Error::SigningFailed);
            };
            let key =
                match curve {
                    Curve::P256 => p256::ecdsa::SigningKey::from_slice(scalar)
                        .map(|key| Self::P256(Box::new(key))),
                    Curve::P384 => p384::ecdsa::SigningKey::from_slice(scalar)
                        .map(|key| Self::P384(Box::new(key))),
                    Curve::P521 => p521::ecdsa::SigningKey::from_slice(scalar)
                        .map(|key| Self::P521(Box::new(key))),
                };
            key.map_err(|_| Error::SigningFailed)
        }

        /// The signature as it stands in the blob.
        pub(in super::super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>> {
            match self {
                Self::Ed25519(key) => {
                    let signature = key.try_sign(data).map_err(|_| Error::SigningFailed)?;
                    Ok(signature.to_vec())
                }
                Self::P256(key) => {
                    let signature: p256::ecdsa::Signature =
                        key.try_sign(data).map_err(|_| Error::SigningFailed)?;
                    ecdsa_signature(Curve::P256, &signature.to_bytes())
                }
                Self::P384(key) => {
                    let signature: p384::ecdsa::Signature =
                        key.try_sign(data).map_err(|_| Error::SigningFailed)?;
                    ecdsa_signature(Curve::P384, &signature.to_bytes())
                }
                Self::P521(key) => {
                    let signature: p521::ecdsa::Signature =
                        key.try_sign(data).map_err(|_| Error::SigningFailed)?;
                    ecdsa_signature(Curve::P521, &signature.to_bytes())
                }
            }
        }
    }
}
