//! The JSON of `keyfob list --json`: one object, stable names, `null` for what
//! the agent does not tell.

use base64ct::{Base64, Encoding as _};
use keyfob_keys::HashKind;
use keyfob_protocol::details::Place;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{Listing, Shown};
use crate::json;
use crate::voice::shown;

#[derive(Serialize)]
struct Document {
    locked: bool,
    keys: Vec<Key>,
}

#[derive(Serialize)]
struct Key {
    index: usize,
    /// Made safe to show, like everywhere.
    comment: String,
    r#type: String,
    bits: Option<u32>,
    fingerprint: Option<String>,
    certificate: bool,
    /// As the line of a `.pub` file.
    public_key: String,
    /// Seconds until the agent forgets it.
    expires_in: Option<u32>,
    expires: Option<bool>,
    /// Seconds without use after which it does so too.
    idle: Option<u32>,
    confirm: Option<bool>,
    destinations: Option<u32>,
    /// Whether it is in the key store,
    stored: Option<bool>,
    /// and whether the agent has it in use.
    open: Option<bool>,
    /// Whether that is proved; before the store was unlocked only its files say so.
    verified: Option<bool>,
}

/// The document and a line end.
pub(super) fn of(listing: &Listing, hash: HashKind) -> Zeroizing<Vec<u8>> {
    let keys = listing.keys.iter().enumerate().map(|(at, shown)| Key::new(at + 1, shown, hash));
    let document = Document { locked: listing.locked, keys: keys.collect() };
    json::document(&document)
}

impl Shown {
    /// As in a `.pub` file, even of a type that is not known here.
    fn line(&self) -> String {
        let end = if self.comment.is_empty() { "" } else { " " };
        let blob = Base64::encode_string(&self.blob);
        format!("{} {blob}{end}{}", self.type_name(), shown(&self.comment))
    }
}

impl Key {
    fn new(index: usize, of: &Shown, hash: HashKind) -> Self {
        let terms = of.terms.as_ref();
        Self {
            index,
            comment: shown(&of.comment),
            r#type: of.type_name(),
            bits: of.key.as_ref().map(keyfob_keys::PublicKey::bits),
            fingerprint: of.key.as_ref().map(|key| key.fingerprint(hash).to_string()),
            certificate: of.key.as_ref().is_some_and(|key| key.certificate().is_some()),
            public_key: of.line(),
            expires_in: terms.and_then(|terms| terms.expires_in),
            expires: terms.map(|terms| terms.expires_in.is_some()),
            idle: terms.and_then(|terms| terms.idle),
            confirm: terms.map(|terms| terms.confirm),
            destinations: terms.map(|terms| terms.destinations),
            stored: terms.map(|terms| matches!(terms.place, Place::Store { .. })),
            open: terms.map(|terms| !terms.sealed && !terms.place.is_away()),
            verified: terms.map(|terms| terms.proved),
        }
    }
}
