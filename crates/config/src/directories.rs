//! Where things are: the agent's socket, the settings file, the key store, the state folder.
//!
//! Paths only: nothing is created here, and permissions are made by whoever creates.
//!
//! The socket's place is `$XDG_RUNTIME_DIR/keyfob/agent.sock`: on local memory, the user's own,
//! gone at logout. Without such a folder it is the state folder
//! (`~/.local/state/keyfob` on Linux), where state that is not worth a backup belongs; a home may
//! be on the network, so the machine's name is part of the file's name there.
//!
//! On Windows the agent's place is a pipe; settings and the store are in the profile that roams, and
//! the state in the one that stays: `AppData\Roaming\keyfob` and `AppData\Local\keyfob`.

#[cfg_attr(unix, path = "directories/unix.rs")]
#[cfg_attr(windows, path = "directories/windows.rs")]
mod system;

#[cfg(windows)]
pub use system::OPENSSH_PIPE;

use crate::env::Environment;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The folders of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directories {
    /// For sockets; only where the system provides one that is safe.
    pub runtime: Option<PathBuf>,
    /// For what outlives a login but is not worth a backup.
    pub state: PathBuf,
    /// For the settings file.
    pub settings: PathBuf,
    /// The key store: what is worth a backup.
    pub store: PathBuf,
}

/// The user has no home directory that could be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", system::NO_HOME)]
pub struct NoHome;

/// A settings file, and whether somebody asked for this very one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Named by the user: then it must exist.
    pub named: bool,
}

impl Directories {
    /// The folders of the user whose number is `uid`.
    ///
    /// # Errors
    /// [`NoHome`].
    pub fn new(environment: &Environment, uid: u32) -> Result<Self, NoHome> {
        let project = directories::ProjectDirs::from("", "", "keyfob").ok_or(NoHome)?;
        let state = project.state_dir().unwrap_or_else(|| project.data_local_dir());
        Ok(Self {
            runtime: system::runtime(environment, uid),
            state: state.to_owned(),
            settings: project.config_dir().to_owned(),
            store: store(environment, project.data_dir()),
        })
    }

    /// Where this machine keeps its memory of key stores. Never beside a store: it must not be
    /// synchronized, or be put back, together with it.
    pub fn stores_state(&self) -> PathBuf {
        self.state.join("stores")
    }

    /// The file that leads programs of Cygwin and MSYS2 to the agent.
    #[cfg(windows)]
    pub fn cygwin_socket(&self) -> PathBuf {
        self.state.join("agent.sock")
    }

    /// The socket by which programs of WSL 1 find the agent. In a folder of its own, for this account
    /// alone whoever made those above it.
    #[cfg(windows)]
    pub fn wsl_socket(&self) -> PathBuf {
        self.state.join("wsl").join("agent.sock")
    }

    /// Where what was done with which key is logged.
    pub fn log(&self) -> PathBuf {
        self.state.join("log")
    }

    /// Where `keyfob agent` listens on the machine named `host`, and clients look for it: the
    /// socket, on Windows a pipe.
    pub fn agent_place(&self, host: &OsStr) -> PathBuf {
        system::agent_place(self, host)
    }

    /// The socket of `keyfob agent` on the machine named `host`.
    pub fn agent_socket(&self, host: &OsStr) -> PathBuf {
        match &self.runtime {
            Some(runtime) => runtime.join("keyfob").join("agent.sock"),
            None => self.state.join(format!("agent.{}.sock", file_name_part(host))),
        }
    }

    /// The settings file: `KEYFOB_CONFIG`, else `config.toml` in the settings folder.
    pub fn settings_file(&self, environment: &Environment) -> SettingsFile {
        match environment.settings_file() {
            Some(path) => SettingsFile { path, named: true },
            None => SettingsFile { path: self.settings.join("config.toml"), named: false },
        }
    }
}

