//! What is wrong, or could be better, with a key file.

use std::path::{Path, PathBuf};

use keyfob_keyfile::{Derivation, Format};
use keyfob_keys::{Algorithm, Certificate, Curve, PublicKey};

use super::seen::Seen;
use crate::exposure::Exposure;
use crate::key_file::STDIN;
use crate::voice::{quoted, shown_path};

/// OpenSSH's own until 9.4, and the least it ever wrote.
const ENOUGH_BCRYPT: u32 = 16;
/// OWASP's least for PBKDF2 with SHA-256 was a third of it in 2021; OpenSSL writes 2048.
const ENOUGH_PBKDF2: u32 = 100_000;
/// What OpenSSL takes.
const ENOUGH_SCRYPT: u8 = 14;
/// 8 MiB, which is what PuTTY takes, eight times over: it has written files with one pass.
const ENOUGH_ARGON2_KIB: u64 = 8 * 8192;
/// Bits of RSA under which servers refuse, and those taken for good until 2030 (NIST SP 800-57).
const LEAST_RSA: u32 = 2048;
const GOOD_RSA: u32 = 3072;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Level {
    /// To know.
    Note,
    /// To be changed.
    Warning,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum Finding {
    WeakRsa(u32),
    SmallRsa(u32),
    Dsa,
    Md5Derivation,
    Sha1Derivation,
    FewRounds,
    PuttyP521,
    NoPassphrase,
    TooOpen(Exposure),
    StrangerPublic(PathBuf),
    StrangerCertificate(PathBuf),
    Expired,
    NotYetValid,
    Sha1Certificate,
    ForgedCertificate,
}

/// Everything that is to be said of one key.
pub(in crate::commands) fn of(seen: &Seen, now: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(key) = &seen.key {
        findings.extend(of_key(key, seen.format));
        findings.extend(key.certificate().map(|it| of_certificate(it, now)).unwrap_or_default());
    } else if seen.format == Format::Dsa {
        findings.push(Finding::Dsa);
    }
    if seen.format.is_private() {
        findings.extend(of_protection(seen));
    }
    findings
}

fn of_key(key: &PublicKey, format: Format) -> Option<Finding> {
    match key.algorithm() {
        Algorithm::Rsa if key.bits() < LEAST_RSA => Some(Finding::WeakRsa(key.bits())),
        Algorithm::Rsa if key.bits() < GOOD_RSA => Some(Finding::SmallRsa(key.bits())),
        Algorithm::Dss => Some(Finding::Dsa),
        Algorithm::Ecdsa(Curve::P521) if format == Format::Ppk => Some(Finding::PuttyP521),
        _ => None,
    }
}

fn of_certificate(certificate: &Certificate, now: u64) -> Vec<Finding> {
    let mut findings = Vec::new();
    if now >= certificate.valid_before {
        findings.push(Finding::Expired);
    } else if now < certificate.valid_after {
        findings.push(Finding::NotYetValid);
    }
    if certificate.verify().is_err() {
        findings.push(match certificate.verify_allowing_sha1() {
            Ok(()) => Finding::Sha1Certificate,
            Err(_) => Finding::ForgedCertificate,
        });
    }
    findings
}

fn of_protection(seen: &Seen) -> Option<Finding> {
    let Some(encryption) = &seen.encryption else {
        // Of what is not understood nothing is known.
        return seen.key.as_ref().map(|_| Finding::NoPassphrase);
    };
    let few = match encryption.derivation {
        Derivation::Bcrypt { rounds } => rounds < ENOUGH_BCRYPT,
        Derivation::Pbkdf2 { iterations, .. }
        | Derivation::Pbkdf1 { iterations, .. }
        | Derivation::Pkcs12 { iterations } => iterations < ENOUGH_PBKDF2,
        Derivation::Scrypt { log_n, .. } => log_n < ENOUGH_SCRYPT,
        Derivation::Argon2 { memory_kib, passes, .. } => {
            u64::from(memory_kib) * u64::from(passes) < ENOUGH_ARGON2_KIB
        }
        Derivation::Sha1 => return Some(Finding::Sha1Derivation),
        Derivation::Md5 => return Some(Finding::Md5Derivation),
        _ => false,
    };
    few.then_some(Finding::FewRounds)
}

impl Finding {
    /// How much it matters.
    pub(in crate::commands) fn level(&self) -> Level {
        match self {
            Self::SmallRsa(_) | Self::PuttyP521 | Self::NotYetValid => Level::Note,
            _ => Level::Warning,
        }
    }

    /// Its name for programs, which never changes.
    pub(in crate::commands) fn id(&self) -> &'static str {
        match self {
            Self::WeakRsa(_) => "weak-rsa",
            Self::SmallRsa(_) => "small-rsa",
            Self::Dsa => "dsa",
            Self::Md5Derivation => "md5-derivation",
            Self::Sha1Derivation => "sha1-derivation",
            Self::FewRounds => "few-rounds",
            Self::PuttyP521 => "putty-p521",
            Self::NoPassphrase => "no-passphrase",
            Self::TooOpen(_) => "too-open",
            Self::StrangerPublic(_) => "other-public-key",
            Self::StrangerCertificate(_) => "other-certificate",
            Self::Expired => "expired",
            Self::NotYetValid => "not-yet-valid",
            Self::Sha1Certificate => "sha1-certificate",
            Self::ForgedCertificate => "bad-signature",
        }
    }

    /// In words.
    pub(in crate::commands) fn text(&self) -> String {
        match self {
            Self::WeakRsa(bits) => {
                format!("{bits} bits are too few for RSA: many servers refuse the key")
            }
            Self::SmallRsa(bits) => {
                format!("{bits} bits are enough for RSA today; new keys should have {GOOD_RSA}")
            }
            Self::Dsa => "DSA keys are too short to be safe, and servers refuse them".to_owned(),
            Self::Md5Derivation => {
                "one round of MD5 stands between the passphrase and the key".to_owned()
            }
            Self::Sha1Derivation => {
                "SHA-1 without salt stands between the passphrase and the key".to_owned()
            }
            Self::FewRounds => "guessing the passphrase is cheap".to_owned(),
            Self::PuttyP521 => "PuTTY 0.68 to 0.80 gave such keys away while signing \
                 (CVE-2024-31497): replace it if one of them ever used it"
                .to_owned(),
            Self::NoPassphrase => {
                "no passphrase: whoever can read the file can use the key".to_owned()
            }
            Self::TooOpen(exposure) => exposure.to_string(),
            Self::StrangerPublic(path) => {
                format!("{} belongs to another key", shown_path(path))
            }
            Self::StrangerCertificate(path) => {
                format!("{} certifies another key", shown_path(path))
            }
            Self::Expired => "the certificate has expired".to_owned(),
            Self::NotYetValid => "the certificate is not valid yet".to_owned(),
            Self::Sha1Certificate => {
                "the certificate is signed with SHA-1, which OpenSSH refuses".to_owned()
            }
            Self::ForgedCertificate => {
                "the signature of the certificate is not that of its authority".to_owned()
            }
        }
    }

    /// What can be done about it, in the file of this name.
    pub(in crate::commands) fn hint(&self, seen: &Seen) -> Option<String> {
        let path = quoted(&seen.path);
        Some(match self {
            Self::WeakRsa(_) | Self::Dsa => "keyfob generate".to_owned(),
            // What came in through a pipe cannot be written again.
            _ if seen.path == Path::new(STDIN) => return None,
            Self::Md5Derivation => format!("keyfob convert {path} --to openssh -o {path}"),
            Self::Sha1Derivation => format!("keyfob convert {path} --to ppk -o {path}"),
            Self::FewRounds | Self::NoPassphrase => format!("keyfob passphrase {path}"),
            Self::TooOpen(exposure) => exposure.remedy(&seen.path),
            Self::StrangerPublic(public) => {
                format!("keyfob public {path} > {}", quoted(public))
            }
            _ => return None,
        })
    }
}
