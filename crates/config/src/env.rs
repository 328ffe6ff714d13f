//! The environment: every name that is read, and what its value means.
//!
//! The values are taken once, into a snapshot that can be made up in a test. An agent started
//! as a service sees *its own* environment, not its clients': whoever asks a person must say
//! whose snapshot it used.

#[cfg_attr(unix, path = "env/unix.rs")]
#[cfg_attr(windows, path = "env/windows.rs")]
mod system;

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// A name in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Name {
    /// Where clients find the agent.
    SshAuthSock,
    /// The agent's process, for `ssh-agent -k`.
    SshAgentPid,
    /// The program that asks in a window.
    SshAskpass,
    /// `never`, `prefer` or `force`.
    SshAskpassRequire,
    /// Tells the asking program what kind of question it is; set for a child only.
    SshAskpassPrompt,
    /// There is an X display.
    Display,
    /// There is a Wayland display.
    WaylandDisplay,
    /// The user's folder for sockets, gone at logout.
    XdgRuntimeDir,
    /// The user's folder for settings, instead of the usual one.
    XdgConfigHome,
    /// Where zsh looks for its start files, instead of the home.
    Zdotdir,
    /// The home directory.
    Home,
    /// Where the system's bus is, which tells of sleep and sessions; not the usual place.
    DbusSystemBus,
    /// Where the session's bus is, which shows notifications.
    DbusSessionBus,
    /// The login shell: decides between sh and csh output.
    Shell,
    /// The folder for temporary files.
    Tmpdir,
    /// Socket activation: how many descriptors.
    ListenFds,
    /// Socket activation: for which process.
    ListenPid,
    /// Socket activation: what the descriptors are called. Never read, only kept from children.
    ListenFdNames,
    /// Where systemd wants to hear that the service is ready.
    NotifySocket,
    /// No colours, please (no-color.org).
    NoColor,
    /// Where programs are.
    Path,
    /// Inside tmux.
    Tmux,
    /// Inside GNU screen.
    Sty,
    /// The settings file, instead of the usual place.
    KeyfobConfig,
    /// The folder of the key store, instead of the usual place.
    KeyfobStore,
    /// Where GnuPG has its settings; only `keyfob doctor` looks there.
    GnupgHome,
}

impl Name {
    /// Every name.
    pub const ALL: [Name; 26] = [
        Name::SshAuthSock,
        Name::SshAgentPid,
        Name::SshAskpass,
        Name::SshAskpassRequire,
        Name::SshAskpassPrompt,
        Name::Display,
        Name::WaylandDisplay,
        Name::XdgRuntimeDir,
        Name::XdgConfigHome,
        Name::Zdotdir,
        Name::Home,
        Name::DbusSystemBus,
        Name::DbusSessionBus,
        Name::Shell,
        Name::Tmpdir,
        Name::ListenFds,
        Name::ListenPid,
        Name::ListenFdNames,
        Name::NotifySocket,
        Name::NoColor,
        Name::Path,
        Name::Tmux,
        Name::Sty,
        Name::KeyfobConfig,
        Name::KeyfobStore,
        Name::GnupgHome,
    ];

    /// As it is written in the environment.
    pub const fn as_str(self) -> &'static str {
        match self {
            Name::SshAuthSock => "SSH_AUTH_SOCK",
            Name::SshAgentPid => "SSH_AGENT_PID",
            Name::SshAskpass => "SSH_ASKPASS",
            Name::SshAskpassRequire => "SSH_ASKPASS_REQUIRE",
            Name::SshAskpassPrompt => "SSH_ASKPASS_PROMPT",
            Name::Display => "DISPLAY",
            Name::WaylandDisplay => "WAYLAND_DISPLAY",
            Name::XdgRuntimeDir => "XDG_RUNTIME_DIR",
            Name::XdgConfigHome => "XDG_CONFIG_HOME",
            Name::Zdotdir => "ZDOTDIR",
            Name::Home => "HOME",
            Name::DbusSystemBus => "DBUS_SYSTEM_BUS_ADDRESS",
            Name::DbusSessionBus => "DBUS_SESSION_BUS_ADDRESS",
            Name::Shell => "SHELL",
            Name::Tmpdir => "TMPDIR",
            Name::ListenFds => "LISTEN_FDS",
            Name::ListenPid => "LISTEN_PID",
            Name::ListenFdNames => "LISTEN_FDNAMES",
            Name::NotifySocket => "NOTIFY_SOCKET",
            Name::NoColor => "NO_COLOR",
            Name::Path => "PATH",
            Name::Tmux => "TMUX",
            Name::Sty => "STY",
            Name::KeyfobConfig => "KEYFOB_CONFIG",
            Name::KeyfobStore => "KEYFOB_STORE",
            Name::GnupgHome => "GNUPGHOME",
        }
    }
}

