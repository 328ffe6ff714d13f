//! Makes signatures with a key that was prepared once.

use crate::{PrivateKey, PublicKey, Result};

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
}

impl Signer {
    /// Makes the backend's object of a key.
    ///
    /// # Errors
    /// [`crate::Error::SigningFailed`] when the backend refuses the key.
    pub fn prepare(_key: &PrivateKey) -> Result<Self> {
        todo!("prepare")
    }

    /// The public key (the certificate if the private key had one).
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Signs: `string algorithm, string signature`.
    ///
    /// # Errors
    /// [`crate::Error::WrongScheme`] for an RSA scheme with another key,
    /// [`crate::Error::SigningFailed`] when the backend fails.
    pub fn sign(&self, _data: &[u8], _scheme: SignatureScheme) -> Result<Vec<u8>> {
        todo!("sign")
    }

    /// How long a signature takes.
    #[must_use]
    pub fn cost(&self) -> Cost {
        todo!("cost")
    }
}
