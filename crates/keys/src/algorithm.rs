//! The key types, their names on the wire and in listings.

use std::fmt;

/// A curve of the ECDSA keys (RFC 5656 §10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Curve {
    /// nistp256
    P256,
    /// nistp384
    P384,
    /// nistp521
    P521,
}

impl Curve {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// The curve's own name, as it stands inside the key blob.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "nistp256",
            Self::P384 => "nistp384",
            Self::P521 => "nistp521",
        }
    }

    /// Bits of the field.
    #[must_use]
    pub fn bits(self) -> u32 {
        match self {
            Self::P256 => 256,
            Self::P384 => 384,
            Self::P521 => 521,
        }
    }

    /// Bytes of a scalar or a coordinate.
    #[must_use]
    pub fn field_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Bytes of an uncompressed point.
    #[must_use]
    pub fn point_len(self) -> usize {
        1 + 2 * self.field_len()
    }
}

/// A key type. A certificate has the algorithm of the key it certifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// `ssh-rsa`
    Rsa,
    /// `ssh-dss`: gone from OpenSSH. Read, shown and converted; it signs nothing.
    Dss,
    /// `ecdsa-sha2-nistp…`
    Ecdsa(Curve),
    /// `ssh-ed25519`
    Ed25519,
    /// `ssh-mldsa44-ed25519@openssh.com`: experimental in OpenSSH 10.4
    MlDsa44Ed25519,
    /// `sk-ssh-ed25519@openssh.com`: on a FIDO token
    SkEd25519,
    /// `sk-ecdsa-sha2-nistp256@openssh.com`: on a FIDO token
    SkEcdsaP256,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Ed25519,
        Self::Ecdsa(Curve::P256),
        Self::Ecdsa(Curve::P384),
        Self::Ecdsa(Curve::P521),
        Self::Rsa,
        Self::Dss,
        Self::MlDsa44Ed25519,
        Self::SkEd25519,
        Self::SkEcdsaP256,
    ];

    /// The algorithm of a type name, and whether the name is a certificate's.
    #[must_use]
    pub fn from_name(name: &str) -> Option<(Self, bool)> {
        Self::ALL.into_iter().find_map(|algorithm| {
            if algorithm.name() == name {
                Some((algorithm, false))
            } else if algorithm.certificate_name() == name {
                Some((algorithm, true))
            } else {
                None
            }
        })
    }

    /// The type name of a plain key.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "ssh-rsa",
            Self::Dss => "ssh-dss",
            Self::Ecdsa(Curve::P256) => "ecdsa-sha2-nistp256",
            Self::Ecdsa(Curve::P384) => "ecdsa-sha2-nistp384",
            Self::Ecdsa(Curve::P521) => "ecdsa-sha2-nistp521",
            Self::Ed25519 => "ssh-ed25519",
            Self::MlDsa44Ed25519 => "ssh-mldsa44-ed25519@openssh.com",
            Self::SkEd25519 => "sk-ssh-ed25519@openssh.com",
            Self::SkEcdsaP256 => "sk-ecdsa-sha2-nistp256@openssh.com",
        }
    }

    /// The type name of a certificate.
    #[must_use]
    pub fn certificate_name(self) -> &'static str {
        match self {
            Self::Rsa => "ssh-rsa-cert-v01@openssh.com",
            Self::Dss => "ssh-dss-cert-v01@openssh.com",
            Self::Ecdsa(Curve::P256) => "ecdsa-sha2-nistp256-cert-v01@openssh.com",
            Self::Ecdsa(Curve::P384) => "ecdsa-sha2-nistp384-cert-v01@openssh.com",
            Self::Ecdsa(Curve::P521) => "ecdsa-sha2-nistp521-cert-v01@openssh.com",
            Self::Ed25519 => "ssh-ed25519-cert-v01@openssh.com",
            Self::MlDsa44Ed25519 => "ssh-mldsa44-ed25519-cert-v01@openssh.com",
            Self::SkEd25519 => "sk-ssh-ed25519-cert-v01@openssh.com",
            Self::SkEcdsaP256 => "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
        }
    }

    /// The name in listings, as `ssh-add -l` prints it in brackets.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Dss => "DSA",
            Self::Ecdsa(_) => "ECDSA",
            Self::Ed25519 => "ED25519",
            Self::MlDsa44Ed25519 => "MLDSA44-ED25519",
            Self::SkEd25519 => "ED25519-SK",
            Self::SkEcdsaP256 => "ECDSA-SK",
        }
    }

    /// Whether the private key lives on a FIDO token.
    #[must_use]
    pub fn is_fido(self) -> bool {
        matches!(self, Self::SkEd25519 | Self::SkEcdsaP256)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_again_and_no_two_are_the_same() {
        for algorithm in Algorithm::ALL {
            let plain = Algorithm::from_name(algorithm.name());
            assert_eq!(plain, Some((algorithm, false)));
            let certificate = Algorithm::from_name(algorithm.certificate_name());
            assert_eq!(certificate, Some((algorithm, true)));
        }
    }

    #[test]
    fn p6_names_that_are_no_key_types_are_none() {
        for name in ["", "ssh-dsa", "ssh-ed448", "rsa-sha2-512", "SSH-RSA", "ssh-rsa\0"] {
            assert_eq!(Algorithm::from_name(name), None, "{name}");
        }
    }
}
