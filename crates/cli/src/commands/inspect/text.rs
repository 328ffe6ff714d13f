//! What was seen, for people.

use std::fmt::Write as _;

use keyfob_keys::{Certificate, CertificateKind, HashKind, PublicKey};

use super::findings::Level;
use super::seen::Seen;
use super::{cost, dates};
use crate::voice::{shown, shown_path};

/// Cells of the left column.
const LEFT: usize = 13;

/// One block, with a line for each thing.
pub(super) fn of(seen: &Seen, hash: Option<HashKind>) -> String {
    let mut page = Page::default();
    let place = match seen.line {
        Some(line) => format!("{}, line {line}", shown_path(&seen.path)),
        None => shown_path(&seen.path),
    };
    let der = if seen.is_der { ", as bare DER" } else { "" };
    page.0.push_str(&format!("{place}: {}{der}\n", seen.format));
    match (&seen.key, &seen.unsupported) {
        (Some(key), _) => page.key(key, hash),
        (None, Some(error)) => page.row("type", &shown(error.to_string().as_bytes())),
        (None, None) if seen.encryption.is_some() => {
            page.row("type", "known only with the passphrase");
        }
        (None, None) => page.row("type", "not known to keyfob"),
    }
    if seen.from_beside {
        page.row("", "(as the .pub file beside it says)");
    }
    if let Some(comment) = seen.comment.as_ref().filter(|comment| !comment.is_empty()) {
        page.row("comment", &shown(comment));
    }
    if let Some(options) = &seen.options {
        page.row("options", &shown(options));
    }
    if let Some(encryption) = &seen.encryption {
        let cost = cost::in_words(&encryption.derivation);
        page.row("protected by", &format!("{encryption}: {cost}"));
    } else if seen.format.is_private() && seen.key.is_some() {
        page.row("protected by", "nothing");
    }
    if let Some(certificate) = seen.key.as_ref().and_then(PublicKey::certificate) {
        page.certificate(certificate);
    }
    for finding in &seen.findings {
        let level = match finding.level() {
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let hint = finding.hint(seen).map(|hint| format!("\n{:LEFT$}  -> {hint}", ""));
        page.row(level, &format!("{}{}", finding.text(), hint.unwrap_or_default()));
    }
    page.0
}

/// Rows under each other.
#[derive(Default)]
struct Page(String);

impl Page {
    fn row(&mut self, name: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "  {name:LEFT$}{value}");
    }

    fn key(&mut self, key: &PublicKey, hash: Option<HashKind>) {
        self.row("type", &format!("{} {} ({})", key.short_name(), key.bits(), key.type_name()));
        for kind in [HashKind::Sha256, HashKind::Md5] {
            if hash.is_none_or(|hash| hash == kind) {
                let fingerprint = key.fingerprint(kind).to_string();
                self.row(
                    if hash.is_none() && kind == HashKind::Md5 { "" } else { "fingerprint" },
                    &fingerprint,
                );
            }
        }
    }

    fn certificate(&mut self, certificate: &Certificate) {
        let kind = match certificate.kind {
            CertificateKind::User => "user",
            CertificateKind::Host => "host",
        };
        let id = shown(&certificate.key_id);
        self.row("certificate", &format!("{kind} \"{id}\", serial {}", certificate.serial));
        let names: Vec<String> = certificate.principals.iter().map(|name| shown(name)).collect();
        self.row("for", &if names.is_empty() { "any name".to_owned() } else { names.join(", ") });
        self.row("valid", &validity(certificate));
        for (name, options) in
            [("must", &certificate.critical_options), ("may", &certificate.extensions)]
        {
            if !options.is_empty() {
                let all: Vec<String> = options.iter().map(option).collect();
                self.row(name, &all.join(", "));
            }
        }
        let authority = &certificate.authority;
        let fingerprint = authority.fingerprint(HashKind::Sha256);
        self.row("signed by", &format!("{} {fingerprint}", authority.short_name()));
    }
}

/// `2026-01-01 00:00:00 UTC to …`.
fn validity(certificate: &Certificate) -> String {
    let from = match certificate.valid_after {
        0 => None,
        after => dates::utc(after),
    };
    match (from, dates::utc(certificate.valid_before)) {
        (None, None) => "for ever".to_owned(),
        (None, Some(until)) => format!("until {until}"),
        (Some(from), None) => format!("from {from} on"),
        (Some(from), Some(until)) => format!("{from} to {until}"),
    }
}

/// A name, and its value where it has one: a string inside the value.
fn option((name, value): &(Vec<u8>, Vec<u8>)) -> String {
    match inner(value) {
        Some(value) if !value.is_empty() => format!("{}={}", shown(name), shown(value)),
        _ => shown(name),
    }
}

/// What an option says: a string, wrapped once more.
pub(super) fn inner(value: &[u8]) -> Option<&[u8]> {
    if value.is_empty() { None } else { keyfob_keys::wire::Reader::new(value).string().ok() }
}
