//! The sockets of profiles, beside the agent's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyfob_config::directories::Directories;
use keyfob_config::env::Environment;
use keyfob_config::settings::{self, Settings};
use keyfob_daemon::{Open, Profile, Socket};
use keyfob_sys::user;

use super::rules;
use crate::finding;

/// Opens what `open` opens, and a socket for each profile. One that cannot be opened is told in
/// the log and keeps the agent from nothing else.
pub(super) fn beside(
    open: Open,
    environment: &Environment,
    profiles: &[settings::Profile],
) -> Open {
    let mut planned = Vec::new();
    for profile in profiles {
        match place(environment, profile) {
            Some(path) => {
                let keys = rules::selectors(&profile.keys);
                planned.push((path, Arc::new(Profile { name: profile.name.clone(), keys })));
            }
            None => tracing::warn!(profile = profile.name, "there is no place for its socket"),
        }
    }
    Box::new(move || {
        let mut sockets = open()?;
        for (path, profile) in planned {
            match keyfob_transport::bind(&path) {
                Ok(listener) => sockets.push(Socket { listener, profile: Some(profile) }),
                Err(error) => {
                    tracing::error!(profile = profile.name, %error, "its socket cannot be opened");
                }
            }
        }
        Ok(sockets)
    })
}

/// Where the sockets of these are.
pub(super) fn places(environment: &Environment, profiles: &[settings::Profile]) -> Vec<PathBuf> {
    profiles.iter().filter_map(|profile| place(environment, profile)).collect()
}

/// Where the socket of this profile is; an error in words.
pub(crate) fn socket(environment: &Environment, name: &str) -> Result<PathBuf, String> {
    let settings = match Directories::new(environment, user::effective_uid()) {
        Ok(directories) => Settings::load(&directories.settings_file(environment))
            .map_err(|error| error.to_string())?,
        Err(_) => Settings::default(),
    };
    let profile = settings.profile.iter().find(|profile| profile.name == name);
    let profile = profile.ok_or_else(|| format!("no profile \"{name}\" in the settings"))?;
    place(environment, profile).ok_or_else(|| "there is no place for its socket".to_owned())
}

fn place(environment: &Environment, profile: &settings::Profile) -> Option<PathBuf> {
    if let Some(socket) = &profile.socket {
        return Some(socket.clone());
    }
    // It becomes the name of a file.
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if profile.name.is_empty() || !profile.name.bytes().all(is_name) {
        return None;
    }
    beside_own(&finding::own_socket(environment).ok()?, &profile.name)
}

/// `agent.sock`, or with the machine's name in it where machines share the home.
#[cfg(unix)]
fn beside_own(own: &Path, name: &str) -> Option<PathBuf> {
    let rest = own.file_name()?.to_str()?.strip_prefix("agent")?.to_owned();
    Some(own.with_file_name(format!("{name}{rest}")))
}

/// The agent's own pipe is OpenSSH's; those of profiles are keyfob's.
#[cfg(windows)]
fn beside_own(own: &Path, name: &str) -> Option<PathBuf> {
    own.file_name()?;
    Some(own.with_file_name(format!("keyfob-{name}")))
}
