//! Who may read or change what keys depend on. Key files themselves are looked at with what is in
//! them.
//!
//! On Unix that is in owners and modes, on Windows in owners and access lists.

#[cfg_attr(unix, path = "permissions/unix.rs")]
#[cfg_attr(windows, path = "permissions/windows.rs")]
mod system;

use std::path::{Path, PathBuf};

use super::finding::Finding;
use super::place::Place;
use super::turns::Teller;
use crate::files;
use crate::voice::doctor as words;

const CHECK: &str = "permissions";

/// What nobody but the owner should be able to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Forbidden {
    /// Change it.
    Write,
    /// Anything.
    Any,
}
use Forbidden::{Any, Write};

/// One thing whose owner and permissions matter.
struct Thing {
    path: PathBuf,
    forbidden: Forbidden,
    /// What comes of it.
    why: &'static str,
    /// The mode it should have, where there are modes.
    #[cfg_attr(windows, allow(dead_code, reason = "there are none"))]
    mode: &'static str,
    /// Whether something does not work then, or is merely seen by others.
    matters: bool,
}

impl Thing {
    /// What is to be said of it.
    fn finding(&self, fact: String) -> Finding {
        match self.matters {
            true => Finding::wrong(CHECK, fact),
            false => Finding::note(CHECK, fact),
        }
    }
}

/// Looks at all of them.
pub(super) fn check(place: &Place, tell: &Teller) {
    let mut fine = 0;
    for thing in things(place) {
        tell.looks_at(&thing.path);
        match system::of_thing(place, &thing) {
            Ok(None) => fine += 1,
            Ok(Some(finding)) => tell.found(finding.at(&thing.path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let fact = format!("cannot be looked at: {}", files::reason(&error));
                tell.found(Finding::warning(CHECK, fact).at(&thing.path).hint(words::UNREAD));
            }
        }
    }
    #[cfg(unix)]
    system::runtime(place, tell);
    tell.found(Finding::fine(
        CHECK,
        format!("{fine} folders and files looked at are yours alone to change"),
    ));
}

fn things(place: &Place) -> Vec<Thing> {
    let thing =
        |path: PathBuf, forbidden, mode, why| Thing { path, forbidden, why, mode, matters: true };
    let mut things = Vec::new();
    if let Some(home) = &place.home {
        let ssh = home.join(".ssh");
        things.push(thing(home.clone(), Write, "go-w", words::HOME_OPEN));
        things.push(thing(ssh.clone(), Write, "700", words::SSH_OPEN));
        // Only where it is not told of already.
        let is_closed = |it: &Thing| matches!(system::of_thing(place, it), Ok(None));
        if things.last().is_some_and(is_closed) {
            let seen = thing(ssh.clone(), Any, "700", words::SSH_SEEN);
            things.push(Thing { matters: false, ..seen });
        }
        things.push(thing(ssh.join("config"), Write, "600", words::CONFIG_OPEN));
        things.push(thing(ssh.join("known_hosts"), Write, "600", words::KNOWN_HOSTS_OPEN));
        for name in ["authorized_keys", "authorized_keys2"] {
            things.push(thing(ssh.join(name), Write, "600", words::AUTHORIZED_OPEN));
        }
    }
    if let Some(directories) = &place.directories {
        things.push(thing(directories.store.clone(), Any, "700", words::STORE_OPEN));
        things.push(thing(directories.state.clone(), Write, "700", words::STATE_OPEN));
        things.push(thing(directories.log(), Any, "700", words::LOG_OPEN));
        let settings = directories.settings_file(&place.environment).path;
        things.push(thing(settings, Write, "600", words::SETTINGS_OPEN));
    }
    // What the next login starts. Distributions let a group of administrators write to some folders of
    // programs, so it is merely told.
    if let Ok(program) = std::env::current_exe() {
        let folder = program.parent().map(Path::to_owned);
        let told = folder.into_iter().chain([program]);
        things.extend(told.map(|path| Thing {
            matters: false,
            ..thing(path, Write, "go-w", words::PROGRAM_OPEN)
        }));
    }
    // A pipe of Windows is in no folder, and to look at its list is to connect to it.
    #[cfg(unix)]
    if let Some(own) = &place.own {
        things.extend(
            own.parent()
                .map(|folder| thing(folder.to_owned(), Write, "700", words::SOCKET_FOLDER_OPEN)),
        );
        // To connect takes the right to write.
        things.push(thing(own.clone(), Write, "600", words::SOCKET_OPEN));
    }
    things
}
