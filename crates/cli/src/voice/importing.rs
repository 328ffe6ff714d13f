//! Words about keys that are taken into the store in numbers.

use std::fmt;

use keyfob_keystore::Name;

use super::{shown, shown_path, uncapitalised};
use crate::commands::import::{ForSsh, Row};
use crate::exit::Exit;
use crate::files::FOLDER;
use crate::output::{Progress, fact, hint, note};

/// Work below this many files is over before anybody looks.
const WORTH_A_BAR: usize = 8;

/// Why a file brought no key into the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Why {
    /// The key is there.
    There(Name),
    /// Only the public half. `named`: somebody named this file.
    PublicOnly {
        /// Whether the file itself was named.
        named: bool,
    },
    /// No key.
    NoKey {
        /// Whether the file itself was named.
        named: bool,
    },
    /// A folder, a socket.
    NotAFile(&'static str),
    /// The system refused.
    Unreadable {
        /// Its word.
        why: String,
        /// Whether the file itself was named.
        named: bool,
    },
    /// The key is on a security key.
    OnToken,
    /// A type that signs nothing any more.
    CannotSign(String),
    /// Damaged, or of a kind that is not read.
    Unusable(String),
    /// The passphrase was not right.
    WrongPassphrase,
    /// Nobody gave one.
    NoPassphrase,
    /// All names are taken.
    NoName,
    /// The store could not be written.
    NotStored(String),
}

impl Why {
    /// Whether a key that is there is not in the store because of it.
    pub(crate) fn is_failure(&self) -> bool {
        match self {
            Self::There(_) | Self::NotAFile(_) => false,
            Self::PublicOnly { named } | Self::NoKey { named } => *named,
            _ => true,
        }
    }

    /// A word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::There(_) => "already-there",
            Self::PublicOnly { .. } => "public-only",
            Self::NoKey { .. } => "no-key",
            Self::NotAFile(_) => "not-a-file",
            Self::Unreadable { .. } => "unreadable",
            Self::OnToken => "on-token",
            Self::CannotSign(_) => "cannot-sign",
            Self::Unusable(_) => "unusable",
            Self::WrongPassphrase => "wrong-passphrase",
            Self::NoPassphrase => "no-passphrase",
            Self::NoName => "no-name",
            Self::NotStored(_) => "not-stored",
        }
    }

    /// What the key is called, if the store has it.
    pub(crate) fn name(&self) -> Option<&Name> {
        match self {
            Self::There(name) => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::There(name) => write!(f, "in the key store already, as {name}"),
            Self::PublicOnly { .. } => f.write_str("only the public half"),
            Self::NoKey { .. } => f.write_str("no key found in the file"),
            Self::NotAFile(what) => f.write_str(what),
            Self::Unreadable { why, .. } => f.write_str(&shown(uncapitalised(why).as_bytes())),
            Self::OnToken => f.write_str("lives on a security key (FIDO), not supported yet"),
            Self::CannotSign(why) | Self::Unusable(why) | Self::NotStored(why) => {
                f.write_str(&shown(why.as_bytes()))
            }
            Self::WrongPassphrase => f.write_str("wrong passphrase"),
            Self::NoPassphrase => f.write_str("no passphrase was given"),
            Self::NoName => f.write_str("no name is left for it"),
        }
    }
}

/// A bar for files that are read.
pub(crate) fn progress(count: usize) -> Progress {
    bar(count, "Reading key files")
}

/// A bar for keys that are sealed and written.
pub(crate) fn storing_progress(count: usize) -> Progress {
    bar(count, "Sealing keys")
}

fn bar(count: usize, what: &str) -> Progress {
    if count < WORTH_A_BAR { Progress::silent() } else { Progress::new(what.to_owned()) }
}

/// How much came of it, and that the files are as they were.
pub(crate) fn summary(rows: &[Row]) {
    let taken = rows.iter().filter(|row| row.outcome.is_ok()).count();
    let skipped = rows.len() - taken;
    note(format!("{taken} taken, {skipped} skipped. The files are where they were, unchanged."));
    for row in rows.iter().filter(|row| row.outcome.is_ok()) {
        if let Some(exposure) = &row.too_open {
            note(format!("{}: {exposure}: who did has the key.", shown_path(&row.path)));
        }
    }
    if rows.iter().any(|row| row.outcome == Err(Why::NotAFile(FOLDER))) {
        hint("folders inside a folder are not searched: name them too");
    }
    if rows.iter().any(|row| row.outcome == Err(Why::OnToken)) {
        hint("keys on a token stay with ssh itself: its file names the token, and holds no key");
    }
}

/// What the configuration of `ssh` leads to.
pub(crate) fn found_for_ssh(found: &ForSsh) {
    if found.files.is_empty() {
        fact("no private key is named in ~/.ssh/config or lies in ~/.ssh");
        hint("keyfob import PATH …   takes files and folders from anywhere");
    } else {
        note("Found for ssh:");
        for candidate in &found.files {
            note(format!("  {}", shown_path(&candidate.path)));
        }
    }
    for path in &found.missing {
        note(format!("{}: named in the configuration of ssh, and not there", shown_path(path)));
    }
    for text in &found.unclear {
        note(format!("{text}: depends on the connection, so it is not looked at"));
    }
}

/// Whether to take them.
pub(crate) fn take_question(count: usize) -> String {
    match count {
        1 => "Take it into the key store?".to_owned(),
        count => format!("Take these {count} into the key store?"),
    }
}

/// There is no home to look in.
pub(crate) fn no_home() {
    fact("the user database has no home for this user");
}

/// GnuPG gives no keys away.
pub(crate) fn not_from_gpg_agent() -> Exit {
    fact("keys cannot be taken out of gpg-agent: it signs with them and gives none away");
    hint("an SSH key that was once added to it with ssh-add is best imported from its own file");
    hint(
        "an OpenPGP subkey for authentication: gpg --export-secret-subkeys needs another program \
         to become an SSH key (monkeysphere's openpgp2ssh, for RSA); then keyfob import FILE",
    );
    hint("or make a new key: keyfob generate NAME --save, and add it where the old one is known");
    Exit::Failure
}

/// KeePassXC's database is not read.
pub(crate) fn not_from_keepassxc() -> Exit {
    fact("keys cannot be taken out of a KeePassXC database: keyfob does not read such files");
    hint(
        "keepassxc-cli attachment-export DATABASE ENTRY ATTACHMENT FILE   writes a key that is \
         kept as an attachment; then keyfob import FILE",
    );
    hint("a key KeePassXC only loads from a file (SSH Agent, External file) is that file");
    hint("delete the exported file afterwards");
    Exit::Failure
}
