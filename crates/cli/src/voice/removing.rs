//! Words about removing keys.

use keyfob_keys::PublicKey;

use super::{Voice, key_error, raw_data, raw_note, refused_hint, shown};
use crate::output::{data_line, fact, log_line, note};
use crate::{connection, text};

/// Something that happened while keys were removed.
#[derive(Debug)]
pub(crate) enum Removing<'a> {
    /// The agent forgot one key.
    Removed { key: &'a PublicKey, comment: Option<&'a [u8]> },
    /// The agent did not.
    Refused(&'a connection::Error),
    /// The file holds no public key.
    BadFile,
    /// The certificate beside a key is another key's.
    Mismatch { key: &'a [u8] },
    /// A line of standard input is no key.
    BadLine { number: usize },
}

impl Voice {
    /// Says what happened to one key, by the name it was given.
    pub(crate) fn removing(self, name: &[u8], event: &Removing<'_>) {
        match self {
            Self::Keyfob => keyfob(name, event),
            Self::OpenSsh => openssh(name, event),
        }
    }

    /// Says whether all keys are gone.
    pub(crate) fn removed_all(self, result: &Result<(), connection::Error>, quiet: bool) {
        match (self, result) {
            (_, Ok(())) if quiet => {}
            (Self::Keyfob, Ok(())) => {
                note("removed all keys from the agent; their files are untouched");
            }
            (Self::OpenSsh, Ok(())) => note("All identities removed."),
            (Self::Keyfob, Err(error)) => {
                fact(format!("the keys could not be removed: {error}"));
                refused_hint(error);
            }
            (Self::OpenSsh, Err(_)) => note("Failed to remove all identities."),
        }
    }
}

fn openssh(name: &[u8], event: &Removing<'_>) {
    match event {
        Removing::Removed { key, comment } => {
            let comment = raw_note(comment.unwrap_or(b"no comment"));
            note(text![
                "Identity removed: ",
                raw_note(name),
                " ",
                key.short_name(),
                " (",
                comment,
                ")"
            ]);
        }
        Removing::Refused(error) => {
            let reason = key_error::of_agent(error);
            note(text!["Could not remove identity \"", raw_note(name), "\": ", reason]);
        }
        // On standard output, of all places; and whatever is wrong, it "is not there".
        Removing::BadFile => {
            data_line(text!["Bad key file ", raw_data(name), ": No such file or directory"]);
        }
        Removing::Mismatch { key } => {
            log_line(text![
                "Certificate ",
                raw_note(name),
                " does not match private key ",
                raw_note(key)
            ]);
        }
        Removing::BadLine { number } => {
            log_line(text![raw_note(name), format!(":{number}: invalid key: invalid format")]);
        }
    }
}

fn keyfob(name: &[u8], event: &Removing<'_>) {
    let name = shown(name);
    match event {
        Removing::Removed { comment, .. } => {
            let comment = shown(comment.unwrap_or_default());
            note(format!("removed {name} ({comment}) from the agent; its file is untouched"));
        }
        Removing::Refused(error) => {
            fact(format!("{name}: {error}"));
            refused_hint(error);
        }
        Removing::BadFile => fact(format!("{name}: no public key in it")),
        Removing::Mismatch { key } => {
            fact(format!("{name}: the certificate is not for the key {}", shown(key)));
        }
        Removing::BadLine { number } => fact(format!("{name}: line {number} is no public key")),
    }
}
