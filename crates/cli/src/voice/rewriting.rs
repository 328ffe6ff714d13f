//! Words about key files whose passphrase or comment changes.

use std::path::Path;

use keyfob_keyfile::{Format, PrivateForm};

use super::{key_files, quoted, shown, shown_path};
use crate::key_file::KeyFile;
use crate::output::{fact, hint, note};
use crate::passphrases::{Source, Unnamed};

/// What became of a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Another one.
    Replaced,
    /// One where there was none.
    Set,
    /// None any more.
    Removed,
}

/// Standard input cannot be changed.
pub(crate) fn not_in_place() {
    fact("standard input cannot be changed where it is");
    hint("keyfob convert - --to FORMAT -o FILE   writes what comes from it");
}

/// A format that is read and not written.
pub(crate) fn not_written(path: &Path, format: Format) {
    fact(format!("{}: {format}: keyfob does not write this format", shown_path(path)));
    hint(format!("keyfob convert {} --to openssh -o FILE   writes another one", quoted(path)));
}

/// A format in which cipher and rounds are fixed.
pub(crate) fn no_choice(file: &KeyFile) {
    let format = file.inspection.format;
    fact(format!(
        "{}: {format}: cipher and rounds can be chosen in the OpenSSH format only",
        shown_path(&file.name)
    ));
    if file.may_become_openssh() {
        convert_hint(&file.name);
    }
}

/// The file named for the old passphrase gives none.
pub(crate) fn no_passphrase_in(source: &Source, error: &Unnamed) {
    if let Source::File(path) = source {
        key_files::no_passphrase_in(path, error);
    }
}

/// How to have no passphrase.
pub(crate) fn remove_hint() {
    hint("--remove   takes the passphrase away");
}

/// There is nothing to take away.
pub(crate) fn had_no_passphrase(path: &Path) {
    note(format!("{} has no passphrase, as before", shown_path(path)));
}

/// The passphrase is another one.
pub(crate) fn changed(path: &Path, turn: Turn, form: PrivateForm) {
    let name = shown_path(path);
    match turn {
        Turn::Replaced => {
            note(format!("{name} has the new passphrase; copies of the file keep the old one"));
        }
        Turn::Set => {
            note(format!("{name} has a passphrase now; copies of the file still have none"));
        }
        Turn::Removed => note(format!(
            "{name} has no passphrase any more: whoever can read the file can use the key"
        )),
    }
    match form {
        PrivateForm::Pem if turn != Turn::Removed => {
            note("This format derives its key by one round of MD5: guessing is fast.");
            convert_hint(path);
        }
        PrivateForm::Ppk2 if turn != Turn::Removed => {
            note("This format derives its key by SHA-1 without salt: guessing is fast.");
            let path = quoted(path);
            hint(format!(
                "keyfob convert {path} --to ppk -o {path}   makes it a file of PuTTY 0.75"
            ));
        }
        _ => {}
    }
}

/// Bare DER is written as text.
pub(crate) fn was_der(path: &Path) {
    note(format!("{} was bare DER; it is PEM text now.", shown_path(path)));
}

/// A format without a comment.
pub(crate) fn no_comment(file: &KeyFile, public_beside: Option<&Path>) {
    let format = file.inspection.format;
    fact(format!("{}: {format}: this format has no comment", shown_path(&file.name)));
    match public_beside {
        Some(public) => hint(format!(
            "keyfob comment {} TEXT   changes that of the public half",
            quoted(public)
        )),
        None if file.may_become_openssh() => convert_hint(&file.name),
        None => {}
    }
}

/// A comment that would not stay on its line.
pub(crate) fn bad_comment() {
    fact("the comment has characters that are not text (a line break, a control character)");
}

/// A comment that would keep the key out of the agent.
pub(crate) fn long_comment(limit: usize) {
    fact(format!("the comment is longer than the {limit} bytes keyfob's agent takes"));
}

/// A file with more than one key.
pub(crate) fn several_keys(path: &Path) {
    fact(format!("{}: holds more than one key, or a key with options", shown_path(path)));
    hint("an editor changes the comment of a line");
}

/// The `.pub` beside a private key is another key's.
pub(crate) fn stranger_beside(public: &Path) {
    note(format!("{} belongs to another key and stays as it is.", shown_path(public)));
}

/// The comment is another one.
pub(crate) fn commented(path: &Path, also: Option<&Path>, old: &[u8], new: &[u8]) {
    let name = shown_path(path);
    let names = match also {
        Some(also) => format!("{name} and {}", shown_path(also)),
        None => name,
    };
    match (old, new) {
        (old, new) if old == new => note(format!("{names}: the comment is {} already", word(old))),
        (old, b"") => note(format!("{names}: comment removed; it was {}", word(old))),
        (old, new) => note(format!("{names}: comment {}; it was {}", word(new), word(old))),
    }
}

fn word(comment: &[u8]) -> String {
    if comment.is_empty() { "empty".to_owned() } else { format!("\"{}\"", shown(comment)) }
}

fn convert_hint(path: &Path) {
    let path = quoted(path);
    hint(format!("keyfob convert {path} --to openssh -o {path}   makes it an OpenSSH file"));
}
