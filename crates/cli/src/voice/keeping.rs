//! Words about keys that come into the key store.

use std::path::Path;

use keyfob_keys::{HashKind, PublicKey, randomart};
use keyfob_keystore::{Name, Terms};

use super::{adding, quoted, raw_data, shown, shown_path};
use crate::commands::add::keeping::How;
use crate::output::{data_line, fact, hint, note};

/// A name was given, and there may be more than one key.
pub(crate) fn one_name() {
    fact("--name is for one key, and more than one file was named");
    hint("without it each key is called as its file; keyfob rename A B changes that");
}

/// What is to be linked is no file that stays.
pub(crate) fn no_file_to_link(path: &Path) {
    fact(format!("{}: only a file can be linked: the key is read from it again", shown_path(path)));
    hint("--save   takes the key itself into the store");
}

/// The key is there.
pub(crate) fn there_already(path: &Path, name: &Name) {
    fact(format!("{}: this key is in the key store already, as {name}", shown_path(path)));
    hint(format!("keyfob set {name} …   changes its rules"));
}

/// Ten thousand keys have this name.
pub(crate) fn no_free_name(path: &Path) {
    fact(format!("{}: no name is left for this key", shown_path(path)));
    hint("--name NAME   gives it one");
}

/// A key is in the store now.
pub(crate) fn kept(
    how: How,
    path: &Path,
    name: &Name,
    public: &Path,
    terms: &Terms,
    certified: bool,
) {
    let verb = match how {
        How::Save => "saved",
        How::Link => "linked",
    };
    let certified = if certified { ", with its certificate" } else { "" };
    note(format!("{verb} {} as {name}{certified}{}", shown_path(path), limits(terms)));
    note(format!("  for ssh_config: IdentityFile {}", quoted(public)));
}

/// The rules of a key, in words, behind its name.
pub(crate) fn limits(terms: &Terms) -> String {
    let Terms { lifetime, idle, confirm, destinations } = terms;
    let mut words = adding::in_words(&adding::Terms {
        lifetime: *lifetime,
        idle: *idle,
        confirm: *confirm,
        restricted: false,
    });
    if !destinations.is_empty() {
        let hosts: Vec<String> = destinations.iter().map(|it| shown(&it.text)).collect();
        words.push_str(&format!(", for {} only", hosts.join(" and ")));
    }
    words
}

/// What becomes of the files.
pub(crate) fn files_stay(how: How, count: usize) {
    note(files_stay_words(how, count));
}

/// The same, to be told.
pub(crate) fn files_stay_words(how: How, count: usize) -> &'static str {
    match (how, count) {
        (How::Save, 1) => {
            "The file stays where it is. The store does not need it: keep it as a copy, or delete it."
        }
        (How::Save, _) => {
            "The files stay where they are. The store does not need them: keep them as copies, or \
             delete them."
        }
        (How::Link, 1) => {
            "The key stays in its file, which the store needs: when it is moved or changed, link it \
             again."
        }
        (How::Link, _) => {
            "The keys stay in their files, which the store needs: what is moved or changed has to \
             be linked again."
        }
    }
}

/// A key that was made in the store.
pub(crate) struct MadeInStore<'a> {
    /// What it is called.
    pub(crate) name: &'a Name,
    /// Its public half.
    pub(crate) key: &'a PublicKey,
    /// Its comment.
    pub(crate) comment: &'a [u8],
    /// The file of its public half.
    pub(crate) file: &'a Path,
    /// Where its public half goes, where that is known.
    pub(crate) next: Option<&'a str>,
}

/// A key was made in the store.
pub(crate) fn made(made: &MadeInStore<'_>) {
    let MadeInStore { name, key, comment, file, next } = made;
    note(format!("The private half is in the key store, as {name}: it never was a file."));
    note(format!("The public half is in {}: give it to whom you like.", shown_path(file)));
    note("The key fingerprint is:");
    note(format!("{} {}", key.fingerprint(HashKind::Sha256), shown(comment)));
    note("The key's randomart image is:");
    note(randomart(key, HashKind::Sha256).trim_end());
    note("The public half in one line, ready to paste:");
    data_line(raw_data(&key.to_line(comment)));
    note("What next:");
    let file = quoted(file);
    note(format!("  keyfob copy-id -i {file} USER@HOST\n      lets you log in there with it"));
    note(format!("  IdentityFile {file}\n      in ~/.ssh/config picks it for a host"));
    if let Some(next) = next {
        note(format!("  {}", next.replace("PUBLIC", &file)));
    }
}
