//! What the manual pages of `keyfob hosts` and `keyfob explain` say beyond the flags.

use super::sections::Section;

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob hosts", "Lists which key each host took, the last used first."),
            (
                "keyfob hosts forget '*.example.com'",
                "Forgets it for these; the next login there is offered all keys, the last used first.",
            ),
            (
                "keyfob explain git@example.com:2222",
                "Tells which keys this login would be offered. Nothing goes over the network.",
            ),
        ],
    },
    Section {
        title: "HOW A KEY IS CHOSEN",
        entries: &[
            (
                "What is learned",
                "ssh(1) asks the agent to sign only after the server said that it takes the key. So a signature for a login, over a connection that ssh proved to lead to a host (OpenSSH 8.9 and later), teaches which key this host takes for this account. What comes over a forwarded agent teaches nothing.",
            ),
            (
                "What is offered",
                "The keys that the host took first, a certificate before its key; then the others, the last used first. The setting offer can hide the others (known-only) or leave the order of adding (all). With known-only all are shown again where the known one is gone, or was shown and not used within the last ten minutes.",
            ),
            (
                "Rules",
                "The first [[host]] of the settings that matches decides before what was learned: its keys, in its order, and no others, neither shown nor used. match means the names in known hosts files, or the fingerprint of the host key. A rule narrows: what a key's own limits forbid stays forbidden. While the keys are listed the account is not known; a rule for accounts puts its keys first then, and forbids others when they are to be used.",
            ),
            (
                "forwarded",
                "What becomes of requests from that host, or through it, over a forwarded agent: deny, ask, or allow. Where a hop could not be proved the strictest word of all rules counts.",
            ),
            (
                "Profiles",
                "A [[profile]] has a socket of its own that knows its keys only. Keys can be added through it if it would show them, and removed; what concerns all keys (remove all, lock, the key store, hosts) is refused. keyfob env --profile NAME prints it. They are served by keyfob agent at its usual place, not with -a.",
            ),
            (
                "Where it is kept",
                "Sealed in the key store, once that is open; otherwise in the memory of the agent until it ends. Hosts and keys by their fingerprints, 4096 at most. agent.learn = false ends learning.",
            ),
        ],
    },
];
