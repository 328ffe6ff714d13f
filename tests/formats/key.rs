//! What goes through the programs: algorithms, forms, and the two together.

use std::fmt;

/// The passphrase of everything encrypted here; long enough for OpenSSL.
pub(crate) const PASSPHRASE: &str = "passphrase of a test";

/// A key type. RSA is the shortest that every program makes without a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Algorithm {
    Ed25519,
    EcdsaP256,
    EcdsaP384,
    EcdsaP521,
    Rsa2048,
    Dsa,
    MlDsa44Ed25519,
}

/// A form of private key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    OpenSsh,
    Pem,
    Pkcs8,
    Ppk3,
    Ppk2,
    SshCom,
}

/// A line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subject {
    pub(crate) algorithm: Algorithm,
    pub(crate) form: Form,
    pub(crate) encrypted: bool,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 7] = [
        Self::Ed25519,
        Self::EcdsaP256,
        Self::EcdsaP384,
        Self::EcdsaP521,
        Self::Rsa2048,
        Self::Dsa,
        Self::MlDsa44Ed25519,
    ];

    /// As in `-t TYPE -b BITS` of `ssh-keygen`, `puttygen` and `keyfob generate`.
    pub(crate) fn type_and_bits(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Ed25519 => ("ed25519", None),
            Self::EcdsaP256 => ("ecdsa", Some("256")),
            Self::EcdsaP384 => ("ecdsa", Some("384")),
            Self::EcdsaP521 => ("ecdsa", Some("521")),
            Self::Rsa2048 => ("rsa", Some("2048")),
            Self::Dsa => ("dsa", Some("1024")),
            Self::MlDsa44Ed25519 => ("mldsa44-ed25519", None),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::EcdsaP256 => "ecdsa-256",
            Self::EcdsaP384 => "ecdsa-384",
            Self::EcdsaP521 => "ecdsa-521",
            Self::Rsa2048 => "rsa-2048",
            Self::Dsa => "dsa",
            Self::MlDsa44Ed25519 => "mldsa44-ed25519",
        }
    }
}

impl Form {
    /// Only OpenSSH's form has room for ML-DSA, traditional PEM none for Ed25519, and ssh.com's
    /// is for RSA and DSA.
    fn has_room_for(self, algorithm: Algorithm) -> bool {
        use Algorithm::{Dsa, Ed25519, MlDsa44Ed25519, Rsa2048};
        match (self, algorithm) {
            (form, MlDsa44Ed25519) => form == Self::OpenSsh,
            (Self::Pem, Ed25519) => false,
            (Self::SshCom, algorithm) => matches!(algorithm, Rsa2048 | Dsa),
            _ => true,
        }
    }

    pub(crate) const ALL: [Self; 6] =
        [Self::OpenSsh, Self::Pem, Self::Pkcs8, Self::Ppk3, Self::Ppk2, Self::SshCom];

    fn name(self) -> &'static str {
        match self {
            Self::OpenSsh => "openssh",
            Self::Pem => "pem",
            Self::Pkcs8 => "pkcs8",
            Self::Ppk3 => "ppk",
            Self::Ppk2 => "ppk2",
            Self::SshCom => "ssh.com",
        }
    }

    /// As in `--format` of `keyfob generate`. Nobody needs a new ssh.com file.
    pub(crate) fn of_keyfob(self) -> Option<&'static str> {
        (self != Self::SshCom).then(|| self.name())
    }
}

impl Subject {
    /// Every line of the table: what at least one program knows.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Algorithm::ALL.into_iter().flat_map(|algorithm| {
            let forms = Form::ALL.into_iter().filter(move |form| form.has_room_for(algorithm));
            forms.flat_map(move |form| {
                [false, true].map(|encrypted| Self { algorithm, form, encrypted })
            })
        })
    }

    /// The passphrase of the file, empty for none.
    pub(crate) fn passphrase(self) -> &'static str {
        if self.encrypted { PASSPHRASE } else { "" }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protection = if self.encrypted { "encrypted" } else { "plain" };
        write!(f, "{}, {}, {protection}", self.algorithm.name(), self.form.name())
    }
}