/// The values of all names at one moment.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: Vec<(Name, OsString)>,
}

impl Environment {
    /// This process's environment.
    pub fn of_process() -> Self {
        let value = |name: Name| Some((name, std::env::var_os(name.as_str())?));
        Self { values: Name::ALL.into_iter().filter_map(value).collect() }
    }

    /// The same with one value set, for tests and for children.
    #[must_use]
    pub fn with(mut self, name: Name, value: impl Into<OsString>) -> Self {
        self.values.retain(|(known, _)| *known != name);
        self.values.push((name, value.into()));
        self
    }

    /// The value as it is, empty or not.
    pub fn raw(&self, name: Name) -> Option<&OsStr> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_os_str())
    }

    /// The value, if there is anything in it: an empty variable counts as none.
    pub fn get(&self, name: Name) -> Option<&OsStr> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// The agent's socket. Like `ssh-add`, an empty value is no agent.
    pub fn auth_sock(&self) -> Option<PathBuf> {
        self.get(Name::SshAuthSock).map(PathBuf::from)
    }

    /// The agent's process as written; `ssh-agent -k` has its own words for a bad one.
    pub fn agent_pid(&self) -> Option<&OsStr> {
        self.raw(Name::SshAgentPid)
    }

    /// The home directory, as `ssh-agent` takes it for its socket.
    pub fn home(&self) -> Option<PathBuf> {
        self.get(Name::Home).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    /// Where temporary files go.
    pub fn temporary_directory(&self) -> PathBuf {
        self.get(Name::Tmpdir).map_or_else(system::temporary_directory, PathBuf::from)
    }

    /// Does the login shell speak csh? (`ssh-agent`'s rule: its name ends so.)
    pub fn shell_is_csh(&self) -> bool {
        self.get(Name::Shell).is_some_and(|shell| shell.as_encoded_bytes().ends_with(b"csh"))
    }

    /// `NO_COLOR` with anything in it.
    pub fn no_color(&self) -> bool {
        self.get(Name::NoColor).is_some()
    }

    /// The program of this name, where a shell would find it. Folders that are not named from the
    /// root lead to wherever one happens to be, so they do not count.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let folders = self.get(Name::Path)?;
        let name = system::program_file(name);
        let mut candidates = std::env::split_paths(folders).map(|folder| folder.join(&name));
        candidates.find(|path| path.is_absolute() && system::runs(path))
    }

    /// A folder for the key store, named by the user.
    pub fn store_folder(&self) -> Option<PathBuf> {
        self.get(Name::KeyfobStore).map(PathBuf::from)
    }

    /// A settings file named by the user.
    pub fn settings_file(&self) -> Option<PathBuf> {
        self.get(Name::KeyfobConfig).map(PathBuf::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_listed_once() {
        let mut names: Vec<_> = Name::ALL.iter().map(|name| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Name::ALL.len());
    }

    #[test]
    fn an_empty_socket_is_no_agent() {
        let none = Environment::default();
        assert_eq!(none.auth_sock(), None);
        assert_eq!(none.clone().with(Name::SshAuthSock, "").auth_sock(), None);
        let some = none.with(Name::SshAuthSock, "/a b");
        assert_eq!(some.auth_sock(), Some(PathBuf::from("/a b")));
    }

    #[test]
    fn a_value_set_again_replaces_the_first() {
        let (a, b) = if cfg!(windows) { (r"C:\a", r"C:\b") } else { ("/a", "/b") };
        let both = Environment::default().with(Name::Home, a).with(Name::Home, b);
        assert_eq!(both.home(), Some(PathBuf::from(b)));
    }

    #[test]
    fn a_relative_home_is_none() {
        assert_eq!(Environment::default().with(Name::Home, "here").home(), None);
    }

    #[test]
    fn csh_is_recognised_by_its_end() {
        for (shell, expected) in
            [("/bin/csh", true), ("/usr/bin/tcsh", true), ("/bin/bash", false), ("", false)]
        {
            let environment = Environment::default().with(Name::Shell, shell);
            assert_eq!(environment.shell_is_csh(), expected, "{shell}");
        }
    }

    #[test]
    fn the_process_has_an_environment() {
        let path = std::env::var_os("HOME");
        assert_eq!(Environment::of_process().raw(Name::Home), path.as_deref());
    }
}
