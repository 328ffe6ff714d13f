//! Where an agent listens.

#[cfg_attr(unix, path = "place/unix.rs")]
#[cfg_attr(windows, path = "place/windows.rs")]
mod system;

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;

use crate::voice::Voice;
use crate::{files, finding};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `-a PATH`.
    At(PathBuf),
    /// `-T`: a fresh folder below `$TMPDIR`, as before OpenSSH 10.1.
    Temporary,
    /// `~/.ssh/agent`, as since OpenSSH 10.1; `tidy` not with `-U`.
    InHome { tidy: bool },
    /// keyfob's own.
    Own,
}

/// A path that is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Absolute: the agent leaves the folder it was started in.
    pub(super) path: PathBuf,
    /// As the person wrote it, for the variable.
    pub(super) shown: PathBuf,
    /// A folder that was made for this socket.
    pub(super) own_folder: bool,
}

/// Why there is no place; `fatal` has its own exit code.
#[derive(Debug)]
pub(super) struct Nowhere {
    pub(super) words: String,
    pub(super) fatal: bool,
}

impl Place {
    /// Decides the path and makes the folders `ssh-agent` would make.
    pub(super) fn choose(
        &self,
        environment: &Environment,
        voice: Voice,
    ) -> Result<Chosen, Nowhere> {
        match self {
            Self::At(path) => given(path, voice),
            Self::Temporary => system::temporary(environment),
            Self::InHome { tidy } => system::in_home(environment, *tidy),
            Self::Own => {
                let path =
                    finding::own_socket(environment).map_err(|error| fatal(error.to_string()))?;
                system::tell(&path);
                Ok(Chosen { shown: path.clone(), path, own_folder: false })
            }
        }
    }
}

fn given(path: &Path, voice: Voice) -> Result<Chosen, Nowhere> {
    let absolute = system::absolute(path).map_err(|error| failed(&error.to_string()))?;
    // `keyfob` makes the folder; a script that relies on the original's
    // refusal must still get it.
    if voice == Voice::OpenSsh
        && let Some(folder) = system::folder(&absolute)
        && let Err(error) = std::fs::metadata(folder)
    {
        let reason = files::reason(&error);
        return Err(failed(&format!(
            "unix_listener: cannot bind to path {}: {reason}",
            path.display()
        )));
    }
    let shown = match voice {
        Voice::OpenSsh => path.to_owned(),
        Voice::Keyfob => absolute.clone(),
    };
    Ok(Chosen { path: absolute, shown, own_folder: false })
}

fn failed(words: &str) -> Nowhere {
    Nowhere { words: words.to_owned(), fatal: false }
}

fn fatal(words: String) -> Nowhere {
    Nowhere { words, fatal: true }
}
