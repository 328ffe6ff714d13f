//! Words about what an agent holds.

use std::ffi::OsStr;
use std::path::Path;

use keyfob_sys::os_text::OsStrExt as _;

use super::{Voice, key_error, shown, shown_path};
use crate::output::{data_line, fact, hint, log_line, note};
use crate::{connection, names};

impl Voice {
    /// The agent could not say what it holds.
    pub(crate) fn unlisted(self, error: &connection::Error) {
        match self {
            Self::Keyfob => fact(format!("cannot list the keys: {error}")),
            Self::OpenSsh => {
                note(format!("error fetching identities: {}", key_error::of_agent(error)));
            }
        }
    }

    /// The agent shows no keys.
    pub(crate) fn nothing_listed(self, locked: bool) {
        match self {
            Self::OpenSsh => data_line("The agent has no identities."),
            Self::Keyfob if locked => self.locked(),
            Self::Keyfob => {
                note("The agent has no keys.");
                hint("keyfob add PATH   adds one");
            }
        }
    }

    /// The agent is locked, which keyfob's tells and others do not.
    pub(crate) fn locked(self) {
        fact("the agent is locked");
        hint("keyfob unlock   brings the keys back");
    }

    /// The agent could not say which extensions it serves.
    pub(crate) fn unqueried(self, error: &connection::Error) {
        let reason = key_error::of_agent(error);
        match self {
            Self::Keyfob => fact(format!("unable to query supported extensions: {reason}")),
            Self::OpenSsh => log_line(format!("unable to query supported extensions: {reason}")),
        }
    }
}

impl Voice {
    /// A name means no key, or too many.
    pub(crate) fn not_found(self, name: &OsStr, error: &names::Error) {
        fact(format!("{}: {error}", shown(name.as_bytes())));
        match error {
            names::Error::Ambiguous(lines) => {
                lines.iter().for_each(note);
                hint("use the number in front, or more of the fingerprint");
            }
            names::Error::Unknown => {
                hint("keyfob list   shows the names: number, comment, fingerprint");
            }
            names::Error::NoKey(_) => {
                hint("keyfob list   shows names that need no file: number, comment, fingerprint");
            }
            names::Error::NotHeld => {}
        }
    }

    /// A key on a token was asked for.
    pub(crate) fn no_hardware(self, what: &str) {
        match self {
            Self::OpenSsh => {
                note(format!("{what}: keyfob does not support security keys and smart cards yet"));
            }
            Self::Keyfob => {
                fact(format!("{what}: security keys and smart cards are not supported yet"));
            }
        }
    }
}

/// Nothing is in the key store.
pub(crate) fn store_is_empty(folder: &Path) {
    note(format!("The key store in {} is empty.", shown_path(folder)));
    hint("keyfob add PATH --save   takes a key in");
}

/// What a locked store shows may have been put there.
pub(crate) fn unverified() {
    note("Unverified: the store is locked, and this is what the files say.");
    hint("keyfob list --store --unlock   proves it, and shows the rules of each key");
}
