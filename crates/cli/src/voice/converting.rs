//! Words about keys that are written in another format.

use std::path::{Path, PathBuf};

use keyfob_keyfile::{Error as KeyFile, Feature, PrivateForm};

use super::{key_files, quoted, shown, shown_path};
use crate::output::{fact, hint, note};
use crate::rewriting;
use crate::strength::Guessing;

/// Nobody said where a private key is to go.
pub(crate) fn where_to() {
    fact("a private key needs a place to go to");
    hint("-o FILE   names it; -o - is standard output");
}

/// A file of that name is there.
pub(crate) fn exists(path: &Path) {
    fact(format!("{}: there is a file of this name already", shown_path(path)));
}

/// How to replace it.
pub(crate) fn force_hint() {
    hint("--force   replaces it");
}

/// Whether to replace it.
pub(crate) fn overwrite_question(path: &Path) -> String {
    format!("{} is there already. Replace it?", shown_path(path))
}

/// Somebody said no.
pub(crate) fn kept(path: &Path) {
    fact(format!("{} stays as it is", shown_path(path)));
}

/// Of a file with a passphrase.
pub(crate) const GUESSED_FAST: &str =
    "This format makes guessing its passphrase fast; the key is better kept in another.";

/// A public form was wanted of a private key.
pub(crate) fn form_of_public_keys(path: &Path, rfc4716: bool) {
    fact(format!("{}: this is a private key, and the format is for public ones", shown_path(path)));
    let flag = if rfc4716 { " --rfc4716" } else { "" };
    hint(format!("keyfob public {}{flag}   prints its public half", quoted(path)));
}

/// A private form was wanted of a public key.
pub(crate) fn form_of_private_keys(path: &Path) {
    fact(format!("{}: this is a public key, and the format is for private ones", shown_path(path)));
}

/// Cipher or rounds were chosen for a form without a choice.
pub(crate) fn no_choice() {
    fact("cipher and rounds can be chosen in the OpenSSH format only");
}

/// What the first question for a new passphrase says.
pub(crate) fn new_passphrase_question() -> &'static str {
    "Passphrase of the new file: "
}

/// The key could not be written so.
pub(crate) fn unmade(path: &Path, error: &rewriting::Error, form: PrivateForm) {
    key_files::unmade(path, error);
    let rewriting::Error::KeyFile(KeyFile::Unsupported { what, .. }) = error else {
        return;
    };
    match (what, form) {
        (Feature::KeyType(_) | Feature::Key(_), PrivateForm::Pem) => {
            // Without a flag: two commands come here, and theirs are not called the same.
            hint("the format pkcs8 is PEM with room for more types, openssh has room for all");
        }
        (Feature::KeyType(_) | Feature::Key(_), _) => {
            hint("the format openssh has room for every type");
        }
        _ => {}
    }
}

/// The comment has no place in the result.
pub(crate) fn comment_lost(comment: &[u8]) {
    note(format!("This format has no comment: \"{}\" is not in it.", shown(comment)));
}

/// Options in front of a key have no place in the result.
pub(crate) fn options_lost(options: &[u8]) {
    note(format!("What stands in front of a key is not in the result: {}", shown(options)));
}

/// The certificate has no place in the result, and there is none beside it.
pub(crate) fn certificate_lost() {
    note("This format has no certificate: only the key itself is in it.");
}

/// The certificate has no place in the result, and stands beside it.
pub(crate) fn certificate_aside(path: &Path) {
    note(format!("This format has no certificate: it is in {} now.", shown_path(path)));
}

/// The file had a passphrase, and what was written has none.
pub(crate) fn passphrase_lost() {
    note("It has no passphrase any more: whoever can read it can use the key.");
}

/// A private key stands in its new file.
pub(crate) fn converted(target: &Option<PathBuf>, form: PrivateForm, encrypted: bool) {
    let kind = match form {
        PrivateForm::OpenSsh => "OpenSSH",
        PrivateForm::Pem => "PEM",
        PrivateForm::Pkcs8 => "PKCS#8",
        PrivateForm::Ppk3 => "PPK 3",
        PrivateForm::Ppk2 => "PPK 2",
        _ => "another format",
    };
    let protected = if encrypted { "encrypted" } else { "without a passphrase" };
    if let Some(path) = target {
        note(format!("{} is written ({kind}, {protected}).", shown_path(path)));
    }
    if encrypted && Guessing::at(form) == Guessing::Fast {
        note(GUESSED_FAST);
    }
}

/// A public key stands in its new file.
pub(crate) fn public_converted(path: &Path) {
    note(format!("{} is written.", shown_path(path)));
}
