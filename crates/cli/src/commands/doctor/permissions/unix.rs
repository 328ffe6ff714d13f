//! Owners and modes.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use keyfob_config::env::Name;

use super::super::finding::Finding;
use super::super::place::{Place, command};
use super::super::turns::Teller;
use super::{CHECK, Forbidden, Thing};
use crate::files;

/// Others may change it.
const WRITE: u32 = 0o022;
/// Others may do anything with it.
const ANY: u32 = 0o077;

/// What is wrong with one of them.
pub(super) fn of_thing(place: &Place, thing: &Thing) -> std::io::Result<Option<Finding>> {
    let found = fs::metadata(&thing.path)?;
    let mode = found.mode() & 0o7777;
    if let Some(owner) = foreign(place, &found) {
        let fact = format!("belongs to user {owner}: {}", thing.why);
        let finding = Finding::wrong(CHECK, fact);
        return Ok(Some(finding.hint(command("sudo chown \"$(id -u)\"", &thing.path))));
    }
    let forbidden = match thing.forbidden {
        Forbidden::Write => WRITE,
        Forbidden::Any => ANY,
    };
    if mode & forbidden == 0 {
        return Ok(None);
    }
    let what = if mode & WRITE != 0 { "change it" } else { "look into it" };
    let fact = format!("others may {what} (mode {mode:04o}): {}", thing.why);
    Ok(Some(thing.finding(fact).hint(command(&format!("chmod {}", thing.mode), &thing.path))))
}

/// Root may own what a person uses, and can do as it likes anyway.
fn foreign(place: &Place, found: &Metadata) -> Option<u32> {
    Some(found.uid()).filter(|uid| *uid != place.uid && *uid != 0)
}

/// A runtime folder that is not what it should be is not used at all.
pub(super) fn runtime(place: &Place, tell: &Teller) {
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
