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
pub(crate) mod listing;
pub(crate) mod locking;
pub(crate) mod logging;
pub(crate) mod moving_in;
pub(crate) mod offering;
mod passphrases;
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

use crate::shell::Shell;
use crate::{connection, output};

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

/// A path as it can be pasted into a shell, behind a command that would take a dash in front for
/// a flag.
pub(crate) fn quoted(path: &Path) -> String {
    let path = bytes(path);
    // A dash alone is standard input.
    let not_a_flag = if path.len() > 1 && path.starts_with(b"-") { &b"./"[..] } else { b"" };
    shown(&Shell::Sh.quote(&[not_a_flag, path].concat()))
}

/// A path as its owner would write it.
pub(crate) fn brief(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", shown_path(rest)),
        None => shown_path(path),
    }
}

/// The same where it can be pasted into a shell: only in the home, and where nothing in it has to
/// be quoted, is the home left out.
pub(crate) fn quoted_brief(path: &Path, home: Option<&Path>) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+@".contains(byte);
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) if bytes(rest).iter().all(plain) => brief(path, home),
        _ => quoted(path),
    }
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
