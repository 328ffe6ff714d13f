//! Signs with aws-lc: Ed25519, ECDSA, and RSA from 2048 to 8192 bits with SHA-2.
//!
//! aws-lc blinds RSA, wipes what it frees, and is told where to allocate (see
//! `keyfob_sys::signing_heap`), so its objects live where nothing dumps them.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeyPairComponents, PublicKeyComponents};
use aws_lc_rs::signature::{self as schemes, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair};

use super::{RsaHash, ecdsa_signature, rust_crypto};
use crate::key_data::KeyData;
use crate::private_key::Fields;
use crate::{Curve, Error, PrivateKey, Result, RsaParts};

/// Ed25519 or ECDSA.
pub(super) enum Plain {
    Ed25519(Ed25519KeyPair),
    Ecdsa(Curve, EcdsaKeyPair),
}

impl Plain {
    pub(super) fn ed25519(seed: &[u8]) -> Result<Self> {
        keep_keys_locked();
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self::Ed25519)
            .map_err(|_| Error::SigningFailed)
    }

    pub(super) fn ecdsa(public: &KeyData, scalar: &[u8]) -> Result<Self> {
        let KeyData::Ecdsa { curve, point } = public else {
            return Err(Error::SigningFailed);
        };
        keep_keys_locked();
        EcdsaKeyPair::from_private_key_and_public_key(scheme(*curve), scalar, point)
            .map(|pair| Self::Ecdsa(*curve, pair))
            .map_err(|_| Error::SigningFailed)
    }

    /// The signature as it stands in the blob.
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Ed25519(pair) => pair
                .try_sign(data)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| Error::SigningFailed),
            Self::Ecdsa(curve, pair) => {
                let signature =
                    pair.sign(&SystemRandom::new(), data).map_err(|_| Error::SigningFailed)?;
                ecdsa_signature(*curve, signature.as_ref())
            }
        }
    }
}

fn scheme(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &schemes::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &schemes::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &schemes::ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}

/// Before aws-lc makes its first object. Where it cannot be done (another part of the process
/// has done the like) keys are signed with all the same; they are only less well hidden.
fn keep_keys_locked() {
    keyfob_sys::signing_heap::install();
}

/// An RSA key.
pub(super) struct Rsa(RsaKeyPair);

impl Rsa {
    /// None when aws-lc does not take it: for its size, or for an exponent above 2^33.
    /// The key is known to be sound, so a refusal is a limit and not a fault.
    pub(super) fn prepare(key: &PrivateKey) -> Option<Self> {
        let (KeyData::Rsa { n, e }, Fields::Rsa(fields)) = (key.public().data(), key.fields())
        else {
            return None;
        };
        keep_keys_locked();
        RsaKeyPair::from_components(&KeyPairComponents {
            public_key: PublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
            d: fields.d.as_slice(),
            p: fields.p.as_slice(),
            q: fields.q.as_slice(),
            dP: fields.dp.as_slice(),
            dQ: fields.dq.as_slice(),
            qInv: fields.iqmp.as_slice(),
        })
        .ok()
        .map(Self)
    }

    pub(super) fn sign(&self, data: &[u8], hash: RsaHash) -> Result<Vec<u8>> {
        let encoding: &dyn schemes::RsaEncoding = match hash {
            RsaHash::Sha256 => &schemes::RSA_PKCS1_SHA256,
            RsaHash::Sha512 => &schemes::RSA_PKCS1_SHA512,
            RsaHash::Sha1 => return Err(Error::SigningFailed),
        };
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(encoding, &SystemRandom::new(), data, &mut signature)
            .map_err(|_| Error::SigningFailed)?;
        Ok(signature)
    }

    /// The same key for the other backend. Taken out of aws-lc when it is needed, so that
    /// the numbers need not be kept a second time for the rare SHA-1 signature.
    pub(super) fn to_rust_crypto(&self) -> Result<rust_crypto::Rsa> {
        use ::rsa::pkcs1::RsaPrivateKeyRef;
        use ::rsa::pkcs8::PrivateKeyInfoRef;
        let der = self.0.as_der().map_err(|_| Error::SigningFailed)?;
        let info = PrivateKeyInfoRef::try_from(der.as_ref()).map_err(|_| Error::SigningFailed)?;
        let key = RsaPrivateKeyRef::try_from(info.private_key.as_bytes())
            .map_err(|_| Error::SigningFailed)?;
        rust_crypto::Rsa::import(&RsaParts {
            n: key.modulus.as_bytes(),
            e: key.public_exponent.as_bytes(),
            d: key.private_exponent.as_bytes(),
            p: key.prime1.as_bytes(),
            q: key.prime2.as_bytes(),
            iqmp: key.coefficient.as_bytes(),
        })
    }
}
