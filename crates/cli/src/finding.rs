//! Which agent a command talks to.
//!
//! `SSH_AUTH_SOCK` says it, as for every SSH program. Without it `keyfob`
//! looks where its own agent would listen; the drop-in names do not, but on Windows, where OpenSSH's
//! own programs look at the same pipe.

#[cfg_attr(unix, path = "finding/unix.rs")]
#[cfg_attr(windows, path = "finding/windows.rs")]
mod system;

use std::path::{Path, PathBuf};

use keyfob_config::directories::{Directories, NoHome};
use keyfob_config::env::Environment;
use keyfob_sys::user;

#[cfg(windows)]
pub(crate) use system::{cygwin_socket, foreign, own_pipe, tidy_sockets, wsl_socket};

use crate::connection::Connection;
use crate::exit::Exit;
use crate::shell::Shell;
use crate::voice::Voice;

/// Connects, or says why not.
pub(crate) fn connect(environment: &Environment, voice: Voice) -> Result<Connection, Exit> {
    let looks = |voice| voice == Voice::Keyfob || cfg!(windows);
    let own = |voice| looks(voice).then(|| own_socket(environment).ok()).flatten();
    let opened = match environment.auth_sock() {
        Some(path) => Connection::open(&path),
        None => match own(voice).map(|path| open_there_or_elsewhere(&path)) {
            Some(Ok(connection)) => Ok(connection),
            _ => {
                voice.no_agent_named();
                return Err(Exit::NoAgent);
            }
        },
    };
    opened.map_err(|error| {
        voice.agent_unreachable(&error);
        Exit::NoAgent
    })
}

/// Where `keyfob agent` listens.
pub(crate) fn own_socket(environment: &Environment) -> Result<PathBuf, NoHome> {
    let directories = Directories::new(environment, user::effective_uid())?;
    Ok(system::own(directories.agent_place(&user::host_name())))
}

/// What a shell's programs are to be told of the agent's own socket.
pub(crate) fn for_shell(shell: Shell, socket: PathBuf, environment: &Environment) -> PathBuf {
    system::for_shell(shell, socket, environment)
}

/// Where no keyfob is, the agent that has the usual name may serve.
fn open_there_or_elsewhere(own: &Path) -> Result<Connection, keyfob_transport::client::Error> {
    Connection::open(own).or_else(|error| match system::elsewhere() {
        Some(path) if path != own => Connection::open(&path),
        _ => Err(error),
    })
}
