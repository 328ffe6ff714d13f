//! The names of host keys: known hosts files read the other way round.
//!
//! A name here is one that some line gives for exactly this key, or that a host certificate gives
//! itself where a line lets its authority say so. Patterns name nobody, and neither does a key that
//! some line revokes. A hashed name is found by trying names that somebody knows: that they come
//! from anywhere does no harm, because the hash proves them.

use std::collections::{HashMap, HashSet};

use keyfob_keys::{Certificate, CertificateKind, PublicKey};

use crate::limits::{
    MAX_AUTHORITIES, MAX_CANDIDATES, MAX_HASHED, MAX_KEYS, MAX_LINE, MAX_NAME, MAX_NAMES,
};
use crate::line::{Line, Marker};
use crate::names::{self, Hashed};

/// All files together, the first line of the first file first.
#[derive(Debug, Default)]
pub struct Index {
    keys: HashMap<Vec<u8>, Entry>,
    authorities: Vec<Authority>,
    revoked: HashSet<Vec<u8>>,
}

#[derive(Debug, Default)]
struct Entry {
    names: Vec<String>,
    hashed: Vec<Hashed>,
}

/// A line of `@cert-authority`.
#[derive(Debug)]
struct Authority {
    blob: Vec<u8>,
    /// The hosts it may name.
    names: Vec<u8>,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// The key or certificate that was proved.
    pub key: &'a PublicKey,
    /// Names to try against hashed ones, `[host]:port` where a port belongs to them.
    pub candidates: &'a [String],
    /// Seconds since 1970: a certificate that is over names nobody.
    pub unix: u64,
}

impl Index {
    /// Adds the text of one file. Lines that make no sense are passed over.
    pub fn read(&mut self, text: &[u8]) {
        for bytes in text.split(|byte| *byte == b'\n').filter(|bytes| bytes.len() <= MAX_LINE) {
            if let Ok(Some(line)) = Line::parse(bytes)
                && let Some(blob) = line.blob()
            {
                self.take(&line, blob);
            }
        }
    }

    /// What the host of this key is called, without doubles: the names of lines in their order,
    /// then those that were behind hashes.
    #[must_use]
    pub fn names(&self, search: &Search<'_>) -> Vec<String> {
        if self.revoked.contains(search.key.blob()) {
            return Vec::new();
        }
        let mut found = Vec::new();
        if let Some(certificate) = search.key.certificate() {
            self.principals(certificate, search.unix, &mut found);
        }
        let plain = search.key.plain();
        if !self.revoked.contains(plain.blob())
            && let Some(entry) = self.keys.get(plain.blob())
        {
            entry.names(search.candidates, &mut found);
        }
        found
    }

    /// The blobs of all host keys, in no order.
    pub fn blobs(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.keys().map(Vec::as_slice)
    }

    /// Whether a hashed name could be found if somebody knew it.
    #[must_use]
    pub fn has_hashed(&self, key: &PublicKey) -> bool {
        self.keys.get(key.plain().blob()).is_some_and(|entry| !entry.hashed.is_empty())
    }

    fn take(&mut self, line: &Line<'_>, blob: Vec<u8>) {
        match line.marker {
            Marker::Revoked if self.revoked.len() < MAX_KEYS => drop(self.revoked.insert(blob)),
            Marker::Authority if self.authorities.len() < MAX_AUTHORITIES => {
                self.authorities.push(Authority { blob, names: line.names.to_vec() });
            }
            Marker::None if self.keys.len() < MAX_KEYS || self.keys.contains_key(&blob) => {
                self.keys.entry(blob).or_default().take(line.names);
            }
            _ => {}
        }
    }

    /// The names a host certificate gives, as far as its authority is trusted with them.
    fn principals(&self, certificate: &Certificate, unix: u64, found: &mut Vec<String>) {
        let authority = certificate.authority.blob();
        let valid = certificate.kind == CertificateKind::Host
            && (certificate.valid_after..certificate.valid_before).contains(&unix)
            // No critical option is defined for hosts.
            && certificate.critical_options.is_empty()
            && !self.revoked.contains(authority);
        if !valid {
            return;
        }
        let trusted = self.authorities.iter().filter(|line| line.blob == authority);
        let trusted: Vec<_> = trusted.take(MAX_NAMES).collect();
        for principal in certificate.principals.iter().take(MAX_NAMES) {
            let Some(name) = literal(principal) else { continue };
            if trusted.iter().any(|line| names::matches(&line.names, name.as_bytes())) {
                push(found, name);
            }
        }
    }
}

impl Entry {
    /// Takes the names of a line.
    fn take(&mut self, field: &[u8]) {
        if field.starts_with(b"|") {
            if let Some(hashed) = Hashed::parse(field)
                && self.hashed.len() < MAX_HASHED
            {
                self.hashed.push(hashed);
            }
            return;
        }
        for name in field.split(|byte| *byte == b',').filter_map(literal) {
            push(&mut self.names, name);
        }
    }

    fn names(&self, candidates: &[String], found: &mut Vec<String>) {
        for name in &self.names {
            push(found, name.clone());
        }
        if self.hashed.is_empty() {
            return;
        }
        for name in candidates.iter().take(MAX_CANDIDATES) {
            let Some(name) = literal(name.as_bytes()) else { continue };
            if self.hashed.iter().any(|hashed| hashed.is_of(name.as_bytes())) {
                push(found, name);
            }
        }
    }
}

