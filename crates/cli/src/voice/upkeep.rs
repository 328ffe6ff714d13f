//! Words about the store as a whole: its passphrase, its recovery code, its root, its state.

use keyfob_keystore::Error;

use super::shown;
use crate::key_store::Opener;
use crate::output::{fact, hint, note};

/// Whether to make a new root.
pub(crate) const REKEY_QUESTION: &str = "Make a new root key for the key store?";

/// Whether to forget what this machine knows.
pub(crate) const ACCEPT_QUESTION: &str = "Take the key store as it is?";

/// The passphrase is another one.
pub(crate) fn passphrase_changed(opener: &Opener) {
    note("The key store has the new passphrase.");
    note(
        "Copies of the store that were made before still open with the old one. If somebody may \
         have both:",
    );
    hint("keyfob rekey   seals everything anew");
    if *opener != Opener::Passphrase {
        hint("keyfob recovery new   makes another code, if somebody may have seen this one");
    }
}

/// A code was replaced.
pub(crate) fn old_code_is_void() {
    note(
        "The old recovery code opens the key store no more. Copies of the store that were made \
         before still open with it.",
    );
}

/// What a new root means.
pub(crate) fn rekeying() {
    note(
        "Everything in the key store is sealed anew under a new root key. The old passphrase and \
         the old recovery code open copies made before, and nothing newer. Other machines that \
         share the store have to accept it (keyfob check --accept).",
    );
    note(
        "Whoever opened an old copy has the keys that were in it: those are better replaced on \
         the servers too.",
    );
}

/// There was no passphrase that could be kept.
pub(crate) fn nothing_to_keep() {
    fact("the store was opened with the recovery code, so there is no passphrase to keep");
    hint("without --keep-passphrase a new one is asked for");
}

/// A new root was not made, or not cleanly.
pub(crate) fn rekey_failed() {
    hint("keyfob check   tells whether the old store is still there; if not: keyfob recovery new");
}

/// A new root is there.
pub(crate) fn rekeyed(count: usize) {
    note(format!("The key store has a new root key; {} in it.", keys(count)));
}

/// What accepting means.
pub(crate) fn accepting() {
    note(
        "This machine then forgets how new the key store was and which root key it had, and \
         remembers what is there now. An older copy, or one of somebody else, would be taken too.",
    );
}

/// It was accepted.
pub(crate) fn accepted() {
    note("This machine takes the key store as it is from now on.");
}

/// The folder of the old store could not be deleted.
pub(crate) fn old_store_is_left(error: &Error) {
    fact(format!(
        "the old key store could not be deleted: {}",
        shown(error.to_string().as_bytes())
    ));
    hint("delete that folder by hand: it opens with the old passphrase and the old recovery code");
}

pub(super) fn keys(count: usize) -> String {
    if count == 1 { "one key".to_owned() } else { format!("{count} keys") }
}
