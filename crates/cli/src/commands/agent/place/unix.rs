//! Folders that are made for a socket.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::user;
use keyfob_transport::socket_dir;

use super::super::tidy;
use super::{Chosen, Nowhere, failed, fatal};
use crate::files;

/// What a person wrote, the same from everywhere.
pub(super) fn absolute(path: &Path) -> std::io::Result<PathBuf> {
    std::path::absolute(path)
}

/// The folder a socket would be in.
pub(super) fn folder(path: &Path) -> Option<&Path> {
    path.parent()
}

/// Nobody else can be there.
pub(super) fn tell(_path: &Path) {}

pub(super) fn temporary(environment: &Environment) -> Result<Chosen, Nowhere> {
    let below = environment.temporary_directory();
    let path = socket_dir::legacy(Some(&below), std::process::id()).map_err(|error| {
        failed(&format!("mkdtemp: private socket dir: {}", files::reason(&error)))
    })?;
    Ok(Chosen { shown: path.clone(), path, own_folder: true })
}

pub(super) fn in_home(environment: &Environment, tidy: bool) -> Result<Chosen, Nowhere> {
    let home = environment.home().or_else(user::home_directory);
    let home = home.ok_or_else(|| fatal("Couldn't determine home directory".to_owned()))?;
    if tidy {
        // Untidy is no reason not to start.
        if let Err(problem) = tidy::sockets(&home, false) {
            tracing::warn!(problem, "stale sockets stay");
        }
    }
    let host: &OsStr = &user::host_name();
    let path = socket_dir::in_home(&home, host.as_bytes()).map_err(|error| {
        fatal(format!("Couldn't prepare agent socket: {}", files::reason(&error)))
    })?;
    Ok(Chosen { shown: path.clone(), path, own_folder: false })
}
