//! What a person calls a type of key, and how long it may be.

use keyfob_keyfile::{Limits, OPENSSH_CIPHERS, PrivateForm};
use keyfob_keys::Curve;
use keyfob_keys::generate::Kind;

/// Bits of an RSA key when nobody said how many: as `ssh-keygen`.
pub(super) const USUAL_RSA: u32 = 3072;

/// What SSH programs take at all.
const RSA_BITS: std::ops::RangeInclusive<u32> = 1024..=16384;

/// What can be recommended to nobody. 1024 bits are within reach of those who can pay for it,
/// and OpenSSH's servers may refuse them (`RequiredRSASize`).
const STRONG_RSA: u32 = 2048;

/// A type, without its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Ed25519
    Ed25519,
    /// RSA
    Rsa,
    /// ECDSA; the full names say which curve
    Ecdsa(Option<Curve>),
    /// ML-DSA-44 with Ed25519
    MlDsa44Ed25519,
}

/// Why there will be no such key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// No such type.
    #[error("unknown key type")]
    Unknown,
    /// DSA.
    #[error("DSA keys are not made: they are weak, and OpenSSH 10 no longer knows them")]
    Dsa,
    /// Ed448.
    #[error(
        "Ed448 keys are not made: no maintained library for them has been released, and OpenSSH has never known them"
    )]
    Ed448,
    /// A type that only a token makes.
    #[error("such a key is made inside a security key (FIDO), which keyfob does not support yet")]
    Token,
    /// Fewer or more bits than anything takes.
    #[error("an RSA key has 2048 to 16384 bits, not {0}")]
    RsaBits(u32),
    /// Few enough to be broken.
    #[error(
        "an RSA key of {0} bits is weak: 829 bits were broken in 2020, and 1024 are no longer out of reach"
    )]
    RsaWeak(u32),
    /// There is no such curve.
    #[error("an ECDSA key has 256, 384 or 521 bits, not {0}")]
    EcdsaBits(u32),
    /// The name says another size.
    #[error("a key of this type has {has} bits, not {wanted}")]
    FixedBits {
        /// What it has.
        has: u32,
        /// What was asked for.
        wanted: u32,
    },
}

impl Family {
    /// The type of a name: short or full, in any case, as `ssh-keygen -t` takes it.
    pub(crate) fn named(name: &str) -> Result<Self, Refusal> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "ed25519" | "ssh-ed25519" => Self::Ed25519,
            "rsa" | "ssh-rsa" => Self::Rsa,
            "ecdsa" => Self::Ecdsa(None),
            "ecdsa-sha2-nistp256" => Self::Ecdsa(Some(Curve::P256)),
            "ecdsa-sha2-nistp384" => Self::Ecdsa(Some(Curve::P384)),
            "ecdsa-sha2-nistp521" => Self::Ecdsa(Some(Curve::P521)),
            "mldsa44-ed25519" | "ssh-mldsa44-ed25519@openssh.com" => Self::MlDsa44Ed25519,
            "dsa" | "dss" | "ssh-dss" => return Err(Refusal::Dsa),
            "ed448" | "ssh-ed448" => return Err(Refusal::Ed448),
            "ed25519-sk"
            | "ecdsa-sk"
            | "sk-ssh-ed25519@openssh.com"
            | "sk-ecdsa-sha2-nistp256@openssh.com" => return Err(Refusal::Token),
            _ => return Err(Refusal::Unknown),
        })
    }

    /// As it is typed.
    pub(super) fn short_name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ed25519",
            Self::Rsa => "rsa",
            Self::Ecdsa(_) => "ecdsa",
            Self::MlDsa44Ed25519 => "mldsa44-ed25519",
        }
    }

    /// With so many bits, or the usual number of them. Weak RSA keys are not refused here.
    pub(crate) fn of_size(self, bits: Option<u32>) -> Result<Kind, Refusal> {
        let fixed = |kind, has| match bits {
            Some(wanted) if wanted != has => Err(Refusal::FixedBits { has, wanted }),
            _ => Ok(kind),
        };
        match self {
            Self::Ed25519 => fixed(Kind::Ed25519, 256),
            Self::MlDsa44Ed25519 => fixed(Kind::MlDsa44Ed25519, 256),
            Self::Ecdsa(Some(curve)) => fixed(Kind::Ecdsa(curve), curve.bits()),
            Self::Ecdsa(None) => {
                let bits = bits.unwrap_or(Curve::P256.bits());
                let curve = Curve::ALL.into_iter().find(|curve| curve.bits() == bits);
                curve.map(Kind::Ecdsa).ok_or(Refusal::EcdsaBits(bits))
            }
            Self::Rsa => {
                let bits = bits.unwrap_or(USUAL_RSA);
                let known = RSA_BITS.contains(&bits);
                if known { Ok(Kind::Rsa { bits }) } else { Err(Refusal::RsaBits(bits)) }
            }
        }
    }
}

