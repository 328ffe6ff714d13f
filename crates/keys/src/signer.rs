//! Makes signatures with a key that was prepared once.
//!
//! Importing a key costs as much as a signature or more, so it is done once and the
//! backend's object kept; how long it is kept is for the daemon. With the feature `aws-lc`
//! that library signs all it can, and RustCrypto the rest; without it RustCrypto signs all.

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod rust_crypto;

use std::fmt;

use keyfob_sys::traces::{Stack, leaving_none};
use ml_dsa::{ExpandedSigningKey, MlDsa44};

use crate::limits::MAX_SIGNED_DATA;
use crate::private_key::{Fields, ml_dsa_expanded};
use crate::wire::{Put, Reader, string_len};
use crate::{Algorithm, Curve, Error, PrivateKey, PublicKey, Result, composite};

/// Which signature is asked for. Only RSA has a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SignatureScheme {
    /// The key's own; for RSA SHA-512.
    #[default]
    Default,
    /// `ssh-rsa`: RSA with SHA-1, for old network gear.
    RsaSha1,
    /// `rsa-sha2-256`
    RsaSha256,
    /// `rsa-sha2-512`
    RsaSha512,
}

/// How long a signature takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Some microseconds: sign where you are.
    Light,
    /// Up to half a second: sign where nobody waits.
    Heavy,
}

/// A private key made ready to sign. `Send + Sync`; wiped on drop.
pub struct Signer {
    public: PublicKey,
    engine: Engine,
}

enum Engine {
    Plain(Plain),
    Rsa(Box<Rsa>),
    /// The post-quantum key, and the Ed25519 key that signs beside it.
    Composite(Box<ExpandedSigningKey<MlDsa44>>, Plain),
}

/// Ed25519 or ECDSA, in the backend this build prefers for them.
#[cfg(feature = "aws-lc")]
type Plain = aws_lc::Plain;
#[cfg(not(feature = "aws-lc"))]
type Plain = rust_crypto::Plain;

/// An RSA key in the backend that takes its size.
enum Rsa {
    #[cfg(feature = "aws-lc")]
    AwsLc {
        key: aws_lc::Rsa,
        /// For SHA-1, which aws-lc does not sign: made when first asked for.
        sha1: std::sync::OnceLock<rust_crypto::Rsa>,
    },
    RustCrypto(rust_crypto::Rsa),
}

/// The hash of an RSA signature.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RsaHash {
    Sha1,
    Sha256,
    Sha512,
}

impl Signer {
    /// Makes the backend's object of a key.
    ///
    /// # Errors
    /// [`Error::SigningFailed`] when the backend refuses the key, [`Error::Unsupported`] for a
    /// key that is not signed with here.
    pub fn prepare(key: &PrivateKey) -> Result<Self> {
        key.ensure_signs()?;
        let engine = match key.fields() {
            // By itself, as where it is read.
            Fields::Ed25519(seed) => leaving_none(Stack::Shallow, || Engine::ed25519(seed)),
            _ => leaving_none(Stack::Deep, || Engine::prepare(key)),
        }?;
        Ok(Self { public: key.public().clone(), engine })
    }

    /// The same for a key that signs once, where that costs less without aws-lc: before its first
    /// RSA signature it gathers randomness of its own, for longer than ten signatures take.
    pub(crate) fn prepare_for_once(key: &PrivateKey) -> Result<Self> {
        let Fields::Rsa(_) = key.fields() else {
            return Self::prepare(key);
        };
        let rsa = leaving_none(Stack::Deep, || rust_crypto::Rsa::prepare(key))?;
        let engine = Engine::Rsa(Box::new(Rsa::RustCrypto(rsa)));
        Ok(Self { public: key.public().clone(), engine })
    }

