//! `ssh-keygen -A`: the host keys that are missing in `/etc/ssh`, or in that
//! folder below a prefix.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use keyfob_keyfile::{PrivateFile, PublicForm, Randomness, write_private, write_public};
use keyfob_keys::Curve;
use keyfob_keys::generate::{Kind, generate};
use keyfob_sys::os_text::OsStrExt as _;

use super::flags::Given;
use super::generate::form;
use crate::commands::generate::usual_comment;
use crate::exit::Exit;
use crate::saving::{self, Mode, New, Overwrite};
use crate::{files, output, text};

/// Type, its name in the listing, its file.
const KINDS: [(Kind, &str, &str); 3] = [
    (Kind::Rsa { bits: 3072 }, "RSA", "/etc/ssh/ssh_host_rsa_key"),
    (Kind::Ecdsa(Curve::P256), "ECDSA", "/etc/ssh/ssh_host_ecdsa_key"),
    (Kind::Ed25519, "ED25519", "/etc/ssh/ssh_host_ed25519_key"),
];

/// Makes them. A key that could not be made is told of, but is no failure: the others are.
pub(super) fn make(given: &Given) -> Result<(), Exit> {
    let mut begun = false;
    for (kind, name, file) in KINDS {
        let path = below(given.file.as_deref(), file);
        match std::fs::metadata(&path) {
            Ok(facts) if facts.len() > 0 => continue,
            Err(error) if error.kind() != ErrorKind::NotFound => {
                output::log_line(format!("Could not stat {file}: {}", files::reason(&error)));
                begun = false;
                continue;
            }
            _ => {}
        }
        if !begun {
            output::data(b"ssh-keygen: generating new host keys: ");
        }
        output::data(format!("{name} ").as_bytes());
        begun = match one(given, kind, &path) {
            Ok(()) => true,
            Err(why) => {
                output::log_line(why);
                false
            }
        };
    }
    if begun {
        output::data(b"\n");
    }
    Ok(())
}

/// A prefix is put in front as it is, not joined as a folder.
fn below(prefix: Option<&Path>, file: &str) -> PathBuf {
    let mut path = prefix.map_or_else(Default::default, |prefix| prefix.as_os_str().to_owned());
    path.push(file);
    path.into()
}

fn one(given: &Given, kind: Kind, path: &Path) -> Result<(), Vec<u8>> {
    // Found out before a search that may take a while.
    saving::is_taken(path).map_err(|error| unsaved(path, &error))?;
    let failed =
        |why: String| text!["Saving key \"", path.as_os_str().as_bytes(), "\" failed: ", why];
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let key = generate(kind, threads, &()).map_err(|error| failed(error.to_string()))?;
    let file = PrivateFile { key, comment: usual_comment() };
    let form = form(kind, given.private_form);
    let write = || {
        let randomness = Randomness::fresh()?;
        let private = write_private(&file.key, &file.comment, form, None, &randomness)?;
        let public = write_public(file.key.public(), &file.comment, PublicForm::Line)?;
        Ok::<_, keyfob_keyfile::Error>((private, public))
    };
    let (private, public) = write().map_err(|error| failed(error.to_string()))?;
    let public_path = files::beside(path, ".pub");
    let others = [New { path: &public_path, bytes: &public, mode: Mode::Public }];
    let private = New { path, bytes: &private, mode: Mode::Private };
    saving::save_pair(private, &others, Overwrite::Replace).map_err(|error| unsaved(path, &error))
}

fn unsaved(path: &Path, error: &saving::Error) -> Vec<u8> {
    let reason = error.problem.io().map_or_else(|| error.problem.to_string(), files::reason);
    text!["Could not save your private key in ", path.as_os_str().as_bytes(), ": ", reason]
}
