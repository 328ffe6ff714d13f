//! A private key in its wire form.

use zeroize::Zeroizing;

use crate::wire::Reader;
use crate::{Curve, PublicKey, Result};

/// A private key, with or without a certificate. Wiped on drop; never cloned, printed or
/// compared.
pub struct PrivateKey {
    public: PublicKey,
}

/// The numbers of an RSA key, big-endian, zeros in front allowed.
#[derive(Clone, Copy)]
pub struct RsaParts<'a> {
    /// Modulus.
    pub n: &'a [u8],
    /// Public exponent.
    pub e: &'a [u8],
    /// Private exponent.
    pub d: &'a [u8],
    /// First prime.
    pub p: &'a [u8],
    /// Second prime.
    pub q: &'a [u8],
    /// Inverse of q modulo p.
    pub iqmp: &'a [u8],
}

impl PrivateKey {
    /// Reads `string type` and the fields of that type, as they stand in
    /// `SSH_AGENTC_ADD_IDENTITY` and in `openssh-key-v1`; what follows stays in the reader.
    ///
    /// # Errors
    /// What is wrong; [`crate::Error::Mismatch`] when the private and public halves are
    /// not of one key; [`crate::Error::Unsupported`] for a FIDO key.
    pub fn decode(_reader: &mut Reader<'_>) -> Result<Self> {
        todo!("decode")
    }

    /// Appends the form [`PrivateKey::decode`] reads.
    pub fn encode(&self, _out: &mut Zeroizing<Vec<u8>>) {
        todo!("encode")
    }

    /// The public key; the certificate if there is one.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A copy that has this certificate, which must be of this key.
    ///
    /// # Errors
    /// [`crate::Error::Mismatch`] when it is of another key or no certificate.
    pub fn with_certificate(&self, _certificate: &PublicKey) -> Result<Self> {
        todo!("with_certificate")
    }

    /// An Ed25519 key of its seed.
    #[must_use]
    pub fn ed25519_from_seed(_seed: &[u8; 32]) -> Self {
        todo!("ed25519_from_seed")
    }

    /// An ECDSA key of its private scalar, big-endian, zeros in front allowed or missing.
    ///
    /// # Errors
    /// [`crate::Error::Malformed`] when the scalar is zero or not below the curve's order.
    pub fn ecdsa_from_scalar(_curve: Curve, _scalar: &[u8]) -> Result<Self> {
        todo!("ecdsa_from_scalar")
    }

    /// A composite key of its two seeds.
    #[must_use]
    pub fn ml_dsa44_ed25519_from_seeds(_ml_dsa: &[u8; 32], _ed25519: &[u8; 32]) -> Self {
        todo!("ml_dsa44_ed25519_from_seeds")
    }

    /// An RSA key of its numbers.
    ///
    /// # Errors
    /// [`crate::Error::Mismatch`] when they are not of one key.
    pub fn rsa_from_parts(_parts: RsaParts<'_>) -> Result<Self> {
        todo!("rsa_from_parts")
    }
}
