//! What became of each file, as a table and as JSON.

use keyfob_keys::HashKind;
use serde::Serialize;
use zeroize::Zeroizing;

use super::Row;
use crate::columns;
use crate::json;
use crate::voice::{shown, shown_path};

#[derive(Serialize)]
struct Document {
    taken: Vec<Taken>,
    skipped: Vec<Skipped>,
}

#[derive(Serialize)]
struct Taken {
    name: String,
    file: String,
    comment: String,
    r#type: Option<String>,
    fingerprint: Option<String>,
}

#[derive(Serialize)]
struct Skipped {
    file: String,
    /// A word that stays the same.
    reason: &'static str,
    /// The same for people.
    fact: String,
    /// What the key is called in the store, if it is there.
    name: Option<String>,
    fingerprint: Option<String>,
    /// Whether a key is not in the store because of it.
    failure: bool,
}

/// Taken ones first.
pub(super) fn text(rows: &[Row]) -> String {
    let mut cells = vec![heading(["RESULT", "NAME", "TYPE", "FINGERPRINT", "FILE", "WHY"])];
    cells.extend(rows.iter().filter(|row| row.outcome.is_ok()).map(line));
    cells.extend(rows.iter().filter(|row| row.outcome.is_err()).map(line));
    columns::table(&cells)
}

fn heading(words: [&str; 6]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn line(row: &Row) -> Vec<String> {
    let dash = || "-".to_owned();
    let (result, name, why) = match &row.outcome {
        Ok(name) => ("taken", name.to_string(), String::new()),
        Err(why) => ("skipped", why.name().map_or_else(dash, ToString::to_string), why.to_string()),
    };
    let kind = row.key.as_ref().map(|key| format!("{} {}", key.short_name(), key.bits()));
    vec![
        result.to_owned(),
        name,
        kind.unwrap_or_else(dash),
        fingerprint(row).unwrap_or_else(dash),
        shown_path(&row.path),
        why,
    ]
}

fn fingerprint(row: &Row) -> Option<String> {
    row.key.as_ref().map(|key| key.fingerprint(HashKind::Sha256).to_string())
}

/// One object, stable names.
pub(super) fn json(rows: &[Row]) -> Zeroizing<Vec<u8>> {
    let mut document = Document { taken: Vec::new(), skipped: Vec::new() };
    for row in rows {
        let (file, fingerprint) = (shown_path(&row.path), fingerprint(row));
        match &row.outcome {
            Ok(name) => document.taken.push(Taken {
                name: name.to_string(),
                file,
                comment: shown(&row.comment),
                r#type: row.key.as_ref().map(|key| key.type_name().to_owned()),
                fingerprint,
            }),
            Err(why) => document.skipped.push(Skipped {
                file,
                reason: why.word(),
                fact: why.to_string(),
                name: why.name().map(ToString::to_string),
                fingerprint,
                failure: row.is_failure(),
            }),
        }
    }
    json::document(&document)
}
