//! A pipe in the place of a socket: it has no folder.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::Directories;
use crate::env::Environment;

pub(super) const NO_HOME: &str = "no home directory: this account has no profile";

/// Where Win32-OpenSSH's programs look for an agent when nothing names one.
pub const OPENSSH_PIPE: &str = r"\\.\pipe\openssh-ssh-agent";

/// There is no such folder, and whatever a variable from elsewhere names is none.
pub(super) fn runtime(_environment: &Environment, _uid: u32) -> Option<PathBuf> {
    None
}

/// The pipe. It is of this machine and of no folder: neither tells another one apart.
pub(super) fn agent_place(_directories: &Directories, _host: &OsStr) -> PathBuf {
    OPENSSH_PIPE.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Name;

    #[test]
    fn folders_are_below_the_profile_and_the_agent_is_a_pipe() {
        let environment = Environment::default().with(Name::XdgRuntimeDir, r"C:\Windows\Temp");
        let found = Directories::new(&environment, 0).unwrap();
        assert_eq!(found.runtime, None);
        let is_below = |path: &std::path::Path, end: &str| {
            assert!(path.is_absolute() && path.ends_with(end), "{}", path.display());
        };
        is_below(&found.settings, r"AppData\Roaming\keyfob\config");
        is_below(&found.store, r"AppData\Roaming\keyfob\data\store");
        is_below(&found.state, r"AppData\Local\keyfob\data");
        is_below(&found.wsl_socket(), r"AppData\Local\keyfob\data\wsl\agent.sock");
        let place = found.agent_place("box".as_ref());
        assert_eq!(place.as_os_str(), r"\\.\pipe\openssh-ssh-agent");
    }
}
