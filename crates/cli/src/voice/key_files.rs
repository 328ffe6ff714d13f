//! Words about key files that are read and written anew. `keyfob`'s own: OpenSSH has no such
//! command, or other words for it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use keyfob_keyfile::{Error as KeyFile, Feature, Format};

use super::passphrases::PASSPHRASE_FILE;
use super::{quoted, shown_path, uncapitalised};
use crate::exposure::Exposure;
use crate::files;
use crate::output::{fact, hint, note};
use crate::passphrases::Unnamed;
use crate::rewriting;
use crate::saving::{self, Problem};

/// The file cannot be read.
pub(crate) fn unread(path: &Path, error: &files::Error) {
    fact(format!("{}: {}", shown_path(path), uncapitalised(&error.to_string())));
    let public = files::beside(path, ".pub");
    if error.is_missing() && public.is_file() {
        hint(format!("only the public half is there: {}", shown_path(&public)));
    }
}

/// It holds no key that can be used for this.
pub(crate) fn unusable(path: &Path, error: &KeyFile) {
    fact(format!("{}: {error}", shown_path(path)));
    match error {
        KeyFile::PublicKeyFile => match private_beside(path) {
            Some(private) => {
                hint(format!("the private one is beside it: {}", shown_path(&private)));
            }
            None => hint("the private one is needed, usually the same name without .pub"),
        },
        KeyFile::Corrupt { .. } => {
            hint("the file may be cut off or changed; compare its size with a backup");
        }
        KeyFile::KdfTooExpensive { .. } => {
            hint("--allow-slow   takes the time, if you trust whoever made the file");
        }
        KeyFile::Unsupported { what: Feature::Format(Format::Ssh1), .. } => {
            hint("keyfob generate   makes a key that today's servers take");
        }
        _ => {}
    }
}

/// One line of a file of many keys holds none that can be used.
pub(crate) fn unusable_line(path: &Path, line: usize, error: &KeyFile) {
    fact(format!("{}, line {line}: {error}", shown_path(path)));
}

/// Nobody gave the passphrase, though a wrong one perhaps.
pub(crate) fn given_up(path: &Path, wrong: bool) {
    let name = shown_path(path);
    if wrong {
        fact(format!("{name}: wrong passphrase"));
        hint("it is the one the key file was made with, not that of your account");
    } else {
        fact(format!("{name}: no passphrase was given"));
        hint(PASSPHRASE_FILE);
    }
}

/// A file named for its passphrase gives none.
pub(crate) fn no_passphrase_in(path: &Path, error: &Unnamed) {
    fact(format!("{}: {}", shown_path(path), uncapitalised(&error.to_string())));
}

/// What was to be printed could not be made.
pub(crate) fn unusable_form(path: &Path, error: &rewriting::Error) {
    fact(format!("{}: {error}", shown_path(path)));
}

/// What was to be written could not be made.
pub(crate) fn unmade(path: &Path, error: &rewriting::Error) {
    fact(format!("{}: {error}", shown_path(path)));
    note("Nothing was changed.");
    if let rewriting::Error::KeyFile(KeyFile::KdfTooExpensive { .. }) = error {
        hint("with so many rounds it would take minutes to open; 24 are usual, 100 are a lot");
    }
}

/// A file was not written.
pub(crate) fn unsaved(error: &saving::Error) {
    fact(error.to_string());
    match &error.problem {
        Problem::NotAFile("a folder") | Problem::Exists => {}
        Problem::NotAFile(_) => hint("-o -   writes to standard output"),
        Problem::Twice(_) => hint("nothing was changed; remove the link first"),
        Problem::Changed => hint("nothing was replaced; look at it, and do it once more"),
        Problem::Foreign => hint("its owner can do this, and root"),
        Problem::Folder { folder, source } => folder_hint(folder, source),
        Problem::Lost(_) => {}
        Problem::Write(error) if is_no_room(error) => {
            hint("no room on the disk, or a limit (ulimit -f); nothing was changed");
        }
        Problem::Write(_) => hint("nothing was changed"),
        Problem::Replace(error) if error.kind() == ErrorKind::ResourceBusy => {
            hint("a file that is mounted by itself, as into a container, cannot be replaced");
        }
        Problem::Replace(_) => hint("nothing was changed"),
        Problem::Half(_) => hint("do it once more when the reason is gone"),
        Problem::Unsettled(_) => {}
    }
}

fn folder_hint(folder: &Path, error: &io::Error) {
    match error.kind() {
        ErrorKind::NotFound => hint(format!("mkdir -m 700 {}", quoted(folder))),
        ErrorKind::PermissionDenied => hint(
            "a new file is made beside the old one, so that the old one is never lost: \
             you must be able to write to the folder",
        ),
        _ if is_no_room(error) => hint("nothing was changed"),
        _ => {}
    }
}

fn is_no_room(error: &io::Error) -> bool {
    use ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), FileTooLarge | QuotaExceeded | StorageFull)
}

/// The file could be read by others, and now cannot.
pub(crate) fn closed(path: &Path, exposure: &Exposure) {
    let by_whom = exposure.by_whom();
    note(format!("Others could read {} ({by_whom}); now only you can.", shown_path(path)));
}

/// A file has other names, and they keep what it was.
pub(crate) fn other_names(path: &Path, count: u64) {
    let names = if count == 1 { "another name".to_owned() } else { format!("{count} other names") };
    note(format!(
        "{} has {names} (hard links): there the old file stays as it was.",
        shown_path(path)
    ));
}

/// The private key a public one belongs to, if it lies where it usually does.
fn private_beside(public: &Path) -> Option<PathBuf> {
    let name = public.to_str()?;
    let stem = name.strip_suffix("-cert.pub").or_else(|| name.strip_suffix(".pub"))?;
    let private = PathBuf::from(stem);
    private.is_file().then_some(private)
}
