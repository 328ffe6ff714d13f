//! Words about keys that leave the store for a file.

use std::path::Path;

use keyfob_keystore::Name;

use super::{quoted, shown_path};
use crate::output::{fact, hint, note};

/// Nobody can choose a passphrase.
pub(crate) fn nobody_for_passphrase() {
    fact("the new file has no passphrase, and there is no terminal to ask on");
    hint("--new-passphrase-file FILE   names a file with one; --no-passphrase   does without");
}

/// The file has its own passphrase.
pub(crate) fn copy_of_its_own() {
    note("It is a copy with a passphrase of its own; the key stays in the store, with its rules.");
}

/// The file has none.
pub(crate) fn lies_open() {
    note(
        "It has no passphrase: whoever can read it can use the key, and none of the key's rules \
         holds there.",
    );
}

/// The public half in the store is another key's.
pub(crate) fn other_public(name: &Name, file: &Path) {
    fact(format!("{}: is not the public half of {name}: it was changed", shown_path(file)));
    hint("whoever copied it to a server let another key in there; keyfob check   tells more");
}

/// The private half is in a file already.
pub(crate) fn is_linked(name: &Name, path: &Path) {
    fact(format!("{name} is a link: its private half is in {}", shown_path(path)));
    hint(format!("keyfob convert {} --to FORMAT -o FILE", quoted(path)));
}

/// It is something else.
pub(crate) fn no_key(name: &Name) {
    fact(format!("{name} is no key"));
}
