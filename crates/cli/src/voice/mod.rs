//! What the commands say, in the words of `keyfob` or of OpenSSH's programs.
//!
//! A command reports what happened; here it becomes text and goes to
//! `output`. That is what lets a drop-in name share its command with `keyfob`
//! and still print what a script written for the original expects.

pub(crate) mod adding;
pub(crate) mod agents;
pub(crate) mod backing_up;
pub(crate) mod checking;
pub(crate) mod converting;
pub(crate) mod doctor;
pub(crate) mod exporting;
pub(crate) mod generating;
pub(crate) mod helping;
pub(crate) mod importing;
pub(crate) mod installing;
pub(crate) mod keeping;
mod key_error;
pub(crate) mod key_files;
pub(crate) mod keygen;
pub(crate) mod leading;
pub(crate) mod listing;
pub(crate) mod locking;
pub(crate) mod logging;
pub(crate) mod moving_in;
pub(crate) mod offering;
mod passphrases;
mod paths;
pub(crate) mod publishing;
pub(crate) mod removing;
pub(crate) mod rewriting;
pub(crate) mod setting_up;
pub(crate) mod status;
pub(crate) mod storing;
pub(crate) mod tending;
pub(crate) mod testing;
pub(crate) mod upkeep;

use std::borrow::Cow;
use std::path::Path;

use keyfob_sys::os_text::OsStrExt as _;

use crate::{connection, output};

pub(crate) use paths::{brief, quoted, quoted_brief};

/// Whose words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Facts, and hints where there is something to do.
    Keyfob,
    /// The texts of `ssh-add` and `ssh-agent` 10.5, to the letter.
    OpenSsh,
}

/// A path as bytes.
fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

/// Text from outside for a fact or a hint: it must not move the cursor.
pub(crate) fn shown(text: &[u8]) -> String {
    keyfob_prompt::escape::for_display(text)
}

/// A path for a fact or a hint.
pub(crate) fn shown_path(path: &Path) -> String {
    shown(bytes(path))
}

/// Text from outside in OpenSSH's words: the exact bytes for a program that
/// reads them, made safe for a person at a terminal.
fn raw(text: &[u8], terminal: bool) -> Cow<'_, [u8]> {
    if terminal { Cow::Owned(shown(text).into_bytes()) } else { Cow::Borrowed(text) }
}

/// [`raw`] for stderr.
fn raw_note(text: &[u8]) -> Cow<'_, [u8]> {
    raw(text, output::stderr_is_terminal())
}

/// [`raw`] for stdout.
pub(crate) fn raw_data(text: &[u8]) -> Cow<'_, [u8]> {
    raw(text, output::stdout_is_terminal())
}

/// The system's words in the middle of a sentence: `No such file` becomes `no such file`.
fn uncapitalised(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// What a refusal may mean: the protocol has no room for the agent's reason.
fn refused_hint(error: &connection::Error) {
    if matches!(error, connection::Error::Refused) {
        output::hint(
            "it may be locked (`keyfob list` says so), or not support this key or this constraint",
        );
    }
}

/// What a refusal to sign may mean.
fn unsigned_hint(error: &connection::Error) {
    if matches!(error, connection::Error::Refused) {
        output::hint(
            "somebody said no to its question or nobody could be asked, or it may be locked or the key be for certain hosts only",
        );
    }
}
