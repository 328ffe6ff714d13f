//! From what was typed to the files that are read: the usual names when
//! nothing was, and for `keyfob` the files of a folder.

use std::path::{Path, PathBuf};

use keyfob_sys::user;

use crate::exit::Exit;
use crate::files;
use crate::voice::Voice;
use crate::voice::adding::Gathering;

/// What `ssh-add` looks for in `~/.ssh`, in its order.
pub(crate) const USUAL_NAMES: [&str; 6] =
    ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_mldsa44_ed25519"];

/// One place a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum Place {
    /// Standard input.
    Stdin,
    /// A file somebody named.
    File(PathBuf),
    /// A file of a folder somebody named: it may be no key at all.
    InFolder(PathBuf),
}

impl Place {
    /// What messages call it.
    pub(in crate::commands) fn name(&self) -> &Path {
        match self {
            Self::Stdin => Path::new("(stdin)"),
            Self::File(path) | Self::InFolder(path) => path,
        }
    }
}

/// All of them.
#[derive(Debug)]
pub(in crate::commands) struct Sources {
    pub(in crate::commands) list: Vec<Place>,
    /// What went wrong before any file was read.
    pub(in crate::commands) exit: Exit,
    /// Folders among them; each should bring at least one key.
    pub(in crate::commands) folders: Vec<PathBuf>,
}

/// Finds the files.
pub(in crate::commands) fn expand(paths: &[PathBuf], voice: Voice) -> Sources {
    let mut sources = Sources { list: Vec::new(), exit: Exit::Success, folders: Vec::new() };
    if paths.is_empty() {
        sources.take_usual(voice);
    }
    for path in paths {
        if path.as_os_str() == "-" {
            sources.list.push(Place::Stdin);
        } else if voice == Voice::Keyfob && path.is_dir() {
            sources.take_folder(path, voice);
        } else {
            sources.list.push(Place::File(path.clone()));
        }
    }
    sources
}

/// The usual files that exist.
pub(crate) fn usual_files(home: &Path) -> Vec<PathBuf> {
    let all = USUAL_NAMES.map(|name| home.join(".ssh").join(name));
    all.into_iter().filter(|path| path.exists()).collect()
}

impl Sources {
    fn take_usual(&mut self, voice: Voice) {
        let Some(home) = user::home_directory() else {
            voice.gathering(&Gathering::NoHome);
            self.exit = Exit::Failure;
            return;
        };
        self.list = usual_files(&home).into_iter().map(Place::File).collect();
        if self.list.is_empty() {
            voice.gathering(&Gathering::NoUsualFile { home: &home });
            self.exit = Exit::Failure;
        }
    }

    /// The files of a folder by name, not those of folders in it.
    fn take_folder(&mut self, folder: &Path, voice: Voice) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                voice.gathering(&Gathering::Closed(folder, &files::Error::Io(error)));
                self.exit = Exit::Failure;
                return;
            }
        };
        let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        found.sort();
        self.list.extend(found.into_iter().map(Place::InFolder));
        self.folders.push(folder.to_owned());
    }
}
