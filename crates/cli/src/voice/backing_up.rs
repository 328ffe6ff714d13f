//! Words about backups of the key store.

use std::io;
use std::path::Path;

use keyfob_keystore::{Error, Listed};

use super::{quoted, shown, shown_path};
use crate::output::{fact, hint, note};
use crate::{archive, files};

/// Whether to put it there.
pub(crate) const RESTORE_QUESTION: &str = "Put the backup in its place?";

/// Bytes are nothing to look at.
pub(crate) fn not_to_a_terminal() {
    fact("a backup is no text, and standard output is a terminal");
    hint("keyfob backup FILE   writes it there");
}

/// The archive could not be made.
pub(crate) fn unwritten(error: &io::Error) {
    fact(format!("the backup could not be made: {}", files::reason(error)));
}

/// What is on the disk is not what was to be written.
pub(crate) fn reads_back_otherwise(path: &Path) {
    fact(format!("{}: does not read back as it was written", shown_path(path)));
    hint("the disk may be failing: write it somewhere else");
}

/// There is a backup.
pub(crate) fn backed_up(path: &Path, files: usize, bytes: usize) {
    let path_shown = shown_path(path);
    note(format!(
        "{path_shown} has the whole key store ({files} files, {} KiB) and reads back the same.",
        bytes.div_ceil(1024)
    ));
    note(
        "It opens with the passphrase and the recovery code of today, also when these have changed. \
         The files of linked keys are not in it.",
    );
    hint(format!("keyfob restore {}   brings it back", quoted(path)));
}

/// The file is no backup.
pub(crate) fn no_backup(path: &Path, error: &archive::Error) {
    fact(format!("{}: {}", shown_path(path), shown(error.to_string().as_bytes())));
}

/// What is in the place of the store is none.
pub(crate) fn something_else_there(error: &Error) {
    note(format!(
        "What is there does not open as a key store: {}",
        shown(error.to_string().as_bytes())
    ));
}

/// What is about to happen.
pub(crate) fn restoring(folder: &Path, taken: bool, there: Option<Vec<Listed>>) {
    let folder = shown_path(folder);
    match there {
        Some(listed) => {
            let names: Vec<String> = listed.iter().map(|item| item.name.to_string()).collect();
            let names = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            note(format!("The key store in {folder} holds: {names}."));
            note(
                "It is kept beside the backup that takes its place, and nothing of it is deleted.",
            );
        }
        None if taken => note(format!("What is in {folder} is kept beside it.")),
        None => note(format!("There is nothing in {folder} yet.")),
    }
}

/// It is in its place.
pub(crate) fn restored(folder: &Path, count: usize, old: Option<&Path>) {
    let keys = if count == 1 { "one key".to_owned() } else { format!("{count} keys") };
    note(format!("The key store in {} is the one of the backup: {keys}.", shown_path(folder)));
    if let Some(old) = old {
        note(format!("The one before it is in {}.", shown_path(old)));
        hint("delete that folder when nothing is missing: it opens as before");
    }
}
