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

impl Fingerprint {
    /// The hash itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha256(hash) => hash,
            Self::Md5(hash) => hash,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_read_as_openssh_prints_them() {
        // The hashes of nothing, known to everybody.
        let sha256 = Fingerprint::of(b"", HashKind::Sha256).to_string();
        assert_eq!(sha256, "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
        let md5 = Fingerprint::of(b"", HashKind::Md5).to_string();
        assert_eq!(md5, "MD5:d4:1d:8c:d9:8f:00:b2:04:e9:80:09:98:ec:f8:42:7e");
    }
}
