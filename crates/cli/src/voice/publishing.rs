//! Words about public keys that are printed or copied.

use std::path::Path;

use keyfob_keyfile::{Error as KeyFile, Feature};
use keyfob_keys::{HashKind, PublicKey};

use super::{key_files, shown_path};
use crate::commands::public::{Nowhere, Way};
use crate::output::{fact, hint, note};
use crate::{files, rewriting};

/// The form has no room for the key.
pub(crate) fn unmade(path: &Path, error: &rewriting::Error) {
    key_files::unusable_form(path, error);
    if let rewriting::Error::KeyFile(KeyFile::Unsupported {
        what: Feature::KeyType(_) | Feature::Key(_),
        ..
    }) = error
    {
        hint("without --pem and --pkcs8 it is one line, which every type has");
    }
}

/// The `.pub` beside the private file is another key's.
pub(crate) fn stranger_beside(private: &Path) {
    let public = files::beside(private, ".pub");
    note(format!(
        "{} belongs to another key; this is the public half of {}.",
        shown_path(&public),
        shown_path(private)
    ));
}

/// They are on a clipboard.
pub(crate) fn copied(keys: &[(PublicKey, Vec<u8>)], way: &Way) {
    let name = match keys {
        [(key, _)] => format!("{} {}", key.short_name(), key.fingerprint(HashKind::Sha256)),
        keys => format!("{} public keys", keys.len()),
    };
    match way {
        Way::Desktop { server: None } => note(format!("copied {name} to the clipboard")),
        Way::Desktop { server: Some(server) } => note(format!(
            "copied {name} to the clipboard; process {server} keeps it there until something else is copied"
        )),
        Way::Terminal { through: None } => {
            note(format!("sent {name} to the terminal's clipboard (OSC 52)"));
            hint("not every terminal takes it; without --copy the key is printed");
        }
        Way::Terminal { through: Some(multiplexer) } => {
            note(format!(
                "sent {name} to the terminal's clipboard (OSC 52, through {multiplexer})"
            ));
            if *multiplexer == "tmux" {
                hint(
                    "tmux set -g set-clipboard on   if nothing arrived; without --copy the key is printed",
                );
            } else {
                hint("not every terminal takes it; without --copy the key is printed");
            }
        }
    }
}

/// It is on none.
pub(crate) fn not_copied(why: &Nowhere) {
    if let Some(desktop) = &why.desktop {
        fact(format!(
            "the desktop's clipboard cannot be used: {}",
            super::shown(desktop.as_bytes())
        ));
    }
    fact(format!("the terminal's clipboard cannot be used: {}", why.terminal));
    hint("without --copy the key is printed");
}
