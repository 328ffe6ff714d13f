//! What the manual page of `keyfob setup` says beyond the flags.

use super::sections::Section;

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob setup", "Goes through everything on a terminal, and asks before each step."),
            (
                "keyfob setup --dry-run --yes",
                "Shows what it would do if every question was answered with yes, and does nothing.",
            ),
            (
                "keyfob setup --link ~/keys --test git@github.com",
                "Takes the keys of this folder only, leaves them in their files, and logs in there.",
            ),
            (
                "keyfob setup --yes --json --store-passphrase-file pass --recovery-file code",
                "Asks nothing at all, for a script.",
            ),
            (
                "keyfob setup --no-store --no-keys --install",
                "Only has the agent start by itself: the same as keyfob install, and where there is no systemd as keyfob install --shell.",
            ),
        ],
    },
    Section {
        title: "STEPS",
        entries: &[
            (
                "Key files",
                "Looks at the private keys that ~/.ssh/config names and ~/.ssh holds, or at the PATHs. They are only read.",
            ),
            (
                "The key store",
                "Makes it, if there is none: as keyfob-init(1), with the passphrase asked twice and the recovery code shown once.",
            ),
            (
                "Keys for the store",
                "Imports the keys that it does not show yet, as keyfob-import(1); or links them, as keyfob add --link. Where there is no key at all it makes one of type ed25519: in the store, or without a store in ~/.ssh.",
            ),
            (
                "The agent",
                "Has it start with the first program that asks for it, as keyfob-install(1). The files and commands are shown before the question.",
            ),
            (
                "A login",
                "Runs ssh -T to a host that is named, by keys alone, and tells which key opened it and whether the agent signed. The agent is started for it if need be, and goes on.",
            ),
        ],
    },
    Section {
        title: "QUESTIONS",
        entries: &[
            (
                "On a terminal",
                "Each step is asked, unless a flag has answered; nothing is changed before that. A no, or the end of input, leaves the step out, and is no failure. Each step is whole when the next one begins: an interrupt leaves what is done, and the next walk goes on from there.",
            ),
            (
                "Without a terminal",
                "Nothing is asked. Where a question is open it does nothing, names the flags that answer it, and exits 1. No login is tried unless --test names a host.",
            ),
            (
                "Again",
                "What is in place is said and left alone, without a question and without unlocking the key store. So nothing proves the public keys that its files show, and none of them is shown to be pasted.",
            ),
            ("A step that fails", "Is told, the others are done, and it exits 1."),
        ],
    },
];