    /// The public key (the certificate if the private key had one).
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs: `string algorithm, string signature`.
    ///
    /// # Errors
    /// [`Error::WrongScheme`] for an RSA scheme with another key, [`Error::TooLarge`] for
    /// more than [`MAX_SIGNED_DATA`], [`Error::SigningFailed`] when the backend fails.
    pub fn sign(&self, data: &[u8], scheme: SignatureScheme) -> Result<Vec<u8>> {
        if data.len() > MAX_SIGNED_DATA {
            return Err(Error::TooLarge { what: "bytes of data to sign", limit: MAX_SIGNED_DATA });
        }
        let hash = RsaHash::of(scheme);
        let own_name = self.public.algorithm().name();
        let (name, signature) = match (&self.engine, hash) {
            (Engine::Rsa(rsa), hash) => {
                let hash = hash.unwrap_or(RsaHash::Sha512);
                (hash.name(), leaving_none(Stack::Deep, || rsa.sign(data, hash))?)
            }
            (_, Some(_)) => return Err(Error::WrongScheme(own_name)),
            (Engine::Plain(key), None) => {
                (own_name, leaving_none(Stack::Shallow, || key.sign(data))?)
            }
            (Engine::Composite(ml_dsa, ed25519), None) => {
                let sign = || composite::sign(ml_dsa, |message| ed25519.sign(message), data);
                (own_name, leaving_none(Stack::Deep, sign)?)
            }
        };
        let mut blob = Vec::with_capacity(string_len(name.len()) + string_len(signature.len()));
        blob.put_string(name.as_bytes());
        blob.put_string(&signature);
        Ok(blob)
    }

    /// How long a signature takes.
    #[must_use]
    pub fn cost(&self) -> Cost {
        Self::cost_of(self.public.algorithm())
    }

    /// How long a signature of a key of this type takes, without preparing it.
    #[must_use]
    pub fn cost_of(algorithm: Algorithm) -> Cost {
        match algorithm {
            Algorithm::Rsa => Cost::Heavy,
            _ => Cost::Light,
        }
    }
}

/// Which key, and nothing of it.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({:?})", self.public)
    }
}

impl Engine {
    fn ed25519(seed: &[u8; 32]) -> Result<Self> {
        Plain::ed25519(seed).map(Self::Plain)
    }

    fn prepare(key: &PrivateKey) -> Result<Self> {
        Ok(match key.fields() {
            Fields::Ed25519(seed) => Self::ed25519(seed)?,
            Fields::Ecdsa(scalar) => Self::Plain(Plain::ecdsa(key.public().data(), scalar)?),
            // Refused before.
            Fields::Dss(_) | Fields::Fido(_) => return Err(Error::SigningFailed),
            Fields::Rsa(_) => Self::Rsa(Box::new(Rsa::prepare(key)?)),
            Fields::MlDsa44Ed25519(seeds) => {
                Self::Composite(ml_dsa_expanded(seeds), Plain::ed25519(&seeds[32..])?)
            }
        })
    }
}

impl Rsa {
    fn prepare(key: &PrivateKey) -> Result<Self> {
        #[cfg(feature = "aws-lc")]
        if let Some(key) = aws_lc::Rsa::prepare(key) {
            return Ok(Self::AwsLc { key, sha1: std::sync::OnceLock::new() });
        }
        Ok(Self::RustCrypto(rust_crypto::Rsa::prepare(key)?))
    }

    fn sign(&self, data: &[u8], hash: RsaHash) -> Result<Vec<u8>> {
        match self {
            #[cfg(feature = "aws-lc")]
            Self::AwsLc { key, sha1 } if hash == RsaHash::Sha1 => {
                // Two threads may both make one; one of them is kept and the other wiped.
                // A lock would only make the second wait for the first.
                let signer = match sha1.get() {
                    Some(signer) => signer,
                    None => {
                        let made = key.to_rust_crypto()?;
                        sha1.get_or_init(|| made)
                    }
                };
                signer.sign(data, hash)
            }
            #[cfg(feature = "aws-lc")]
            Self::AwsLc { key, .. } => key.sign(data, hash),
            Self::RustCrypto(key) => key.sign(data, hash),
        }
    }
}

impl RsaHash {
    fn of(scheme: SignatureScheme) -> Option<Self> {
        match scheme {
            SignatureScheme::Default => None,
            SignatureScheme::RsaSha1 => Some(Self::Sha1),
            SignatureScheme::RsaSha256 => Some(Self::Sha256),
            SignatureScheme::RsaSha512 => Some(Self::Sha512),
        }
    }

    /// The name of the signature (RFC 8332 §3).
    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "ssh-rsa",
            Self::Sha256 => "rsa-sha2-256",
            Self::Sha512 => "rsa-sha2-512",
        }
    }
}