/// A name in lower case; `None` for a pattern, an exception, or what nobody calls a host.
fn literal(name: &[u8]) -> Option<String> {
    // Brackets, colon and port come on top.
    let sound = !name.is_empty()
        && name.len() <= MAX_NAME + "[]:65535".len()
        && name.iter().all(|byte| byte.is_ascii_graphic() && !b"*?!|,".contains(byte));
    let text = sound.then(|| std::str::from_utf8(name).ok())??;
    Some(text.to_ascii_lowercase())
}

fn push(names: &mut Vec<String>, name: String) {
    if names.len() < MAX_NAMES && !names.contains(&name) {
        names.push(name);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use keyfob_keys::PrivateKey;
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u8) -> PublicKey {
        PrivateKey::ed25519_from_seed(&[seed; 32]).public().clone()
    }

    fn line(key: &PublicKey) -> String {
        String::from_utf8(key.to_line(b"")).unwrap()
    }

    fn found(text: &str, key: &PublicKey, candidates: &[&str]) -> Vec<String> {
        let mut index = Index::default();
        index.read(text.as_bytes());
        let candidates: Vec<_> = candidates.iter().map(|&name| name.to_owned()).collect();
        index.names(&Search { key, candidates: &candidates, unix: 1_700_000_000 })
    }

    #[test]
    fn a_key_has_the_names_of_all_its_lines_once_and_in_order() {
        let (one, two) = (line(&key(1)), line(&key(2)));
        let text = format!("# x\nHost,10.0.0.1 {one}\nother {two}\n[h]:2222,host {one} mine\n");
        assert_eq!(found(&text, &key(1), &[]), ["host", "10.0.0.1", "[h]:2222"]);
        assert_eq!(found(&text, &key(3), &[]), [""; 0]);
    }

    #[test]
    fn a_pattern_is_no_name() {
        let text = format!("*.example,!bad.example,h?st,good.example {}\n", line(&key(1)));
        assert_eq!(found(&text, &key(1), &["x.example", "bad.example"]), ["good.example"]);
    }

    /// Lost otherwise: a question names a host that `ssh` itself refuses to talk to.
    #[test]
    fn a_revoked_key_has_no_name_whatever_other_lines_say() {
        let one = line(&key(1));
        assert_eq!(found(&format!("h {one}\n@revoked * {one}\n"), &key(1), &[]), [""; 0]);
    }

    #[test]
    fn a_line_that_makes_no_sense_hides_nothing() {
        let one = line(&key(1));
        let text = format!("h ssh-ed25519 !!\n@what h {one}\nh\n\u{0}\nh\u{7f}x {one}\nh {one}\n");
        assert_eq!(found(&text, &key(1), &[]), ["h"]);
    }

    // Made with `ssh-keygen -H` from a line for "host.example".
    const HASHED: &str = "|1|DO0ahkIHPkd+m9LmTBzysCF0ysY=|OI/eMiAE9Jai+Bq5Ec8BBsvI1tM=";

    #[test]
    fn s6_a_hashed_name_is_found_by_trying_and_a_wrong_one_is_not_believed() {
        let text = format!("{HASHED} {}\n", line(&key(1)));
        assert_eq!(found(&text, &key(1), &["evil.example", "HOST.example"]), ["host.example"]);
        assert_eq!(found(&text, &key(1), &["evil.example"]), [""; 0]);
        assert_eq!(found(&text, &key(2), &["host.example"]), [""; 0], "another key's hash");
    }

    // Made with `ssh-keygen -h -n web.example,db.other,*.example -V 20230101:20330101`.
    const CA: &str = include_str!("../tests/host_ca.pub");
    const CERTIFICATE: &[u8] = include_bytes!("../tests/host-cert.pub");

    #[test]
    fn a_certificate_has_the_names_its_authority_is_trusted_with() {
        let (key, _) = PublicKey::from_line(CERTIFICATE).unwrap();
        let ca = CA.trim_end();
        let named = |lines: &str| found(&lines.replace("CA", ca), &key, &[]);
        assert_eq!(named("@cert-authority *.example CA\n"), ["web.example"]);
        assert_eq!(named("@cert-authority *.example,!web.* CA\n"), [""; 0]);
        assert_eq!(named("*.example CA\n"), [""; 0], "the authority's own host");
        assert_eq!(named("@cert-authority * CA\n@revoked * CA\n"), [""; 0]);
        assert_eq!(named(&format!("h {}\n", line(&key.plain()))), ["h"], "its plain key");
    }

    #[test]
    fn a_certificate_that_is_over_names_nobody() {
        let (key, _) = PublicKey::from_line(CERTIFICATE).unwrap();
        let mut index = Index::default();
        index.read(format!("@cert-authority * {CA}").as_bytes());
        let named = |unix| index.names(&Search { key: &key, candidates: &[], unix }).len();
        assert_eq!([1_600_000_000, 1_700_000_000, 2_100_000_000].map(named), [0, 2, 0]);
    }

    #[test]
    fn names_have_an_end() {
        let names: Vec<_> = (0..1000).map(|number| format!("h{number}")).collect();
        let text = format!("{} {}\n", names.join(","), line(&key(1)));
        assert_eq!(found(&text, &key(1), &[]).len(), MAX_NAMES);
        let long = "h".repeat(MAX_NAME * 2);
        assert_eq!(found(&format!("{long} {}\n", line(&key(1))), &key(1), &[]), [""; 0]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[ -~\n|@]{0,400}") {
            let _ = found(&text, &key(1), &["h"]);
        }
    }
}
