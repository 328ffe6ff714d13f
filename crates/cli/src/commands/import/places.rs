//! The files an import looks at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keyfob_keyfile::inspect;
use keyfob_sys::user;

use crate::exit::Exit;
use crate::voice::importing as words;
use crate::{files, ssh_config};

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Where.
    pub(crate) path: PathBuf,
    /// Whether somebody named this very file, and not the folder it is in.
    pub(crate) named: bool,
}

/// What `ssh` is configured with.
pub(crate) struct ForSsh {
    /// The private key files.
    pub(crate) files: Vec<Candidate>,
    /// Files the configuration names by something that depends on the connection.
    pub(crate) unclear: Vec<String>,
    /// Files it names and that are not there.
    pub(crate) missing: Vec<PathBuf>,
}

/// Files, and the files of folders by name; not those of folders in them.
pub(in crate::commands) fn of_paths(paths: &[PathBuf]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for path in paths {
        match path.is_dir().then(|| in_folder(path)) {
            Some(Ok(found)) => {
                candidates.extend(found.into_iter().map(|path| Candidate { path, named: false }));
            }
            // A folder that cannot be listed is told of as what it is.
            Some(Err(_)) | None => candidates.push(Candidate { path: path.clone(), named: true }),
        }
    }
    candidates
}

/// The private keys that the configuration of `ssh` names, and those in `~/.ssh`.
pub(in crate::commands) fn of_ssh() -> Result<ForSsh, Exit> {
    let Some(home) = user::home_directory() else {
        words::no_home();
        return Err(Exit::Failure);
    };
    let configured = ssh_config::identity_files(&home);
    let missing = configured.files.iter().filter(|path| !path.exists()).cloned().collect();
    let folder = in_folder(&home.join(".ssh")).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let files = configured
        .files
        .iter()
        .chain(&folder)
        .filter(|path| is_private_key(path))
        .filter(|path| seen.insert(path.canonicalize().unwrap_or_else(|_| (*path).clone())))
        .map(|path| Candidate { path: path.clone(), named: true })
        .collect();
    Ok(ForSsh { files, unclear: configured.unclear, missing })
}

fn in_folder(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

fn is_private_key(path: &Path) -> bool {
    let Ok(mut opened) = files::open(path) else {
        return false;
    };
    let bytes = if opened.is_file() { opened.read().ok() } else { None };
    bytes.is_some_and(|bytes| inspect(&bytes).is_ok_and(|it| it.format.is_private()))
}
