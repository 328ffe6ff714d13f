//! Words about trying keys.

use super::{Voice, key_error, raw_note, shown, unsigned_hint};
use crate::output::{fact, log_line, note};
use crate::{connection, text};

/// What came of signing and verifying with one key.
#[derive(Debug)]
pub(crate) enum Testing<'a> {
    /// The signature is right.
    Works,
    /// No public key under that name.
    NoKey,
    /// The agent made no signature.
    Unsigned(&'a connection::Error),
    /// It made a wrong one.
    Wrong,
}

impl Voice {
    /// No key was named.
    pub(crate) fn nothing_to_test(self) {
        match self {
            Self::OpenSsh => log_line("no keys to test"),
            Self::Keyfob => fact("no key was named"),
        }
    }

    /// Says what came of one key.
    pub(crate) fn testing(self, name: &[u8], event: &Testing<'_>) {
        match self {
            Self::Keyfob => keyfob(&shown(name), event),
            Self::OpenSsh => openssh(&raw_note(name), event),
        }
    }
}

fn openssh(name: &[u8], event: &Testing<'_>) {
    match event {
        Testing::Works => {}
        Testing::NoKey => {
            log_line(text!["Couldn't read public key ", name, ": No such file or directory"]);
        }
        Testing::Unsigned(error) => {
            log_line(text!["Agent signature failed for ", name, ": ", key_error::of_agent(error)]);
        }
        Testing::Wrong => {
            log_line(text!["Signature verification failed for ", name, ": incorrect signature"]);
        }
    }
}

fn keyfob(name: &str, event: &Testing<'_>) {
    match event {
        Testing::Works => note(format!("{name}: signs, and the signature is right")),
        Testing::NoKey => fact(format!("{name}: no public key in it")),
        Testing::Unsigned(error) => {
            fact(format!("{name}: {error}"));
            unsigned_hint(error);
        }
        Testing::Wrong => fact(format!("{name}: the agent made a wrong signature")),
    }
}
