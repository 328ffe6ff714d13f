//! The JSON of `keyfob generate --json`: one object, stable names; and of the profiles.

use keyfob_keys::HashKind;
use serde::Serialize;
use zeroize::Zeroizing;

use super::profile::Profile;
use crate::json;
use crate::voice::generating::Made;
use crate::voice::keeping::MadeInStore;
use crate::voice::{shown, shown_path};

#[derive(Serialize)]
struct Document {
    r#type: &'static str,
    bits: u32,
    fingerprint: String,
    comment: String,
    /// The private half.
    file: String,
    public_file: String,
    rfc4716_file: Option<String>,
    encrypted: bool,
    /// The line of the public file.
    public_key: String,
}

#[derive(Serialize)]
struct StoredDocument {
    name: String,
    r#type: &'static str,
    bits: u32,
    fingerprint: String,
    comment: String,
    public_file: String,
    public_key: String,
}

#[derive(Serialize)]
struct Profiles {
    profiles: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    place: String,
    takes: String,
    reason: String,
    next: String,
}

/// The key that was made.
pub(super) fn made(made: &Made<'_>) -> Zeroizing<Vec<u8>> {
    json::document(&Document {
        r#type: made.key.type_name(),
        bits: made.key.bits(),
        fingerprint: made.key.fingerprint(HashKind::Sha256).to_string(),
        comment: shown(made.comment),
        file: shown_path(&made.paths.private),
        public_file: shown_path(&made.paths.public),
        rfc4716_file: made.paths.rfc4716.as_deref().map(shown_path),
        encrypted: made.encrypted,
        public_key: shown(&made.key.to_line(made.comment)),
    })
}

/// The key that was made in the key store.
pub(super) fn made_in_store(made: &MadeInStore<'_>) -> Zeroizing<Vec<u8>> {
    json::document(&StoredDocument {
        name: made.name.to_string(),
        r#type: made.key.type_name(),
        bits: made.key.bits(),
        fingerprint: made.key.fingerprint(HashKind::Sha256).to_string(),
        comment: shown(made.comment),
        public_file: shown_path(made.file),
        public_key: shown(&made.key.to_line(made.comment)),
    })
}

/// The places.
pub(super) fn profiles(profiles: &[Profile]) -> Zeroizing<Vec<u8>> {
    let rows = profiles.iter().map(|profile| Row {
        name: profile.name.clone(),
        place: profile.place.clone(),
        takes: profile.takes(),
        reason: profile.reason.clone(),
        next: profile.next.clone(),
    });
    json::document(&Profiles { profiles: rows.collect() })
}
