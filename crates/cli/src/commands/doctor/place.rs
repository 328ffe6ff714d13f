//! Where things are for this user, found once for all checks.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use keyfob_config::directories::Directories;
use keyfob_config::env::{Environment, Name};
use keyfob_sys::user;

use super::listener::{self, Kind, Listener, Silence};
#[cfg(unix)]
use crate::voice::quoted;
use crate::{files, finding};

/// The largest start file or list of variables that is read.
const LARGEST: usize = 1 << 20;

/// Entries of a folder that are looked at.
pub(super) const MANY: usize = 1000;

/// All of it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) environment: Environment,
    /// The home of the user database, where `ssh` looks.
    pub(super) home: Option<PathBuf>,
    pub(super) directories: Option<Directories>,
    /// The socket of keyfob's own agent.
    pub(super) own: Option<PathBuf>,
    /// Who this is.
    pub(super) uid: u32,
    /// The host that was asked about.
    pub(super) host: Option<OsString>,
    /// Sockets that were waited for once: nobody waits for them again.
    mute: Mutex<Vec<PathBuf>>,
}

impl Place {
    pub(super) fn new(environment: &Environment, host: Option<OsString>) -> Self {
        let uid = user::effective_uid();
        Self {
            environment: environment.clone(),
            home: user::home_directory().or_else(|| environment.home()),
            directories: Directories::new(environment, uid).ok(),
            own: finding::own_socket(environment).ok(),
            uid,
            host,
            mute: Mutex::default(),
        }
    }

    /// The home a shell would call so.
    pub(super) fn shell_home(&self) -> Option<PathBuf> {
        self.environment.home().or_else(|| self.home.clone())
    }

    /// Where programs keep their settings.
    pub(super) fn config_home(&self) -> Option<PathBuf> {
        let ours = self.directories.as_ref()?.settings.parent()?;
        let usual = || Some(self.shell_home()?.join(".config"));
        if cfg!(target_os = "linux") { Some(ours.to_owned()) } else { usual() }
    }

    /// Who answers at a socket.
    pub(super) fn meet(&self, path: &Path) -> Result<Listener, Silence> {
        let mute = || self.mute.lock().unwrap_or_else(PoisonError::into_inner);
        if mute().iter().any(|known| known == path) {
            return Err(Silence::Mute);
        }
        let met = listener::meet(path);
        if matches!(met, Err(Silence::Mute)) {
            mute().push(path.to_owned());
        }
        met
    }

    /// The agent of keyfob that answers, at the socket it is asked for or at its own.
    pub(super) fn keyfob(&self) -> Option<Listener> {
        let sockets = self.environment.auth_sock().into_iter().chain(self.own.clone());
        let mut met = sockets.filter_map(|path| self.meet(&path).ok());
        met.find(|agent| agent.kind == Kind::Keyfob)
    }

    /// A value as a shell or `environment.d` would expand it, as far as that is known here.
    pub(super) fn expanded(&self, value: &str) -> String {
        let mut text = value.trim_matches(['"', '\'']).to_owned();
        let names = [Name::XdgRuntimeDir, Name::Home, Name::Tmpdir];
        for name in names {
            if let Some(known) = self.environment.get(name).and_then(|value| value.to_str()) {
                text = text.replace(&format!("${{{}}}", name.as_str()), known);
                text = text.replace(&format!("${}", name.as_str()), known);
            }
        }
        match (text.strip_prefix("~/"), self.shell_home()) {
            (Some(rest), Some(home)) => home.join(rest).to_string_lossy().into_owned(),
            _ => text,
        }
    }

    /// Whether this is the socket of keyfob's own agent.
    pub(super) fn is_own(&self, path: &Path) -> bool {
        self.own.as_deref().is_some_and(|own| is_same(own, path))
    }
}

/// Two names of one thing.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path| fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| Some(one) == real(other))
}

/// The text of a file; none where there is no such file.
pub(super) fn text_of(path: &Path) -> Result<Option<String>, files::Error> {
    let opened = files::open(path).map_err(files::Error::Io);
    let read = opened.and_then(|mut opened| match opened.is_file() {
        true => opened.read_up_to(LARGEST),
        false => Err(files::Error::NotAFile(opened.kind())),
    });
    match read {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.is_missing() => Ok(None),
        // A folder in its place that is none.
        Err(files::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The names in a folder, in their order; none where there is no such folder. So many of them.
pub(super) fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found: Vec<PathBuf> =
        entries.take(MANY + 1).flatten().map(|entry| entry.path()).collect();
    found.sort();
    Ok(found)
}

/// A command with a path behind it.
#[cfg(unix)]
pub(super) fn command(words: &str, path: &Path) -> String {
    format!("{words} {}", quoted(path))
}
