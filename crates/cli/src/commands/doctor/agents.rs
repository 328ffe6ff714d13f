//! Other agents that run, or will be started: each may come first.

#[cfg_attr(unix, path = "agents/unix.rs")]
#[cfg_attr(windows, path = "agents/windows.rs")]
mod system;

use std::path::PathBuf;

use super::finding::Finding;
use super::place::{Place, text_of};
use super::turns::Teller;
use crate::voice::doctor as words;
use crate::voice::shown;

#[cfg(windows)]
pub(super) use system::another;

const CHECK: &str = "agents";

/// Looks for them.
pub(super) fn check(place: &Place, tell: &Teller) {
    system::look(place, tell);
    gpg_settings(place, tell);
}

/// The line that makes gpg-agent serve SSH.
fn gpg_settings(place: &Place, tell: &Teller) {
    let named = place.environment.get(keyfob_config::env::Name::GnupgHome).map(PathBuf::from);
    let Some(folder) = named.or_else(|| system::gpg_home(place)) else {
        return;
    };
    let file = folder.join("gpg-agent.conf");
    tell.looks_at(&file);
    match text_of(&file) {
        Ok(text) => {
            for (at, line) in text.unwrap_or_default().lines().enumerate() {
                if system::OF_GPG.contains(&line.trim().trim_start_matches('-')) {
                    let fact = "gpg-agent serves SSH keys too";
                    let finding = Finding::warning(CHECK, fact).hint(words::GPG);
                    tell.found(finding.line(&file, at + 1));
                }
            }
        }
        Err(error) => {
            let fact = format!("not searched: {}", shown(error.to_string().as_bytes()));
            tell.found(Finding::warning(CHECK, fact).at(&file).hint(words::UNREAD));
        }
    }
}
