//! What the manual page of `keyfob doctor` says.

use super::sections::Section;

pub(super) const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Nothing is wrong. Notes and warnings may have been found."),
    (
        "1",
        "Something is wrong; with --strict, a warning is enough. Or the command line makes no sense.",
    ),
    ("2", "No agent answers, and nothing else is wrong."),
];

pub(super) const SECTIONS: &[Section] = &[
    Section {
        title: "WHAT IS LOOKED AT",
        entries: &[
            (
                "The agent that ssh asks",
                "Who answers at SSH_AUTH_SOCK: keyfob, by the extensions it serves, or which other agent, by the process that listens or by the name of the socket. Whether keyfob's own socket answers while the variable leads elsewhere.",
            ),
            (
                "Start files and services",
                "Lines in start files of shells that start another agent or set SSH_AUTH_SOCK, with their numbers; the same in environment.d, /etc/environment and ~/.pam_environment; what systemctl --user show-environment says. Files are searched, not run.",
            ),
            (
                "Other agents",
                "Programs of yours that run, with the socket they serve as far as the system tells; units of systemd that start one; enable-ssh-support in gpg-agent.conf.",
            ),
            (
                "keyfob's agent",
                "Whether it is older than this program, which of its measures are off (keyfob status --security), and whether a host is offered more than the six keys that most servers look at.",
            ),
            (
                "The configuration of ssh",
                "Yours and the system's, with what they include: IdentityAgent, IdentitiesOnly without a public half, values of AddKeysToAgent that ssh does not take, PKCS11Provider, ForwardAgent for every host, PubkeyAuthentication, and PubkeyAcceptedAlgorithms that leave a key of yours out. What holds under a condition is a warning; with --host ssh -G is asked, which connects to nothing and runs what Match exec says.",
            ),
            (
                "Permissions",
                "The home, ~/.ssh and what is in it, the key store, the log, the runtime folder and the socket: who may change them, and who owns them.",
            ),
            (
                "Key files",
                "Those in ~/.ssh and those IdentityFile names, as keyfob inspect sees them. No passphrase is asked for.",
            ),
            (
                "Key store, settings and log",
                "Each file of the key store as far as it shows locked (keyfob check proves all of it); the settings, as keyfob config check; the lines of the log whose key is not sealed (keyfob log verify proves the others).",
            ),
            (
                "On Windows",
                "In the place of services the account's own SSH_AUTH_SOCK; in that of programs and units whoever has the pipe of OpenSSH's programs, or of PuTTY's, and in gpg-agent.conf also enable-win32-openssh-support and enable-putty-support. What protects an agent on Linux alone is left out.",
            ),
        ],
    },
    Section {
        title: "WHAT IT NEVER DOES",
        entries: &[
            (
                "Change",
                "Nothing is written, sent to a server, unlocked or asked. Hints name commands; none is run.",
            ),
            (
                "Wait",
                "An agent has 2 seconds to answer, other programs a little more, everything together 12. A pipe, a device or a file that is too large is told of and not read. What was not looked at to the end is a warning that names where it stood.",
            ),
        ],
    },
    Section {
        title: "OUTPUT",
        entries: &[
            ("wrong", "Something does not work, or is open to others."),
            ("warning", "It is weak, or in the way in some cases."),
            ("note", "To know."),
            ("ok", "As it should be; shown with --all."),
            (
                "--json",
                "An object with findings, each with check, level, fact, hint, file and line; hint, file and line may be null. Names of checks and levels stay the same.",
            ),
        ],
    },
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob doctor", "Tells what is not as it should be, and what to do about it."),
            ("keyfob doctor --host git@example.com", "What holds for this host too."),
            (
                "keyfob doctor --json --strict > report.json",
                "For a script: the exit code says whether there was anything but notes.",
            ),
        ],
    },
];