/// The type that has so many bits, for whoever named none and meant it.
pub(crate) fn name_for_bits(bits: u32) -> Option<&'static str> {
    let family = [Family::Ecdsa(None), Family::Rsa]
        .into_iter()
        .find(|family| family.of_size(Some(bits)).is_ok_and(|kind| refuse_weak(kind).is_ok()));
    family.map(Family::short_name)
}

/// Refuses what nobody should use without saying so.
pub(crate) fn refuse_weak(kind: Kind) -> Result<(), Refusal> {
    match kind {
        Kind::Rsa { bits } if bits < STRONG_RSA => Err(Refusal::RsaWeak(bits)),
        _ => Ok(()),
    }
}

/// As `-t` and the conversation call it.
pub(crate) fn short_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Rsa { .. } => "rsa",
        Kind::Ecdsa(_) => "ecdsa",
        Kind::MlDsa44Ed25519 => "mldsa44-ed25519",
        _ => "ed25519",
    }
}

/// What the file is called when nobody says: `ssh` and `ssh-add` look for these names.
pub(crate) fn usual_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Rsa { .. } => "id_rsa",
        Kind::Ecdsa(_) => "id_ecdsa",
        Kind::MlDsa44Ed25519 => "id_mldsa44_ed25519",
        _ => "id_ed25519",
    }
}

/// The form of a name of `--format`.
pub(crate) fn form_named(name: &str) -> Option<PrivateForm> {
    FORMS.into_iter().find_map(|(known, form)| (known == name).then_some(form))
}

/// The forms by the names of `--format`.
pub(crate) const FORMS: [(&str, PrivateForm); 5] = [
    ("openssh", PrivateForm::OpenSsh),
    ("pem", PrivateForm::Pem),
    ("pkcs8", PrivateForm::Pkcs8),
    ("ppk", PrivateForm::Ppk3),
    ("ppk2", PrivateForm::Ppk2),
];

/// What keeps this type out of this form, if anything does: asked before anybody types a
/// passphrase for nothing.
pub(crate) fn no_room(kind: Kind, form: PrivateForm) -> Option<&'static str> {
    match (kind, form) {
        (_, PrivateForm::OpenSsh) | (Kind::Rsa { .. } | Kind::Ecdsa(_), _) => None,
        (Kind::Ed25519, PrivateForm::Pem) => {
            Some("traditional PEM is for RSA and ECDSA keys only; pkcs8 holds this one")
        }
        (Kind::Ed25519, _) => None,
        _ => Some("only the OpenSSH form is for such keys"),
    }
}

