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

/// Whether the login shall open it.
pub(crate) const ACCOUNT_QUESTION: &str = "Let the login of this account open the key store?";

/// What is given up with it.
pub(crate) fn account_means(keeper: &str) {
    note(format!(
        "Whoever is logged in as you on this machine then opens the key store without its passphrase, and \
         so does every program that runs as you. Who has the disk and not your login does not: {keeper} \
         keeps what opens it. The passphrase and the recovery code open it as before, here and elsewhere.",
    ));
    note(
        "The agent opens it so once after its start, for programs of this machine; once it was locked it \
         asks for the passphrase.",
    );
}

/// It is so.
pub(crate) fn account_added() {
    note("The login of this account opens the key store now.");
    hint("keyfob account remove   takes that back");
}

/// It is not so any more.
pub(crate) fn account_removed(was_there: bool) {
    note(match was_there {
        true => "The login of this account opens the key store no more: its passphrase does.",
        false => "The login of this account did not open the key store: its passphrase does.",
    });
}

/// What else there is.
pub(crate) fn no_keeper() {
    hint(
        "Windows and macOS keep such secrets; here keyfob unlock opens the store once for a session",
    );
}

/// What the system keeps was not to be had.
pub(crate) fn account_failed(error: &Error) {
    note(format!(
        "The login of this account does not open the key store: {}.",
        shown(error.to_string().as_bytes())
    ));
    hint("keyfob account add   makes it anew, keyfob account remove   ends it");
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
