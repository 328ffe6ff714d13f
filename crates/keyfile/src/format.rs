//! The file formats this crate knows by sight.

use std::fmt;

use crate::error::{Error, Feature};

/// A format of key files. Being named here does not mean being read: see
/// [`Format::is_supported`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// `BEGIN OPENSSH PRIVATE KEY`: OpenSSH's own (PROTOCOL.key)
    OpenSsh,
    /// `BEGIN RSA PRIVATE KEY`: PKCS#1 (RFC 8017 appendix A.1.2)
    Pkcs1,
    /// `BEGIN EC PRIVATE KEY`: SEC1 (RFC 5915)
    Sec1,
    /// `BEGIN DSA PRIVATE KEY`
    Dsa,
    /// `BEGIN PRIVATE KEY` and `BEGIN ENCRYPTED PRIVATE KEY`: PKCS#8 (RFC 5958)
    Pkcs8,
    /// `PuTTY-User-Key-File-N`
    Ppk,
    /// `BEGIN SSH2 ENCRYPTED PRIVATE KEY`: ssh.com's
    SshCom,
    /// `SSH PRIVATE KEY FILE FORMAT 1.1`: SSH protocol 1
    Ssh1,
    /// `type base64 comment`: a public key or certificate
    PublicLine,
    /// `BEGIN SSH2 PUBLIC KEY`: RFC 4716
    Rfc4716,
    /// `BEGIN PUBLIC KEY` and `BEGIN RSA PUBLIC KEY`
    PublicPem,
}

impl Format {
    /// Whether this crate reads it.
    #[must_use]
    pub fn is_supported(self) -> bool {
        self != Self::Ssh1
    }

    /// Whether such a file holds a private key.
    #[must_use]
    pub fn is_private(self) -> bool {
        !matches!(self, Self::PublicLine | Self::Rfc4716 | Self::PublicPem)
    }

    /// The refusal of a format that is known but not read.
    pub(crate) fn unsupported(self) -> Error {
        let because = match self {
            Self::Ssh1 => "no server speaks version 1 of the SSH protocol any more",
            _ => "keyfob does not read this format yet",
        };
        Error::Unsupported { what: Feature::Format(self), because }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OpenSsh => "OpenSSH private key",
            Self::Pkcs1 => "PEM RSA private key (PKCS#1)",
            Self::Sec1 => "PEM EC private key (SEC1)",
            Self::Dsa => "PEM DSA private key",
            Self::Pkcs8 => "PKCS#8 private key",
            Self::Ppk => "PuTTY private key (PPK)",
            Self::SshCom => "ssh.com private key",
            Self::Ssh1 => "SSH-1 private key",
            Self::PublicLine => "OpenSSH public key",
            Self::Rfc4716 => "RFC 4716 public key",
            Self::PublicPem => "PEM public key",
        })
    }
}
