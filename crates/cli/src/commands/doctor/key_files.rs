//! Key files that are weak, open to others, or not what they are taken for.
//!
//! Looks at the files of `~/.ssh` and at those `ssh` is configured with, as `keyfob inspect` does.
//! No passphrase is asked for: what is encrypted stays so.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use keyfob_keyfile::{Error, inspect};

use super::finding::Finding;
use super::place::{MANY, Place, entries};
use super::turns::Teller;
use crate::commands::inspect::findings::{Finding as Fault, Level};
use crate::commands::inspect::seen::{self, Seen};
use crate::key_file::KeyFile;
use crate::ssh_config::{Configuration, Identities};
use crate::voice::doctor as words;
use crate::voice::shown;
use crate::{files, ssh_config};

const CHECK: &str = "keys";

/// Looks at all of them.
pub(super) fn check(place: &Place, tell: &Teller) {
    let Some(home) = place.home.as_deref() else {
        return;
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let folder = home.join(".ssh");
    tell.looks_at(&folder);
    let listed = entries(&folder).unwrap_or_else(|error| {
        let fact = format!("cannot be listed: {}", files::reason(&error));
        tell.found(Finding::warning(CHECK, fact).at(&folder).hint(words::UNREAD));
        Vec::new()
    });
    if listed.len() > MANY {
        let fact = format!("more than {MANY} files: not all of them are looked at");
        tell.found(Finding::note(CHECK, fact).at(&folder).hint(words::TOO_MANY));
    }
    let Identities { files: named, .. } = ssh_config::identity_files(home);
    let system = Configuration::of_system(home).identities(home).files;
    let mut seen = BTreeSet::new();
    let mut fine = 0;
    for path in listed.iter().chain(&named).chain(&system).take(2 * MANY) {
        tell.looks_at(path);
        if seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            let is_meant = named.contains(path) || looks_like_a_key(path);
            fine += usize::from(of_file(path, is_meant, now, tell));
        }
    }
    let keys = if fine == 1 {
        "1 private key file".to_owned()
    } else {
        format!("{fine} private key files")
    };
    tell.found(Finding::fine(CHECK, format!("nothing is wrong with {keys}")));
}

/// By the names people give keys.
fn looks_like_a_key(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.is_some_and(|name| name.starts_with("id_") || name.ends_with(".pem"))
}

/// Whether there is a private key in it that nothing is wrong with.
fn of_file(path: &Path, is_meant: bool, now: u64, tell: &Teller) -> bool {
    let file = match load(path) {
        Ok(Some(file)) => file,
        Ok(None) => return false,
        // A name that is configured for a key somewhere else is no fault.
        Err(Unseen::Unread(why)) if is_meant => {
            tell.found(Finding::warning(CHECK, why).at(path).hint(words::NO_KEY));
            return false;
        }
        Err(Unseen::Unread(_)) => return false,
        Err(Unseen::Damaged(why)) => {
            tell.found(Finding::warning(CHECK, why).at(path).hint(words::BROKEN_KEY));
            return false;
        }
    };
    if !file.inspection.format.is_private() || is_in_the_way(path, tell) {
        return false;
    }
    match seen::of_private(&file, now) {
        Ok(seen) => {
            seen.findings.iter().for_each(|fault| tell.found(finding(fault, &seen)));
            seen.findings.iter().all(|fault| fault.level() == Level::Note)
        }
        Err(error) => {
            let fact = shown(error.to_string().as_bytes());
            tell.found(Finding::wrong(CHECK, fact).at(path).hint(words::BROKEN_KEY));
            false
        }
    }
}

/// Why it is not known what is in a file.
enum Unseen {
    /// It may be no key at all.
    Unread(String),
    /// It calls itself a private key.
    Damaged(String),
}

/// The file, if it is one that holds a key; why not, where it might.
fn load(path: &Path) -> Result<Option<KeyFile>, Unseen> {
    let unread = |why| Err(Unseen::Unread(why));
    let mut opened = match files::open(path) {
        Ok(opened) => opened,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return unread(format!("cannot be read: {}", files::reason(&error))),
    };
    if !opened.is_file() {
        return unread(format!("is {}, not a file", opened.kind()));
    }
    let bytes = match opened.read() {
        Ok(bytes) => bytes,
        Err(error) => return unread(shown(error.to_string().as_bytes())),
    };
    let too_open = opened.too_open();
    match inspect(&bytes) {
        Ok(inspection) => Ok(Some(KeyFile { name: path.to_owned(), bytes, too_open, inspection })),
        Err(Error::NotAKey) => Ok(None),
        Err(error) => {
            let why = shown(error.to_string().as_bytes());
            Err(if is_called_private(&bytes) { Unseen::Damaged(why) } else { Unseen::Unread(why) })
        }
    }
}

/// By its first line.
fn is_called_private(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    first.starts_with(b"PuTTY-User-Key-File-")
        || first.windows(11).any(|part| part == b"PRIVATE KEY")
}

/// What stands beside it is looked at too, and might be waited for.
fn is_in_the_way(path: &Path, tell: &Teller) -> bool {
    let mut is_odd = false;
    for beside in [".pub", "-cert.pub"].map(|ending| files::beside(path, ending)) {
        if let Ok(opened) = files::open(&beside)
            && !opened.is_file()
        {
            let fact = format!("is {}, not a file", opened.kind());
            tell.found(Finding::warning(CHECK, fact).at(&beside).hint(words::NO_KEY));
            is_odd = true;
        }
    }
    is_odd
}

fn finding(fault: &Fault, seen: &Seen) -> Finding {
    let text = shown(fault.text().as_bytes());
    let found = match (fault, fault.level()) {
        // What ssh or servers refuse.
        (Fault::TooOpen(_) | Fault::Dsa | Fault::WeakRsa(_), _) => Finding::wrong(CHECK, text),
        (_, Level::Warning) => Finding::warning(CHECK, text),
        (_, Level::Note) => Finding::note(CHECK, text),
    };
    let hint = fault.hint(seen).unwrap_or_else(|| words::INSPECT.to_owned());
    found.at(&seen.path).hint(hint)
}

/// Public halves of the person's keys, by their files.
pub(super) fn public_files(home: &Path) -> Vec<PathBuf> {
    let mut found = entries(&home.join(".ssh")).unwrap_or_default();
    let is_public = |path: &PathBuf| {
        let name = path.to_string_lossy();
        name.ends_with(".pub") && !name.ends_with("-cert.pub")
    };
    found.retain(is_public);
    found
}
