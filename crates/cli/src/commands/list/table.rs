//! The table of `keyfob list`.

use std::time::{SystemTime, UNIX_EPOCH};

use anstyle::{AnsiColor, Style};

use super::{Listing, Shown};
use crate::voice::shown;
use crate::{columns, period};
use keyfob_keys::HashKind;
use keyfob_protocol::details::Place;

/// The whole table, with a line of headings. Columns only keyfob's agent can
/// fill are left out when no key has them.
pub(super) fn of(listing: &Listing, hash: HashKind) -> String {
    let terms_known = listing.keys.iter().any(|key| key.terms.is_some());
    let mut rows = vec![headings(terms_known)];
    let keys = listing.keys.iter().enumerate();
    rows.extend(keys.map(|(at, key)| row(at + 1, key, hash, terms_known)));
    columns::table_of_keys(&rows, FINGERPRINT, |column, cell| match column {
        STATE => look(cell),
        _ => Style::new(),
    })
}

/// The places of columns.
const FINGERPRINT: usize = 3;
const STATE: usize = 4;

/// Green signs at once; yellow needs something first, or never will again.
pub(super) fn look(state: &str) -> Style {
    match state {
        "ready" => AnsiColor::Green.on_default(),
        "stored" => Style::new(),
        _ => AnsiColor::Yellow.on_default(),
    }
}

fn headings(terms_known: bool) -> Vec<String> {
    let all = ["#", "NAME", "TYPE", "FINGERPRINT", "STATE", "LIFE", "CONSTRAINTS"];
    let count = if terms_known { all.len() } else { all.len() - 2 };
    all[..count].iter().map(ToString::to_string).collect()
}

fn row(index: usize, shown_key: &Shown, hash: HashKind, terms_known: bool) -> Vec<String> {
    let mut cells = vec![index.to_string(), shown(&shown_key.comment)];
    match &shown_key.key {
        Some(key) => {
            cells.push(format!("{} {}", key.short_name(), key.bits()));
            cells.push(key.fingerprint(hash).to_string());
        }
        None => cells.extend([shown_key.type_name(), "?".to_owned()]),
    }
    cells.push(state(shown_key));
    if terms_known {
        let unknown = || ("?".to_owned(), "?".to_owned());
        let (life, constraints) = shown_key.terms.as_ref().map_or_else(unknown, |terms| {
            (terms.expires_in.map_or_else(|| "-".to_owned(), period::brief), constraints(terms))
        });
        cells.extend([life, constraints]);
    }
    cells
}

fn constraints(terms: &super::Terms) -> String {
    let mut words = Vec::new();
    if terms.confirm {
        words.push("confirm".to_owned());
    }
    if let Some(seconds) = terms.idle {
        words.push(format!("unused {}", period::brief(seconds)));
    }
    match terms.destinations {
        0 => {}
        1 => words.push("1 destination".to_owned()),
        many => words.push(format!("{many} destinations")),
    }
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

/// Whether the key can be used now: a certificate has times of its own, and a key that is still in
/// the store has to be fetched, for which its passphrase may be asked, as it is for one that was sealed
/// when the store was locked. Before the store was unlocked nothing proves that it is in there.
fn state(shown_key: &Shown) -> String {
    let ready = match &shown_key.terms {
        Some(terms) if !terms.proved => "unverified",
        Some(terms) if terms.place == Place::Store { open: false } => "stored",
        Some(terms) if terms.place == Place::File { open: false } => "encrypted",
        Some(terms) if terms.sealed => "locked",
        _ => "ready",
    };
    let Some(certificate) = shown_key.key.as_ref().and_then(|key| key.certificate()) else {
        return ready.to_owned();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if now >= certificate.valid_before {
        "expired".to_owned()
    } else if now < certificate.valid_after {
        "not yet valid".to_owned()
    } else {
        ready.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::super::{Shown, Terms};
    use super::*;
    use keyfob_keys::PublicKey;
    use unicode_width::UnicodeWidthStr as _;

    fn shown_key(comment: &str, terms: Option<Terms>) -> Shown {
        let line =
            b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHU6rb2yviiPNJtMtZqM1V5bo/DzzNLcgBln/8DC0ngN";
        let key = PublicKey::from_line(line).unwrap().0;
        Shown { terms, ..Shown::new(key.blob().to_vec(), comment.as_bytes().to_vec()) }
    }

    #[test]
    fn columns_stand_under_each_other_whatever_the_width_of_letters() {
        let terms = |seconds| {
            let place = Place::Session;
            Some(Terms {
                confirm: true,
                destinations: 2,
                expires_in: seconds,
                idle: Some(1800),
                place,
                sealed: false,
                proved: true,
            })
        };
        let keys = vec![shown_key("漢字 key", terms(Some(3570))), shown_key("plain", terms(None))];
        let table = of(&Listing { locked: false, keys }, HashKind::Sha256);
        let lines: Vec<&str> = table.lines().collect();
        let column = |line: &str, word: &str| line[..line.find(word).unwrap()].width();
        assert_eq!(column(lines[1], "ED25519"), column(lines[0], "TYPE"));
        assert_eq!(column(lines[2], "ED25519"), column(lines[0], "TYPE"));
        assert!(
            lines[1].ends_with("ready  59m 30s  confirm, unused 30m, 2 destinations"),
            "{table}"
        );
    }

    #[test]
    fn what_another_agent_does_not_tell_has_no_column() {
        let table =
            of(&Listing { locked: false, keys: vec![shown_key("a", None)] }, HashKind::Sha256);
        assert!(!table.contains("LIFE"));
    }

    #[test]
    fn a_comment_cannot_forge_a_line_of_the_table() {
        let table = of(
            &Listing { locked: false, keys: vec![shown_key("a\n2  b\x1b[2J", None)] },
            HashKind::Sha256,
        );
        assert_eq!(table.lines().count(), 2);
        assert!(!table.contains('\x1b'));
    }

    #[test]
    fn a_key_of_an_unknown_type_is_shown_with_its_name() {
        let blob = b"\0\0\0\x08ssh-dss\n".to_vec();
        let table = of(
            &Listing { locked: false, keys: vec![Shown::new(blob, b"old".to_vec())] },
            HashKind::Sha256,
        );
        assert!(table.contains("ssh-dss\\x0a"), "{table}");
    }
}
