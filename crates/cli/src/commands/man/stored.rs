//! What the words of the session mean for keys of the store, for every page that names one of them.

use super::sections::Section;

const PAGES: [&str; 4] = ["keyfob-agent", "keyfob-lock", "keyfob-remove", "keyfob-unlock"];

/// The section, for the pages that need it.
pub(super) fn section(page: &str) -> Option<Section> {
    PAGES.contains(&page).then_some(STORED)
}

const STORED: Section = Section {
    title: "KEYS OF THE STORE",
    entries: &[
        (
            "In the list",
            "They are listed while the store is locked. The first signature that needs one asks for the store's passphrase, once for all that wait. Before the store was opened for the first time, a forwarded agent shows none of them: nobody can tell yet where they may be used.",
        ),
        (
            "ssh-add -d, keyfob remove",
            "Takes a key out of this session. It is never deleted from the store: keyfob unlock shows it again, and so does the next session.",
        ),
        (
            "ssh-add -D, keyfob remove --all, SIGUSR1",
            "Takes all keys out of this session, and closes the store. Nothing is deleted from it.",
        ),
        (
            "ssh-add -x",
            "Locks the agent with a passphrase of its own, which hides all keys, and closes the store. Until ssh-add -X the passphrase of the store opens nothing; after it, the next use of a stored key asks for the store's passphrase.",
        ),
        (
            "keyfob lock",
            "Seals every key under the store, those of the session too, and leaves none in memory that could be used. They are listed still; the next use, or keyfob unlock, asks for the store's passphrase. Meanwhile no key can be added, and ssh-add -x is refused.",
        ),
        (
            "A lifetime",
            "Begins when the key is fetched. When it is over the key stays in the list, and its next use asks for the store's passphrase, even if the store is open.",
        ),
        (
            "ssh-add of a key that is stored",
            "Counts as it was added, with its own rules, until it is removed or its time is up.",
        ),
    ],
};
