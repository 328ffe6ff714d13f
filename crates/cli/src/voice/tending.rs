//! Words about keys of the store that are renamed, deleted or given other rules.

use std::path::Path;

use keyfob_keys::{HashKind, PublicKey};
use keyfob_keystore::{Facts, Item, Name};

use super::{quoted, shown, shown_path};
use crate::output::{fact, hint, note};
use crate::{period, public_file};

/// A key has another name.
pub(crate) fn renamed(from: &Name, to: &Name, public: &Path) {
    if from == to {
        note(format!("{from} is called so already."));
        return;
    }
    note(format!("{from} is called {to} now."));
    note(format!("  for ssh_config: IdentityFile {}", quoted(public)));
}

/// What is about to be deleted.
pub(crate) fn to_be_deleted(item: &Item, link: Option<&Path>) {
    let key = item.facts.public.as_ref().map_or_else(String::new, |key| {
        format!("  {} {}", key.short_name(), key.fingerprint(HashKind::Sha256))
    });
    let comment = shown(&item.facts.comment);
    let link = link.map_or_else(String::new, |path| format!("  a link to {}", shown_path(path)));
    note(format!("{}{key}  {comment}{link}", item.name));
}

/// Whether to.
pub(crate) fn delete_question(count: usize) -> String {
    match count {
        1 => "Delete it from the key store?".to_owned(),
        count => format!("Delete these {count} from the key store?"),
    }
}

/// A key is gone.
pub(crate) fn deleted(name: &Name, link: Option<&Path>) {
    match link {
        None => note(format!("deleted {name} from the key store")),
        Some(path) => {
            note(format!(
                "deleted {name} from the key store; its file stays: {}",
                shown_path(path)
            ));
        }
    }
}

/// What deleting does not reach.
pub(crate) fn copies_stay() {
    note(
        "Copies stay as they are: the files it came from, exports, and backups of the store, which \
         open with the passphrase they had. Take the key off the servers that know it.",
    );
}

/// It was so before.
pub(crate) fn set_already(name: &Name) {
    note(format!("{name}: nothing changes, it is so already"));
}

/// What changed.
pub(crate) fn set(name: &Name, before: &Facts, after: &Facts) {
    let say = |what: &str, before: String, after: String| {
        if before != after {
            note(format!("{name}: {what}: {after} (before: {before})"));
        }
    };
    let span = |seconds: Option<u32>| seconds.map_or_else(|| "none".to_owned(), period::brief);
    say("lifetime", span(before.terms.lifetime), span(after.terms.lifetime));
    say("time without use", span(before.terms.idle), span(after.terms.idle));
    let confirm = |facts: &Facts| if facts.terms.confirm { "yes" } else { "no" }.to_owned();
    say("asks before each use", confirm(before), confirm(after));
    let hosts = hosts(before);
    let new = self::hosts(after);
    if hosts == new && before.terms.destinations != after.terms.destinations {
        note(format!("{name}: hosts: {new}, with the host keys known now"));
    }
    say("hosts", hosts, new);
    let comment = |facts: &Facts| format!("\"{}\"", shown(&facts.comment));
    say("comment", comment(before), comment(after));
    let certificate = |facts: &Facts| facts.certificate.as_ref().map_or("none".to_owned(), serial);
    say("certificate", certificate(before), certificate(after));
}

fn hosts(facts: &Facts) -> String {
    let hosts: Vec<String> = facts.terms.destinations.iter().map(|it| shown(&it.text)).collect();
    if hosts.is_empty() { "any".to_owned() } else { hosts.join(", ") }
}

fn serial(key: &PublicKey) -> String {
    key.certificate().map_or_else(String::new, |certificate| {
        format!("\"{}\" (serial {})", shown(&certificate.key_id), certificate.serial)
    })
}

/// A comment that would not stay on its line, or is too long.
pub(crate) fn bad_comment() {
    fact("a comment has at most 4096 bytes, none of them a line break or a control character");
}

/// A file that should be a certificate.
pub(crate) fn no_certificate(path: &Path) {
    fact(format!("{}: this is no certificate", shown_path(path)));
    hint("its name usually ends in -cert.pub");
}

/// It cannot be read.
pub(crate) fn certificate_unread(path: &Path, error: &public_file::Error) {
    fact(format!("{}: {}", shown_path(path), super::uncapitalised(&error.to_string())));
}

/// It is another key's.
pub(crate) fn other_certificate(path: &Path) {
    fact(format!("{}: the certificate is for another key", shown_path(path)));
}
