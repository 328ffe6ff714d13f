//! Words about the key store: how it is opened and made, and what is wrong with it.

use std::path::Path;

use keyfob_config::directories::NoHome;
use keyfob_config::env::Name;
use keyfob_keystore::{CodeError, Cost, Error};
use zeroize::Zeroizing;

use super::{shown, shown_path};
use crate::files::reason;
use crate::output::{Progress, fact, hint, note};

/// What a new passphrase is asked with.
pub(crate) const NEW_PASSPHRASE: &str = "New passphrase for the key store: ";

/// What the recovery code is asked with.
pub(crate) const CODE_QUESTION: &str = "Recovery code of the key store: ";

/// What the passphrase is asked with.
pub(crate) fn passphrase_question(again: bool) -> &'static str {
    if again {
        "Wrong passphrase, try again for the key store: "
    } else {
        "Passphrase for the key store: "
    }
}

/// Whether to make a store, where a command needs one.
pub(crate) fn make_question(folder: &Path) -> String {
    format!("There is no key store yet. Make one in {}?", shown_path(folder))
}

/// There is no place for a store.
pub(crate) fn no_home(error: NoHome) {
    fact(error.to_string());
}

/// Nobody gave the passphrase.
pub(crate) fn no_passphrase() {
    fact("no passphrase was given for the key store");
    hint("--store-passphrase-file FILE   takes it from a file, - from standard input");
}

/// Nobody gave the code.
pub(crate) fn no_code() {
    fact("no recovery code was given");
}

/// The code of the store was to open something else.
pub(crate) fn code_without_store() {
    fact("a recovery code opens the key store, and no key file");
    hint("keyfob passphrase --store --recovery-code   sets the key store's passphrase with it");
}

/// What was typed cannot be a code.
pub(crate) fn code_mistyped(error: CodeError) {
    fact(error.to_string());
}

/// Nobody can be asked for a new passphrase.
pub(crate) fn nobody_for_new_passphrase() {
    fact("a passphrase was not given, and there is no terminal to ask on");
    hint("a flag names a file with it, - for standard input: see --help");
}

/// Somebody said no.
pub(crate) fn nothing_done() {
    note("Nothing was changed.");
}

/// Nobody can be asked whether to go on.
pub(crate) fn nobody_to_confirm() {
    fact("this asks before it begins, and there is no terminal to ask on");
    hint("--yes   answers it");
}

/// A bar for derivations, which take their time on purpose.
pub(crate) fn deriving() -> Progress {
    Progress::new("Deriving keys".to_owned())
}

/// There is a store.
pub(crate) fn made(folder: &Path, cost: Cost) {
    note(format!("Made the key store in {}.", shown_path(folder)));
    note(format!(
        "A guess at its passphrase costs {} MiB and {} passes of Argon2id.",
        cost.memory_kib() / 1024,
        cost.passes()
    ));
}

/// What can be done with a new store.
pub(crate) fn what_next() {
    note("What next:");
    for (command, purpose) in [
        ("keyfob add PATH --save", "takes a key into the store"),
        ("keyfob add PATH --link", "leaves the file where it is, and remembers its passphrase"),
        ("keyfob import ~/.ssh /mnt/usb/keys", "takes in all keys of folders"),
        ("keyfob generate NAME --save", "makes a key that never is a file"),
    ] {
        note(format!("  {command}\n      {purpose}"));
    }
}

/// A recovery code for eyes only. Line ends as a terminal in any mode wants them.
pub(crate) fn code_on_terminal(code: &Zeroizing<String>) -> String {
    format!(
        "\r\nThe recovery code. It is shown this once:\r\n\r\n    {}\r\n\r\n\
         Write it on paper, now, and keep it where you keep what must not burn: it opens\r\n\
         the key store when the passphrase is lost. Whoever finds it and the store can\r\n\
         do that too.\r\n\r\n",
        code.as_str()
    )
}

/// A recovery code is in a file.
pub(crate) fn code_written(path: &Path) {
    note(format!(
        "The recovery code is in {}: take it away from this machine. It opens the key store as \
         the passphrase does.",
        shown_path(path)
    ));
}

/// The file for the code is there.
pub(crate) fn code_file_exists(path: &Path) {
    fact(format!("{}: there is a file of this name already", shown_path(path)));
    hint("it may hold another recovery code, so it is not replaced");
}

/// A code cannot be shown to anybody.
pub(crate) fn no_place_for_code() {
    fact("there is no terminal to show the recovery code on");
    hint("--recovery-file FILE   writes it there, for you alone; - is standard output");
}

/// A code was made and got lost.
pub(crate) fn code_lost(why: &str) {
    fact(format!("the recovery code could not be shown: {}", shown(why.as_bytes())));
    hint("keyfob recovery new   makes another one");
}

/// Not everything in the store is as it should be.
pub(crate) fn findings(count: usize) {
    note(match count {
        1 => "One thing in the key store is not as it should be.".to_owned(),
        count => format!("{count} things in the key store are not as they should be."),
    });
    hint("keyfob check   tells what");
}

/// Something is wrong with the store.
pub(crate) fn failed(error: &Error) {
    fact(match error {
        // Without the number of the error, as everywhere.
        Error::Io { path, source } => format!("{}: {}", shown_path(path), reason(source)),
        error => shown(error.to_string().as_bytes()),
    });
    match error {
        Error::NoStore(_) => hint("keyfob init   makes one"),
        Error::Taken(_) => {
            hint(format!(
                "nothing was changed; {} names another place",
                Name::KeyfobStore.as_str()
            ));
        }
        Error::WrongPassphrase => {
            hint("it is the key store's own, not that of a key file or of your account");
            hint(
                "keyfob passphrase --store --recovery-code   sets a new one, with the recovery code",
            );
        }
        Error::WrongCode => {
            hint("a newer code, or a new passphrase by --recovery-code, takes older codes back");
        }
        Error::OtherRoot => {
            hint(
                "somebody may have put a store of his own there, to learn your passphrase or to \
                 get keys you add; it is also so after keyfob rekey on another machine",
            );
            hint("keyfob check --accept   takes it as it is, if you know why");
        }
        Error::RolledBack => {
            hint(
                "an old copy was put back: by you, from a backup, or by somebody who wants deleted \
                 keys or old rules to be in force again",
            );
            hint("keyfob check --accept   takes it as it is, if you know why");
        }
        Error::NameTaken(_) | Error::NoItem(_) => {
            hint("keyfob list --store   shows what is there");
        }
        Error::Busy => hint("try again when it has ended"),
        _ => {}
    }
}

/// There is a store, or something else in its place.
pub(crate) fn there_already(folder: &Path, is_store: bool) {
    let folder = shown_path(folder);
    if is_store {
        fact(format!("there is a key store at {folder} already"));
        hint("keyfob list --store   shows what is in it");
    } else {
        fact(format!("there is something at {folder} already, and it is no key store"));
        hint(format!("nothing was changed; {} names another place", Name::KeyfobStore.as_str()));
    }
}
