//! What the manual page of `keyfob log` says beyond the flags.

use super::sections::Section;

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob log", "Shows the last fifty events, the newest last."),
            ("keyfob log -H github.com --since 1d", "Shows what was done there since yesterday."),
            ("keyfob log -f -p git", "Shows what git has keys do, as it happens."),
            ("keyfob log --json | jq -r .digest", "Hands the lines to another program."),
            ("keyfob log verify", "Proves that no line was changed or taken out."),
        ],
    },
    Section {
        title: "WHAT IS IN IT",
        entries: &[
            (
                "Events",
                "signed, refused, added, replaced, removed, expired, locked, unlocked, unlock-failed, forgotten, asked, answered and claimed (the right to answer, see keyfob-watch(1)); and of the log itself begin, end and lost. Listing keys is none. Of one process at most 100 refusals and questions in a minute have a line; those beyond are told by one refused with a count.",
            ),
            (
                "A line",
                "One object of JSON: seq counts on from line to line; time is UTC; key has name, type and fingerprint; purpose says what the signature is for, as far as that is proved; remote and via say whether it came over a forwarded agent and through which hosts; requester has the client's process and its parents, each with pid, program and the kernel's tick it started at; digest is the SHA-256 of what was signed; mac chains it to the line before. Only ASCII; what is longer than 512 bytes is cut.",
            ),
            ("What is not", "No passphrase, no key, and never what was signed."),
        ],
    },
    Section {
        title: "WHAT VERIFY PROVES",
        entries: &[
            (
                "Found",
                "A line that was changed, removed, moved or added, a file that was removed, and lines cut off before a later one. Of an agent that runs, its last line is asked for (at the socket SSH_AUTH_SOCK names and at its own) and must be there as it was written: lines cut off the end are found while it runs. The first such place is named by file and line; what stands before it is proved. Where an agent began behind one that has written no last line, that is said, with the number of its first line, and is no error: an agent was killed, and lines may have been cut off there (unended, in JSON).",
            ),
            (
                "Not found",
                "Lines cut off the very end once the agent has ended, or where it cannot be asked; both are said, also after another agent has begun, unless what is left ends with the last line of an agent of before, or with one somebody made who read the key that lies beside the log. The whole log removed when no agent is asked. Anything done by who has the keys, or answers in the agent's place.",
            ),
            (
                "The keys",
                "Each line is hashed under a key of its own that makes the next one and is then wiped. From the opening of the key store on the key is made from the root of the store: only its passphrase proves these lines, and nobody without it can write them anew, or what stands before them, not even who takes over the agent while the store is locked. Until then, and without a store, the key the agent began with lies beside the log (mode 0600): every program of the same user can read it and write those lines anew. That is enough to notice accidents. keyfob rekey makes another root: lines of before are not proved any more.",
            ),
        ],
    },
    Section {
        title: "FILES",
        entries: &[(
            "~/.local/state/keyfob/log/N/",
            "Mode 0700, one for each agent that runs at the same time, with files of lines (.jsonl) named by the number of their first, and the keys (.key), mode 0600. [log] in the settings says how long a file may be and how many are kept; see keyfob-config(5).",
        )],
    },
];