/// What keeps these wishes out of this form, if anything does.
pub(crate) fn no_choice(
    form: PrivateForm,
    cipher: Option<&str>,
    rounds: Option<u32>,
) -> Option<String> {
    let limit = Limits::default().bcrypt_rounds;
    match form {
        PrivateForm::OpenSsh if cipher.is_some_and(|name| !OPENSSH_CIPHERS.contains(&name)) => {
            Some("there is no such cipher; ssh -Q cipher lists them".to_owned())
        }
        PrivateForm::OpenSsh if rounds.is_some_and(|rounds| rounds > limit) => Some(format!(
            "with so many rounds nobody would wait for the file to open; at most {limit} are allowed"
        )),
        PrivateForm::OpenSsh => None,
        _ if cipher.is_some() || rounds.is_some() => {
            Some("only the OpenSSH form has a choice of cipher and rounds".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::commands::add::USUAL_NAMES;

    #[test]
    fn types_are_known_by_short_and_by_full_names_in_any_case() {
        for (name, family) in [
            ("ed25519", Family::Ed25519),
            ("ED25519", Family::Ed25519),
            ("ssh-ed25519", Family::Ed25519),
            ("Rsa", Family::Rsa),
            ("ssh-rsa", Family::Rsa),
            ("ecdsa", Family::Ecdsa(None)),
            ("ecdsa-sha2-nistp384", Family::Ecdsa(Some(Curve::P384))),
            ("mldsa44-ed25519", Family::MlDsa44Ed25519),
            ("ssh-mldsa44-ed25519@openssh.com", Family::MlDsa44Ed25519),
        ] {
            assert_eq!(Family::named(name), Ok(family), "{name}");
        }
    }

    #[test]
    fn what_is_not_made_is_refused_by_its_own_reason() {
        for (name, refusal) in [
            ("dsa", Refusal::Dsa),
            ("ssh-dss", Refusal::Dsa),
            ("ed448", Refusal::Ed448),
            ("ed25519-sk", Refusal::Token),
            ("sk-ecdsa-sha2-nistp256@openssh.com", Refusal::Token),
            ("", Refusal::Unknown),
            ("rsa1", Refusal::Unknown),
            ("rsa-sha2-512", Refusal::Unknown),
        ] {
            assert_eq!(Family::named(name), Err(refusal), "{name}");
        }
    }

    #[test]
    fn sizes_are_those_ssh_programs_take() {
        assert_eq!(Family::Rsa.of_size(None), Ok(Kind::Rsa { bits: 3072 }));
        assert_eq!(Family::Rsa.of_size(Some(16384)), Ok(Kind::Rsa { bits: 16384 }));
        for bits in [0, 1023, 16385, u32::MAX] {
            assert_eq!(Family::Rsa.of_size(Some(bits)), Err(Refusal::RsaBits(bits)));
        }
        assert_eq!(Family::Ecdsa(None).of_size(None), Ok(Kind::Ecdsa(Curve::P256)));
        assert_eq!(Family::Ecdsa(None).of_size(Some(521)), Ok(Kind::Ecdsa(Curve::P521)));
        assert_eq!(Family::Ecdsa(None).of_size(Some(512)), Err(Refusal::EcdsaBits(512)));
        let other = Family::Ecdsa(Some(Curve::P384)).of_size(Some(256));
        assert_eq!(other, Err(Refusal::FixedBits { has: 384, wanted: 256 }));
        assert_eq!(Family::Ed25519.of_size(Some(256)), Ok(Kind::Ed25519));
        assert!(Family::Ed25519.of_size(Some(4096)).is_err());
    }

    #[test]
    fn rsa_below_2048_bits_is_weak() {
        assert_eq!(refuse_weak(Kind::Rsa { bits: 2047 }), Err(Refusal::RsaWeak(2047)));
        assert_eq!(refuse_weak(Kind::Rsa { bits: 2048 }), Ok(()));
        assert_eq!(refuse_weak(Kind::Ed25519), Ok(()));
    }

    #[test]
    fn the_usual_names_are_those_ssh_add_looks_for() {
        for kind in [
            Kind::Ed25519,
            Kind::Rsa { bits: 2048 },
            Kind::Ecdsa(Curve::P521),
            Kind::MlDsa44Ed25519,
        ] {
            assert!(USUAL_NAMES.contains(&usual_name(kind)), "{kind:?}");
        }
    }
}