/// An ECDSA signature as SSH wants it (RFC 5656 §3.1.2), from r and s as long as the field.
fn ecdsa_signature(curve: Curve, fixed: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader::new(fixed);
    let r = reader.take(curve.field_len()).map_err(|_| Error::SigningFailed)?;
    let s = reader.take(curve.field_len()).map_err(|_| Error::SigningFailed)?;
    let mut signature = Vec::with_capacity(2 * (string_len(curve.field_len()) + 1));
    signature.put_mpint(r);
    signature.put_mpint(s);
    Ok(signature)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn keys() -> Vec<PrivateKey> {
        let mut keys: Vec<_> = Curve::ALL
            .into_iter()
            .map(|curve| PrivateKey::ecdsa_from_scalar(curve, &[5; 31]).unwrap())
            .collect();
        keys.push(PrivateKey::ed25519_from_seed(&[6; 32]));
        keys.push(PrivateKey::ml_dsa44_ed25519_from_seeds(&[7; 32], &[8; 32]));
        keys
    }

    #[test]
    fn every_key_signs_what_its_public_key_verifies() {
        for key in keys() {
            let signer = Signer::prepare(&key).unwrap();
            for data in [&b""[..], b"data", &[9; MAX_SIGNED_DATA]] {
                let signature = signer.sign(data, SignatureScheme::Default).unwrap();
                key.public().verify(data, &signature).unwrap();
            }
        }
    }

    #[test]
    fn both_backends_make_signatures_the_same_public_key_verifies() {
        for key in keys() {
            let plain = match key.fields() {
                Fields::Ed25519(seed) => rust_crypto::Plain::ed25519(seed.as_slice()),
                Fields::Ecdsa(scalar) => rust_crypto::Plain::ecdsa(key.public().data(), scalar),
                _ => continue,
            };
            let raw = plain.unwrap().sign(b"data").unwrap();
            let mut blob = Vec::new();
            blob.put_string(key.public().algorithm().name().as_bytes());
            blob.put_string(&raw);
            key.public().verify(b"data", &blob).unwrap();
            if key.public().algorithm() == Algorithm::Ed25519 {
                let ours = Signer::prepare(&key).unwrap();
                let signature = ours.sign(b"data", SignatureScheme::Default).unwrap();
                assert_eq!(signature, blob, "Ed25519 has one signature per message");
            }
        }
    }

    /// Lost otherwise: what lies deeper is not wiped. A stack that is too short ends the test.
    #[test]
    fn an_ed25519_key_is_prepared_within_the_part_of_the_stack_that_is_wiped() {
        let short = std::thread::Builder::new().stack_size(Stack::Shallow.bytes());
        let prepare = || Engine::ed25519(&[1; 32]).is_ok();
        assert!(short.spawn(prepare).unwrap().join().unwrap());
    }

    #[test]
    fn an_rsa_scheme_with_another_key_is_refused_and_not_ignored() {
        for key in keys() {
            let signer = Signer::prepare(&key).unwrap();
            for scheme in
                [SignatureScheme::RsaSha1, SignatureScheme::RsaSha256, SignatureScheme::RsaSha512]
            {
                let refused = signer.sign(b"data", scheme);
                assert!(matches!(refused, Err(Error::WrongScheme(_))));
            }
        }
    }

    #[test]
    fn more_data_than_openssh_signs_is_refused() {
        let signer = Signer::prepare(&PrivateKey::ed25519_from_seed(&[6; 32])).unwrap();
        let refused = signer.sign(&[0; MAX_SIGNED_DATA + 1], SignatureScheme::Default);
        assert!(matches!(refused, Err(Error::TooLarge { .. })));
    }

    #[test]
    fn only_rsa_is_heavy() {
        for key in keys() {
            assert_eq!(Signer::prepare(&key).unwrap().cost(), Cost::Light);
        }
        assert_eq!(Signer::cost_of(Algorithm::Rsa), Cost::Heavy);
    }

    #[test]
    fn an_ecdsa_number_with_zeros_in_front_is_an_mpint_without_them() {
        let mut fixed = [0; 64];
        fixed[31] = 1;
        fixed[32] = 0x80;
        let signature = ecdsa_signature(Curve::P256, &fixed).unwrap();
        let mut reader = Reader::new(&signature);
        assert_eq!(reader.string().unwrap(), [1]);
        assert_eq!(reader.string().unwrap()[..2], [0, 0x80]);
        reader.finish().unwrap();
    }

    #[test]
    fn one_signer_serves_many_threads() {
        fn shared<T: Send + Sync>(value: T) -> T {
            value
        }
        for key in keys() {
            let signer = shared(Signer::prepare(&key).unwrap());
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for n in 0..20_u8 {
                            let signature = signer.sign(&[n], SignatureScheme::Default).unwrap();
                            key.public().verify(&[n], &signature).unwrap();
                        }
                    });
                }
            });
        }
    }
}
