//! Which agent a command talks to.
//!
//! `SSH_AUTH_SOCK` says it, as for every SSH program. Without it `keyfob`
//! looks where its own agent would listen; the drop-in names do not.

use std::path::PathBuf;

use keyfob_config::directories::{Directories, NoHome};
use keyfob_config::env::Environment;
use keyfob_sys::user;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::voice::Voice;

/// Connects, or says why not.
pub(crate) fn connect(environment: &Environment, voice: Voice) -> Result<Connection, Exit> {
    let own = |voice| (voice == Voice::Keyfob).then(|| own_socket(environment).ok()).flatten();
    let opened = match environment.auth_sock() {
        Some(path) => Connection::open(&path),
        None => match own(voice).map(|path| Connection::open(&path)) {
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
    Ok(directories.agent_place(&user::host_name()))
}
