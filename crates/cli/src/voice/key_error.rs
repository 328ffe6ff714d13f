//! Errors in OpenSSH's words, and hints for them in ours.
//!
//! OpenSSH knows a few dozen texts for everything that can go wrong; ours say
//! more, so several of ours share one of theirs.

use std::path::Path;

use keyfob_keyfile::{Error as KeyFile, Feature};

use keyfob_transport::client;

use super::shown_path;
use crate::{connection, files, output};

/// What `ssh-add` says of a file it cannot read.
pub(super) fn of_file(error: &files::Error) -> String {
    match error {
        files::Error::Directory => "Is a directory".to_owned(),
        other => other.to_string(),
    }
}

/// What `ssh-add` says of a key file it cannot use.
pub(super) fn of_key(error: &KeyFile) -> String {
    match error {
        KeyFile::PassphraseNeeded | KeyFile::WrongPassphrase => {
            "incorrect passphrase supplied to decrypt private key".to_owned()
        }
        KeyFile::Unsupported { what, .. } => match what {
            Feature::Cipher(_) => "key encrypted using unsupported cipher".to_owned(),
            Feature::KeyType(_) | Feature::Curve(_) => "unknown or unsupported key type".to_owned(),
            Feature::Key(_) => "Invalid key length".to_owned(),
            _ => LIBCRYPTO.to_owned(),
        },
        // What the original cannot make sense of, it hands to libcrypto last.
        KeyFile::PublicKeyFile | KeyFile::NotAKey | KeyFile::Corrupt { .. } => LIBCRYPTO.to_owned(),
        KeyFile::TooLarge => "invalid format".to_owned(),
        other => other.to_string(),
    }
}

const LIBCRYPTO: &str = "error in libcrypto";

/// What `ssh-add` says of an agent that did not do as asked.
pub(super) fn of_agent(error: &connection::Error) -> &'static str {
    match error {
        connection::Error::Refused => "agent refused operation",
        connection::Error::Broken(client::Error::TooLong { .. }) => "invalid format",
        connection::Error::Broken(_) => "communication with agent failed",
        connection::Error::Garbled(_) | connection::Error::OffTopic => "invalid format",
    }
}

/// What can be done about a key file that cannot be used.
pub(super) fn hint(error: &KeyFile, path: &Path, private_beside: Option<&Path>) {
    let quoted = super::quoted(path);
    match error {
        KeyFile::PublicKeyFile => match private_beside {
            Some(private) => {
                output::hint(format!("the private one is beside it: {}", shown_path(private)));
            }
            None => {
                output::hint("the agent needs the private one, usually the same name without .pub");
            }
        },
        KeyFile::Corrupt { .. } => {
            output::hint("the file may be cut off or changed; compare its size with a backup");
        }
        KeyFile::KdfTooExpensive { .. } => {
            output::hint(format!("keyfob add --allow-slow {quoted}   takes the time"));
            output::hint(format!(
                "keyfob passphrase --allow-slow -a 24 {quoted}   writes it with a usual cost"
            ));
        }
        KeyFile::Unsupported { what: Feature::Cipher(_), .. } => {
            output::hint(format!(
                "ssh-keygen -p -Z aes256-ctr -f {quoted}   changes the cipher, where it knows this one"
            ));
        }
        _ => {}
    }
}
