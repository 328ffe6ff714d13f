//! Key types, signatures, certificates, fingerprints and the signing backend.
//!
//! This crate knows what an SSH key *is*: its wire form (public and private), its
//! fingerprint, what a certificate says, how a key is made, how to make and check a
//! signature, and how a private key rests sealed in memory. It knows nothing of files, sockets or people:
//! bytes come in, bytes go out. The only outside thing it asks for is randomness.

mod algorithm;
mod bubblebabble;
mod certificate;
mod composite;
mod error;
mod fingerprint;
pub mod generate;
mod key_data;
#[cfg(all(test, target_os = "linux"))]
mod leftovers;
pub mod limits;
mod line;
mod numbers;
pub mod openssh;
pub mod passphrase;
mod private_key;
mod public_key;
mod randomart;
pub mod shield;
pub mod signer;
mod verify;
pub mod wire;

pub use algorithm::{Algorithm, Curve};
pub use bubblebabble::bubblebabble;
pub use certificate::{Certificate, CertificateKind};
pub use error::{Error, Result};
pub use fingerprint::{Fingerprint, HashKind};
pub use numbers::{PrivateNumbers, PublicNumbers};
pub use private_key::{DsaParts, PrivateKey, RsaParts};
pub use public_key::PublicKey;
pub use randomart::randomart;
pub use shield::{Sealed, Shield};
pub use signer::{SignatureScheme, Signer};

/// Bytes nobody may see: a passphrase, as typed (never assumed to be UTF-8).
pub type Secret = secrecy::SecretSlice<u8>;

/// As in the program: what is freed is wiped, which one of the tests proves.
#[cfg(test)]
#[global_allocator]
static ALLOCATOR: keyfob_sys::traces::Allocator = keyfob_sys::traces::Allocator;
