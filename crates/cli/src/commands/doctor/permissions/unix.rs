//! Owners and modes. Key files themselves are looked at with what is in them.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use keyfob_config::env::Name;

use super::super::finding::Finding;
use super::super::place::{Place, command};
use super::super::turns::Teller;
use crate::files;
use crate::voice::doctor as words;

const CHECK: &str = "permissions";

/// Others may change it.
const WRITE: u32 = 0o022;
/// Others may do anything with it.
const ANY: u32 = 0o077;

/// One thing whose owner and mode matter.
struct Thing {
    path: PathBuf,
    /// Bits that nobody but the owner should have.
    forbidden: u32,
    /// What comes of it.
    why: &'static str,
    /// The mode it should have.
    mode: &'static str,
    /// Whether something does not work then, or is merely seen by others.
    matters: bool,
}

/// Looks at all of them.
pub(in crate::commands::doctor) fn check(place: &Place, tell: &Teller) {
    let mut fine = 0;
    for thing in things(place) {
        tell.looks_at(&thing.path);
        match of_thing(place, &thing) {
            Ok(None) => fine += 1,
            Ok(Some(finding)) => tell.found(finding.at(&thing.path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let fact = format!("cannot be looked at: {}", files::reason(&error));
                tell.found(Finding::warning(CHECK, fact).at(&thing.path).hint(words::UNREAD));
            }
        }
    }
    runtime(place, tell);
    tell.found(Finding::fine(
        CHECK,
        format!("{fine} folders and files looked at are yours alone to change"),
    ));
}

fn of_thing(place: &Place, thing: &Thing) -> std::io::Result<Option<Finding>> {
    let found = fs::metadata(&thing.path)?;
    let mode = found.mode() & 0o7777;
    if let Some(owner) = foreign(place, &found) {
        let fact = format!("belongs to user {owner}: {}", thing.why);
        let finding = Finding::wrong(CHECK, fact);
        return Ok(Some(finding.hint(command("sudo chown \"$(id -u)\"", &thing.path))));
    }
    if mode & thing.forbidden == 0 {
        return Ok(None);
    }
    let what = if mode & thing.forbidden & WRITE != 0 { "change it" } else { "look into it" };
    let fact = format!("others may {what} (mode {mode:04o}): {}", thing.why);
    let finding = match thing.matters {
        true => Finding::wrong(CHECK, fact),
        false => Finding::note(CHECK, fact),
    };
    Ok(Some(finding.hint(command(&format!("chmod {}", thing.mode), &thing.path))))
}

/// Root may own what a person uses, and can do as it likes anyway.
fn foreign(place: &Place, found: &Metadata) -> Option<u32> {
    Some(found.uid()).filter(|uid| *uid != place.uid && *uid != 0)
}

fn things(place: &Place) -> Vec<Thing> {
    let thing =
        |path: PathBuf, forbidden, mode, why| Thing { path, forbidden, why, mode, matters: true };
    let mut things = Vec::new();
    if let Some(home) = &place.home {
        let ssh = home.join(".ssh");
        things.push(thing(home.clone(), WRITE, "go-w", words::HOME_OPEN));
        things.push(thing(ssh.clone(), WRITE, "700", words::SSH_OPEN));
        // Only where it is not told of already.
        if fs::metadata(&ssh).is_ok_and(|found| found.mode() & WRITE == 0) {
            let seen = thing(ssh.clone(), ANY, "700", words::SSH_SEEN);
            things.push(Thing { matters: false, ..seen });
        }
        things.push(thing(ssh.join("config"), WRITE, "600", words::CONFIG_OPEN));
        things.push(thing(ssh.join("known_hosts"), WRITE, "600", words::KNOWN_HOSTS_OPEN));
        for name in ["authorized_keys", "authorized_keys2"] {
            things.push(thing(ssh.join(name), WRITE, "600", words::AUTHORIZED_OPEN));
        }
    }
    if let Some(directories) = &place.directories {
        things.push(thing(directories.store.clone(), ANY, "700", words::STORE_OPEN));
        things.push(thing(directories.state.clone(), WRITE, "700", words::STATE_OPEN));
        things.push(thing(directories.log(), ANY, "700", words::LOG_OPEN));
        let settings = directories.settings_file(&place.environment).path;
        things.push(thing(settings, WRITE, "600", words::SETTINGS_OPEN));
    }
    if let Some(own) = &place.own {
        things.extend(
            own.parent()
                .map(|folder| thing(folder.to_owned(), WRITE, "700", words::SOCKET_FOLDER_OPEN)),
        );
        // To connect takes the right to write.
        things.push(thing(own.clone(), WRITE, "600", words::SOCKET_OPEN));
    }
    things
}

/// A runtime folder that is not what it should be is not used at all.
fn runtime(place: &Place, tell: &Teller) {
    let is_used = place.directories.as_ref().is_some_and(|it| it.runtime.is_some());
    if let Some(named) = place.environment.get(Name::XdgRuntimeDir).map(PathBuf::from)
        && !is_used
    {
        let fact = match fs::metadata(&named) {
            Ok(found) => format!(
                "the runtime folder is not used: it has mode {:04o} and owner {}",
                found.mode() & 0o7777,
                found.uid()
            ),
            Err(error) => format!("the runtime folder is not used: {}", files::reason(&error)),
        };
        let hint = command("chmod 700", Path::new(&named));
        tell.found(Finding::wrong(CHECK, fact).at(&named).hint(hint));
    }
}
