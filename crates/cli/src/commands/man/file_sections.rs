//! What the manual pages of the commands for key files say beyond the flags.

use super::sections::Section;

/// The sections of a page, by the page's name; none for a page of something else.
pub(super) fn of(page: &str) -> Option<&'static [Section]> {
    Some(match page {
        "keyfob-inspect" => INSPECT,
        "keyfob-convert" => CONVERT,
        "keyfob-passphrase" => PASSPHRASE,
        "keyfob-comment" => COMMENT,
        "keyfob-public" => PUBLIC,
        "keyfob-copy-id" => COPY_ID,
        _ => return None,
    })
}

const INSPECT: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob inspect ~/.ssh/id_*", "Tells what the usual files hold, and what is wrong."),
            ("keyfob inspect ~/.ssh/authorized_keys", "Shows each key with its line and options."),
            ("keyfob inspect --strict --json deploy/*", "Fails if there is a warning."),
        ],
    },
    Section {
        title: "FINDINGS",
        entries: &[
            (
                "Warnings",
                "weak-rsa (less than 2048 bits), dsa, md5-derivation, sha1-derivation and few-rounds (guessing the passphrase is cheap), no-passphrase, too-open (others may read the file), other-public-key and other-certificate (what lies beside the file belongs to another key), expired, sha1-certificate, bad-signature.",
            ),
            (
                "Notes",
                "small-rsa (less than 3072 bits), putty-p521 (a key that PuTTY 0.68 to 0.80 may have given away, CVE-2024-31497), not-yet-valid.",
            ),
            (
                "Guesses",
                "What a guess at the passphrase costs is an estimate for one core of a usual computer.",
            ),
        ],
    },
];

const CONVERT: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob convert id_rsa --to ppk -o id_rsa.ppk", "Makes a file for PuTTY and WinSCP."),
            ("keyfob convert key.pem --to openssh -o key.pem", "Replaces a file by a better one."),
            ("keyfob convert id.pub --to rfc4716", "Prints a public key in another form."),
        ],
    },
    Section {
        title: "WHAT IS LOST",
        entries: &[
            (
                "A comment",
                "Has no place in PEM and PKCS#8; on the way back it is taken from FILE.pub.",
            ),
            (
                "A certificate",
                "Has a place in files of PuTTY only; elsewhere it goes to OUT-cert.pub.",
            ),
        ],
    },
];

const PASSPHRASE: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            (
                "keyfob passphrase ~/.ssh/id_ed25519",
                "Asks for the old one, and twice for a new one.",
            ),
            ("keyfob passphrase -a 100 id", "Makes guessing four times as slow."),
            (
                "keyfob passphrase --passphrase-file old --new-passphrase-file new id",
                "Asks nothing, for a script.",
            ),
        ],
    },
    SAFETY,
];

const COMMENT: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[(
            "keyfob comment ~/.ssh/id_ed25519 'me at work'",
            "Changes it in the private file and in the .pub file beside it.",
        )],
    },
    SAFETY,
];

/// What holds for every command that writes a file anew.
const SAFETY: Section = Section {
    title: "SAFETY",
    entries: &[
        (
            "Writing",
            "A new file is made beside the old one, read back, and takes its name in one step: a full disk or a power cut leaves the old file or the new one. You must be able to write to the folder.",
        ),
        (
            "Copies",
            "Other hard links, backups and copies keep the old file, and its old passphrase.",
        ),
    ],
};

const PUBLIC: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob public id_ed25519 > id_ed25519.pub", "Makes the public file again."),
            ("keyfob public --copy id_ed25519", "Copies the line that websites ask for."),
        ],
    },
    Section {
        title: "CLIPBOARD",
        entries: &[
            (
                "With a display",
                "It is the desktop's; a process in the background keeps it there until something else is copied.",
            ),
            (
                "Without one",
                "The terminal is asked to (OSC 52), also through ssh. tmux hands it on with set-clipboard on, or allow-passthrough on. Not every terminal does it.",
            ),
        ],
    },
];

const COPY_ID: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob copy-id me@server", "Installs the keys of the agent."),
            (
                "keyfob copy-id -i ~/.ssh/work -p 2222 -o ProxyJump=gate server",
                "Installs one key, by a way through another server.",
            ),
        ],
    },
    Section {
        title: "ON THE SERVER",
        entries: &[
            (
                "~/.ssh/authorized_keys",
                "Is made if it is missing, for the account alone. A key that is there, with whatever options, is not added again; what is there stays.",
            ),
            ("Shell", "Any login shell will do that can start sh."),
        ],
    },
];
