//! Words about public keys that are installed on a server.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use keyfob_keyfile::Error as KeyFile;
use keyfob_sys::os_text::OsStrExt as _;

use super::{key_files, quoted, shown, shown_path};
use crate::commands::copy_id::Answer;
use crate::output::{fact, hint, note};
use crate::shell::Shell;
use crate::{files, public_file};

/// Where to get it.
const NO_SSH: &str = if cfg!(windows) {
    "OpenSSH's client is an optional feature of Windows; its ssh must be in PATH"
} else {
    "install OpenSSH's client (openssh-client); its ssh must be in PATH"
};

/// There is no key to install.
pub(crate) fn no_key() {
    fact("no key to install: the agent has none, and ~/.ssh has none of a usual name");
    hint("keyfob copy-id -i FILE HOST   installs the key of any file; keyfob generate makes one");
}

/// The agent has this key by the files of a key store that was not unlocked.
pub(crate) fn unproved(name: &str) {
    fact(format!(
        "{name} is not installed: the key store was not unlocked yet, and its files prove nothing"
    ));
}

/// What to do about that.
pub(crate) fn unlock_first() {
    hint("keyfob unlock   proves which keys are yours");
}

/// The file has no public key that can be seen.
pub(crate) fn unusable(path: &Path, error: &public_file::Error) {
    match error {
        public_file::Error::File(error) => key_files::unread(path, error),
        public_file::Error::Key(KeyFile::PassphraseNeeded) => {
            fact(format!(
                "{}: its public half is encrypted too, and there is no .pub file beside it",
                shown_path(path)
            ));
            let public = files::beside(path, ".pub");
            hint(format!("keyfob public {} > {}   makes it", quoted(path), quoted(&public)));
        }
        public_file::Error::Key(error) => key_files::unusable(path, error),
        public_file::Error::Several => {
            fact(format!("{}: {error}", shown_path(path)));
            hint("keyfob copy-id -i FILE   installs the one key of each file named");
        }
    }
}

/// The `.pub` beside the private file is another key's.
pub(crate) fn stranger_beside(private: &Path) {
    let public = files::beside(private, ".pub");
    note(format!(
        "{} belongs to another key; the public half of {} is installed.",
        shown_path(&public),
        shown_path(private)
    ));
}

/// What would be done; the keys go to standard output.
pub(crate) fn would(host: &OsStr, arguments: &[OsString]) {
    let words: Vec<String> =
        arguments.iter().map(|word| shown(&Shell::Sh.quote(word.as_bytes()))).collect();
    note(format!(
        "would add these lines to ~/.ssh/authorized_keys of {}, by: ssh {} …",
        shown(host.as_bytes()),
        words.join(" ")
    ));
}

/// There is no ssh to run; gives the reason too.
pub(crate) fn no_ssh(error: &io::Error) -> String {
    let why = format!("cannot run ssh: {}", files::reason(error));
    fact(&why);
    if error.kind() == io::ErrorKind::NotFound {
        hint(NO_SSH);
    }
    why
}

/// What became of one key.
pub(crate) fn answered(name: &str, host: &OsStr, answer: Answer) {
    let host = shown(host.as_bytes());
    match answer {
        Answer::Added => note(format!("{name}: added on {host}")),
        Answer::Known => note(format!("{name}: already there on {host}")),
    }
}

/// Nothing is known of one key.
pub(crate) fn unanswered(name: &str) {
    fact(format!("{name}: not installed"));
}

/// All are there.
pub(crate) fn done(host: &OsStr, port: Option<u16>) {
    let port = port.map(|port| format!("-p {port} ")).unwrap_or_default();
    hint(format!("ssh {port}{}   tries it", shown(&Shell::Sh.quote(host.as_bytes()))));
}

/// Not all of them are there.
pub(crate) fn failed(host: &OsStr, code: Option<i32>, some: bool) {
    let host = shown(host.as_bytes());
    match code {
        Some(255) if !some => {
            fact(format!("ssh did not get to {host}, or not in"));
            hint("another way in is needed once: a password, or a key that is there already");
        }
        Some(0) => {
            fact(format!("{host} ran something else than what it was told"));
            hint("its account may have a restricted shell or a forced command");
        }
        Some(_) => fact(format!("{host} could not do all of it")),
        None => fact("ssh was ended by a signal"),
    }
}
