//! Makes a key pair and saves it.
//!
//! What the flags leave open is asked, where there is somebody to ask: everything when nothing
//! was said, else only what has no safe answer of its own (a passphrase, whether to overwrite).

pub(crate) mod kind;

use std::ffi::OsString;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::PrivateForm;
use keyfob_keys::generate::Kind;
use keyfob_keys::{HashKind, Secret};

use crate::exit::Exit;
use crate::voice::Voice;

/// The key to make and what becomes of it.
pub(crate) struct Generate {
    /// Whose words.
    pub(crate) voice: Voice,
    /// What to make; `None` for the usual type, or the one that is chosen in a conversation.
    pub(crate) wanted: Option<Wanted>,
    /// Where the private half goes. The public one goes beside it, with `.pub` behind its name.
    pub(crate) place: Place,
    /// The comment; `None` for `user@host`.
    pub(crate) comment: Option<Vec<u8>>,
    /// The passphrase.
    pub(crate) passphrase: NewPassphrase,
    /// The form of the private half.
    pub(crate) form: PrivateForm,
    /// The cipher of the OpenSSH form; `None` for the usual one.
    pub(crate) cipher: Option<String>,
    /// Rounds of the OpenSSH form's key derivation; `None` for the usual number.
    pub(crate) rounds: Option<u32>,
    /// Whether the public half is written in the form of RFC 4716 too.
    pub(crate) rfc4716: bool,
    /// The hash of the fingerprint that is shown.
    pub(crate) hash: HashKind,
    /// Whether files that are there are replaced without a question.
    pub(crate) overwrite: bool,
    /// Whether success is not worth a word.
    pub(crate) quiet: bool,
    /// Whether the result is told as JSON.
    pub(crate) json: bool,
    /// Whether everything is asked that nobody said, on a terminal.
    pub(crate) conversation: bool,
    /// How the agent gets the key, if it does.
    pub(crate) add: Option<HandOver>,
    /// What to do with the public half, where that is known.
    pub(crate) next: Option<String>,
}

/// A type of key, and how whoever asked for it called it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// What to make.
    pub(crate) kind: Kind,
    /// As typed: `ssh-keygen` repeats it.
    pub(crate) called: String,
}

/// Where the private half goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// `~/.ssh/id_TYPE`, unless somebody at a terminal says something else.
    Usual,
    /// Of this name: in `~/.ssh` if it is a bare one, else a path.
    Named(OsString),
    /// This path, whatever it looks like.
    At(PathBuf),
}

/// Where the passphrase comes from.
pub(crate) enum NewPassphrase {
    /// A person.
    Ask,
    /// Nowhere: the file is not encrypted.
    None,
    /// It is known. An empty one is none.
    Given(Secret),
    /// The first line of this file, `-` for standard input.
    File(PathBuf),
}

/// How the agent keeps a key it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HandOver {
    /// Seconds.
    pub(crate) lifetime: Option<u32>,
    /// Whether a person confirms each use.
    pub(crate) confirm: bool,
}

impl Generate {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = (self, environment);
        Exit::Failure
    }
}
