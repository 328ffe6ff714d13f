//! What the manual page of `keyfob watch` says.

use super::sections::Section;

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "KEYS",
        entries: &[
            ("d", "Denies the question."),
            ("o", "Allows it, this once."),
            (
                "s, m",
                "Allows it for the session of who asks, or for some minutes, where that is offered.",
            ),
            ("j, k, arrows", "Choose another question. The oldest is chosen by itself."),
            (
                "Page Down, Page Up",
                "Show the rest of a long question. Yes is said to a whole one only.",
            ),
            ("c", "Claims the right to answer, see below."),
            ("?, q", "Help; the end."),
        ],
    },
    Section {
        title: "ANSWERING",
        entries: &[
            (
                "Who may",
                "Whoever can reach the agent's socket may look on. To answer takes the right, or a program could allow its own requests: c asks for the passphrase of the key store, which the agent has to have opened before (keyfob unlock); where there is no store, somebody is asked through an asking program or pinentry on a display. The right belongs to this screen. It ends with it, and when anything is locked.",
            ),
            (
                "Which questions",
                "All that wait, wherever else they are shown: an answer here closes the dialog there. With the right, questions come here first (ask.ways in keyfob-config(5)). What was started from this screen is asked about elsewhere.",
            ),
            (
                "Not by accident",
                "A key answers a question that has been shown for 0.4 seconds during which nothing was typed. Pasted text answers nothing.",
            ),
        ],
    },
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob watch", "In a pane or a window of its own."),
            (
                "tmux display-popup -w 80 -h 20 -E keyfob watch",
                "As a popup; 60 columns and 15 lines are enough.",
            ),
        ],
    },
    Section {
        title: "NOTES",
        entries: &[(
            "Ending",
            "It goes on when the agent ends, and says so until there is one again; ended then, it exits 2.",
        )],
    },
];
