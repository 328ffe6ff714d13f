//! The numbers of a key, for those who write it down in other forms.
//!
//! Borrowed and read only: whoever copies a secret number must wipe the copy. To make a key
//! of numbers there are the constructors of [`PrivateKey`] and [`PublicKey`].

use crate::key_data::{Dss, KeyData};
use crate::private_key::Fields;
use crate::{Curve, PrivateKey, PublicKey, RsaParts};

/// The numbers of a public key, big-endian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicNumbers<'a> {
    /// Modulus and exponent, without zeros in front.
    Rsa {
        /// Modulus.
        n: &'a [u8],
        /// Exponent.
        e: &'a [u8],
    },
    /// The numbers of a DSA key, without zeros in front.
    Dss {
        /// Modulus.
        p: &'a [u8],
        /// Order of the group.
        q: &'a [u8],
        /// Generator of the group.
        g: &'a [u8],
        /// The public value, g^x mod p.
        y: &'a [u8],
    },
    /// An uncompressed point (`04 ‖ x ‖ y`).
    Ecdsa {
        /// The curve.
        curve: Curve,
        /// The point.
        point: &'a [u8],
    },
    /// An encoded Edwards point (RFC 8032 §5.1.2).
    Ed25519(&'a [u8; 32]),
    /// A key that only SSH has a form for.
    SshOnly,
}

/// The numbers of a private key, big-endian. The public ones stand in [`PublicNumbers`].
#[non_exhaustive]
pub enum PrivateNumbers<'a> {
    /// All numbers of PKCS#1, without zeros in front.
    Rsa {
        /// Those that stand in SSH's forms.
        parts: RsaParts<'a>,
        /// d mod (p − 1)
        dp: &'a [u8],
        /// d mod (q − 1)
        dq: &'a [u8],
    },
    /// Of a DSA key.
    Dss {
        /// The private value, without zeros in front.
        x: &'a [u8],
    },
    /// The scalar, as long as the curve's field.
    Ecdsa {
        /// The curve.
        curve: Curve,
        /// The scalar.
        scalar: &'a [u8],
    },
    /// The seed (RFC 8032 §5.1.5).
    Ed25519(&'a [u8; 32]),
    /// A key that only SSH has a form for.
    SshOnly,
}

impl PublicKey {
    /// The numbers of the key; those of the certified key for a certificate.
    #[must_use]
    pub fn numbers(&self) -> PublicNumbers<'_> {
        match self.data() {
            KeyData::Rsa { n, e } => PublicNumbers::Rsa { n, e },
            KeyData::Dss(dss) => {
                let Dss { p, q, g, y } = &**dss;
                PublicNumbers::Dss { p, q, g, y }
            }
            KeyData::Ecdsa { curve, point } => PublicNumbers::Ecdsa { curve: *curve, point },
            KeyData::Ed25519(public) => PublicNumbers::Ed25519(public),
            KeyData::MlDsa44Ed25519(_)
            | KeyData::SkEd25519 { .. }
            | KeyData::SkEcdsaP256 { .. } => PublicNumbers::SshOnly,
        }
    }
}

impl PrivateKey {
    /// The secret numbers.
    #[must_use]
    pub fn numbers(&self) -> PrivateNumbers<'_> {
        match (self.fields(), self.public().data()) {
            (Fields::Rsa(rsa), KeyData::Rsa { n, e }) => PrivateNumbers::Rsa {
                parts: RsaParts { n, e, d: &rsa.d, p: &rsa.p, q: &rsa.q, iqmp: &rsa.iqmp },
                dp: &rsa.dp,
                dq: &rsa.dq,
            },
            (Fields::Dss(x), _) => PrivateNumbers::Dss { x },
            (Fields::Ecdsa(scalar), KeyData::Ecdsa { curve, .. }) => {
                PrivateNumbers::Ecdsa { curve: *curve, scalar }
            }
            (Fields::Ed25519(seed), _) => PrivateNumbers::Ed25519(seed),
            // No value pairs the fields of one type with the public half of another.
            _ => PrivateNumbers::SshOnly,
        }
    }
}
