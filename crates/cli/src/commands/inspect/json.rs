//! What was seen, for programs: one object, stable names, `null` for what is not known.

use keyfob_keyfile::Derivation;
use keyfob_keys::{Certificate, CertificateKind, HashKind, PublicKey};
use serde::Serialize;
use zeroize::Zeroizing;

use super::findings::Level;
use super::seen::Seen;
use super::{cost, text};
use crate::json;
use crate::voice::{shown, shown_path};

#[derive(Serialize)]
struct Document {
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    file: String,
    line: Option<usize>,
    format: String,
    private: bool,
    der: bool,
    r#type: Option<&'static str>,
    bits: Option<u32>,
    fingerprint: Option<String>,
    fingerprint_md5: Option<String>,
    /// As the line of a `.pub` file.
    public_key: Option<String>,
    /// Whether the public key comes from the `.pub` beside the file.
    from_public_file: bool,
    comment: Option<String>,
    options: Option<String>,
    encrypted: bool,
    cipher: Option<&'static str>,
    kdf: Option<Kdf>,
    certificate: Option<CertificateFacts>,
    findings: Vec<FindingFacts>,
}

#[derive(Serialize)]
struct Kdf {
    name: &'static str,
    rounds: Option<u32>,
    /// In words, with all parameters.
    text: String,
    seconds_per_guess: Option<f64>,
}

#[derive(Serialize)]
struct CertificateFacts {
    r#type: &'static str,
    id: String,
    serial: u64,
    principals: Vec<String>,
    /// Seconds since 1970.
    valid_after: u64,
    /// Seconds since 1970; `null` for ever.
    valid_before: Option<u64>,
    critical_options: Vec<NameAndValue>,
    extensions: Vec<NameAndValue>,
    authority: String,
    authority_type: &'static str,
}

#[derive(Serialize)]
struct NameAndValue {
    name: String,
    value: Option<String>,
}

#[derive(Serialize)]
struct FindingFacts {
    id: &'static str,
    level: &'static str,
    fact: String,
    hint: Option<String>,
}

/// The document and a line end.
pub(super) fn of(all: &[Seen], hash: Option<HashKind>) -> Zeroizing<Vec<u8>> {
    let document = Document { keys: all.iter().map(|seen| Key::new(seen, hash)).collect() };
    json::document(&document)
}

impl Key {
    fn new(seen: &Seen, hash: Option<HashKind>) -> Self {
        let key = seen.key.as_ref();
        let fingerprint = |kind| key.map(|key| key.fingerprint(kind).to_string());
        let encryption = seen.encryption.as_ref();
        Self {
            file: shown_path(&seen.path),
            line: seen.line,
            format: seen.format.to_string(),
            private: seen.format.is_private(),
            der: seen.is_der,
            r#type: key.map(PublicKey::type_name),
            bits: key.map(PublicKey::bits),
            fingerprint: fingerprint(hash.unwrap_or(HashKind::Sha256)),
            fingerprint_md5: hash.is_none().then(|| fingerprint(HashKind::Md5)).flatten(),
            public_key: key
                .map(|key| shown(&key.to_line(seen.comment.as_deref().unwrap_or_default()))),
            from_public_file: seen.from_beside,
            comment: seen.comment.as_ref().map(|comment| shown(comment)),
            options: seen.options.as_ref().map(|options| shown(options)),
            encrypted: encryption.is_some(),
            cipher: encryption.map(|encryption| encryption.cipher),
            kdf: encryption.map(|encryption| Kdf::new(&encryption.derivation)),
            certificate: key.and_then(PublicKey::certificate).map(CertificateFacts::new),
            findings: seen.findings.iter().map(|it| FindingFacts::new(it, seen)).collect(),
        }
    }
}

impl Kdf {
    fn new(derivation: &Derivation) -> Self {
        let (name, rounds) = match derivation {
            Derivation::Bcrypt { rounds } => ("bcrypt", Some(*rounds)),
            Derivation::Pbkdf2 { iterations, .. } => ("pbkdf2", Some(*iterations)),
            Derivation::Pbkdf1 { iterations, .. } => ("pbkdf1", Some(*iterations)),
            Derivation::Pkcs12 { iterations } => ("pkcs12", Some(*iterations)),
            Derivation::Scrypt { .. } => ("scrypt", None),
            Derivation::Md5 => ("md5", Some(1)),
            Derivation::Sha1 => ("sha1", Some(1)),
            Derivation::Argon2 { variant, passes, .. } => (*variant, Some(*passes)),
            _ => ("other", None),
        };
        let seconds_per_guess = cost::seconds(derivation);
        Self { name, rounds, text: derivation.to_string(), seconds_per_guess }
    }
}

impl CertificateFacts {
    fn new(certificate: &Certificate) -> Self {
        let options = |all: &[(Vec<u8>, Vec<u8>)]| {
            let each = |(name, value): &(Vec<u8>, Vec<u8>)| NameAndValue {
                name: shown(name),
                value: text::inner(value).map(shown),
            };
            all.iter().map(each).collect()
        };
        Self {
            r#type: match certificate.kind {
                CertificateKind::User => "user",
                CertificateKind::Host => "host",
            },
            id: shown(&certificate.key_id),
            serial: certificate.serial,
            principals: certificate.principals.iter().map(|name| shown(name)).collect(),
            valid_after: certificate.valid_after,
            valid_before: Some(certificate.valid_before).filter(|end| *end != u64::MAX),
            critical_options: options(&certificate.critical_options),
            extensions: options(&certificate.extensions),
            authority: certificate.authority.fingerprint(HashKind::Sha256).to_string(),
            authority_type: certificate.authority.type_name(),
        }
    }
}

impl FindingFacts {
    fn new(finding: &super::findings::Finding, seen: &Seen) -> Self {
        Self {
            id: finding.id(),
            level: match finding.level() {
                Level::Warning => "warning",
                Level::Note => "note",
            },
            fact: finding.text(),
            hint: finding.hint(seen),
        }
    }
}
