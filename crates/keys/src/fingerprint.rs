//! Fingerprints, as ssh-add and ssh-keygen print them.

use std::fmt;

use base64ct::{Base64Unpadded, Encoding};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Which hash a fingerprint is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum HashKind {
    /// `SHA256:` and base64 without padding.
    #[default]
    Sha256,
    /// `MD5:` and hex with colons. For people who compare with old notes; never to decide.
    Md5,
    /// `SHA1:`, else as SHA-256. No manual names it, and OpenSSH shows it all the same.
    Sha1,
    /// `SHA384:`, likewise.
    Sha384,
    /// `SHA512:`, likewise.
    Sha512,
}

impl HashKind {
    /// As it stands in front of a fingerprint.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA256",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        }
    }
}

/// The hash of a public key blob. Its `Display` is what OpenSSH prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fingerprint {
    /// SHA-256 of the blob.
    Sha256([u8; 32]),
    /// MD5 of the blob.
    Md5([u8; 16]),
    /// SHA-1 of the blob.
    Sha1([u8; 20]),
    /// SHA-384 of the blob.
    Sha384([u8; 48]),
    /// SHA-512 of the blob.
    Sha512([u8; 64]),
}

impl Fingerprint {
    pub(crate) fn of(blob: &[u8], kind: HashKind) -> Self {
        match kind {
            HashKind::Sha256 => Self::Sha256(Sha256::digest(blob).into()),
            HashKind::Md5 => Self::Md5(Md5::digest(blob).into()),
            HashKind::Sha1 => Self::Sha1(Sha1::digest(blob).into()),
            HashKind::Sha384 => Self::Sha384(Sha384::digest(blob).into()),
            HashKind::Sha512 => Self::Sha512(Sha512::digest(blob).into()),
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
            Self::Sha1(hash) => hash,
            Self::Sha384(hash) => hash,
            Self::Sha512(hash) => hash,
        }
    }

    /// Which hash it is.
    #[must_use]
    pub fn kind(&self) -> HashKind {
        match self {
            Self::Sha256(_) => HashKind::Sha256,
            Self::Md5(_) => HashKind::Md5,
            Self::Sha1(_) => HashKind::Sha1,
            Self::Sha384(_) => HashKind::Sha384,
            Self::Sha512(_) => HashKind::Sha512,
        }
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().name())?;
        match self {
            Self::Md5(hash) => hash.iter().try_for_each(|byte| write!(f, ":{byte:02x}")),
            other => write!(f, ":{}", Base64Unpadded::encode_string(other.as_bytes())),
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
        let sha1 = Fingerprint::of(b"", HashKind::Sha1).to_string();
        assert_eq!(sha1, "SHA1:2jmj7l5rSw0yVb/vlWAYkK/YBwk");
        for (kind, length) in [(HashKind::Sha384, 64), (HashKind::Sha512, 86)] {
            let long = Fingerprint::of(b"", kind).to_string();
            let hash = long.strip_prefix(kind.name()).and_then(|rest| rest.strip_prefix(':'));
            assert_eq!(hash.map(str::len), Some(length), "{long}");
        }
    }
}
