//! Fingerprints, as ssh-add and ssh-keygen print them.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use md5::{Digest, Md5};
use sha2::Sha256;

/// Which hash a fingerprint is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HashKind {
    /// `SHA256:` and base64 without padding.
    #[default]
    Sha256,
    /// `MD5:` and hex with colons. For people who compare with old notes; never to decide.
    Md5,
}

/// The hash of a public key blob. Its `Display` is what OpenSSH prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fingerprint {
    /// SHA-256 of the blob.
    Sha256([u8; 32]),
    /// MD5 of the blob.
    Md5([u8; 16]),
}

impl Fingerprint {
    pub(crate) fn of(blob: &[u8], kind: HashKind) -> Self {
        match kind {
            HashKind::Sha256 => Self::Sha256(Sha256::digest(blob).into()),
            HashKind::Md5 => Self::Md5(Md5::digest(blob).into()),
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(hash) => {
                write!(f, "SHA256:{}", Base64Unpadded::encode_string(hash))
            }
            Self::Md5(hash) => {
                f.write_str("MD5")?;
                hash.iter().try_for_each(|byte| write!(f, ":{byte:02x}"))
            }
        }
    }
}