/// OpenSSH's own folder for agent sockets, since 10.1.
///
/// # Errors
/// [`NoHome`] when `HOME` is not an absolute path: OpenSSH takes nothing else either.
pub fn openssh_agent_folder(environment: &Environment) -> Result<PathBuf, NoHome> {
    Ok(environment.home().ok_or(NoHome)?.join(".ssh").join("agent"))
}

/// `KEYFOB_STORE`, made absolute so that a message names one place, else the data folder's.
/// Without a slash at its end: what is made beside it would be inside.
fn store(environment: &Environment, data: &Path) -> PathBuf {
    match environment.store_folder() {
        Some(named) => std::path::absolute(&named).unwrap_or(named).components().collect(),
        None => data.join("store"),
    }
}

/// A host name made harmless for a file name, and short enough for a socket's path.
fn file_name_part(host: &OsStr) -> String {
    let bytes = host.as_encoded_bytes().iter().take(32);
    let part: String = bytes.map(|byte| safe_character(*byte)).collect();
    if part.is_empty() { "local".into() } else { part }
}

fn safe_character(byte: u8) -> char {
    if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' { byte.into() } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Name;

    fn folders(runtime: Option<PathBuf>) -> Directories {
        Directories {
            runtime,
            state: "/state".into(),
            settings: "/settings".into(),
            store: "/data/store".into(),
        }
    }

    #[test]
    fn the_socket_is_in_the_runtime_folder() {
        let path = folders(Some("/run/user/7".into())).agent_socket("box".as_ref());
        assert_eq!(path, Path::new("/run/user/7/keyfob/agent.sock"));
    }

    #[test]
    fn machines_that_share_a_home_do_not_share_a_socket() {
        let path = folders(None).agent_socket("box-1.example".as_ref());
        assert_eq!(path, Path::new("/state/agent.box-1.example.sock"));
        let odd = folders(None).agent_socket("../../etc\n".as_ref());
        assert_eq!(odd, Path::new("/state/agent..._.._etc_.sock"));
        let none = folders(None).agent_socket("".as_ref());
        assert_eq!(none, Path::new("/state/agent.local.sock"));
    }

    #[test]
    fn the_settings_file_can_be_named() {
        let usual = folders(None).settings_file(&Environment::default());
        let path = PathBuf::from("/settings/config.toml");
        assert_eq!(usual, SettingsFile { path, named: false });
        let environment = Environment::default().with(Name::KeyfobConfig, "mine.toml");
        let named = folders(None).settings_file(&environment);
        assert_eq!(named, SettingsFile { path: "mine.toml".into(), named: true });
    }

    #[test]
    fn the_store_can_be_named_and_its_memory_is_never_beside_it() {
        let usual = store(&Environment::default(), Path::new("/data/keyfob"));
        assert_eq!(usual, Path::new("/data/keyfob/store"));
        let usb = if cfg!(windows) { r"E:\keys" } else { "/usb/keys" };
        let named = Environment::default().with(Name::KeyfobStore, usb);
        assert_eq!(store(&named, Path::new("/data")), Path::new(usb));
        let slash = Environment::default().with(Name::KeyfobStore, format!("{usb}/"));
        assert_eq!(store(&slash, Path::new("/data")).as_os_str(), usb);
        let relative = Environment::default().with(Name::KeyfobStore, "keys");
        assert!(store(&relative, Path::new("/data")).is_absolute());
        assert_eq!(folders(None).stores_state(), Path::new("/state/stores"));
    }

    #[test]
    fn opensshs_folder_is_below_home() {
        let home = Path::new(if cfg!(windows) { r"C:\users\me" } else { "/home/me" });
        let environment = Environment::default().with(Name::Home, home);
        let folder = openssh_agent_folder(&environment);
        assert_eq!(folder, Ok(home.join(".ssh").join("agent")));
        assert_eq!(openssh_agent_folder(&Environment::default()), Err(NoHome));
    }
}
