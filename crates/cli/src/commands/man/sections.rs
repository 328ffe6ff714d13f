//! What a manual page says beyond the flags: examples, exit codes, files, signals.

use keyfob_config::env::Name;

use super::{
    doctor, exits, file_sections, log_sections, moving_in, offering, questions, relaying, setup,
    store_sections, watching,
};

/// A heading with terms and their explanations.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) entries: &'static [(&'static str, &'static str)],
}

/// The sections of a page, by the page's name.
pub(super) fn of(page: &str) -> Vec<Section> {
    let own: &[Section] = match page {
        "keyfob" => MAIN,
        "keyfob-env" => ENV,
        "keyfob-agent" => AGENT,
        "keyfob-add" => ADD,
        "keyfob-list" => LIST,
        "keyfob-help" => HELP,
        "keyfob-generate" => GENERATE,
        "keyfob-remove" | "keyfob-test" => NAMES,
        "keyfob-hosts" | "keyfob-explain" => offering::SECTIONS,
        "keyfob-config" => CONFIG,
        "keyfob-doctor" => doctor::SECTIONS,
        "keyfob-watch" => watching::SECTIONS,
        "keyfob-relay" => relaying::SECTIONS,
        "keyfob-log" => log_sections::SECTIONS,
        "keyfob-setup" => setup::SECTIONS,
        "keyfob-install" => moving_in::INSTALL,
        "keyfob-uninstall" => moving_in::UNINSTALL,
        page => file_sections::of(page).unwrap_or_else(|| store_sections::of(page)),
    };
    let all = own.iter().map(|section| Section { ..*section }).chain(super::stored::section(page));
    let exits = Section { title: "EXIT STATUS", entries: exits::of(page) };
    all.chain([exits, see_also(page)]).collect()
}

fn see_also(page: &str) -> Section {
    let entries: &[_] = if page == "keyfob" {
        &[(
            "keyfob-from-ssh-agent(7), keyfob-from-gpg-agent(7), keyfob-from-pageant(7), keyfob-from-keychain(7), keyfob-config(5), ssh(1), ssh-agent(1), ssh-add(1)",
            "",
        )]
    } else {
        &[("keyfob(1), keyfob-agent(1), ssh-agent(1), ssh-add(1)", "")]
    };
    Section { title: "SEE ALSO", entries }
}

const MAIN: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            (
                "keyfob setup",
                "Sets everything up, step by step: finds keys, makes the key store, has the agent start by itself, tries a login.",
            ),
            (
                "eval \"$(keyfob env)\"",
                "Starts the agent if it is not running and tells this shell where it is.",
            ),
            ("keyfob add ~/keys", "Adds every private key in a folder."),
            ("keyfob add -t 8h -c id_work", "Adds a key for eight hours, asking before each use."),
            (
                "keyfob install --drop-in ~/bin",
                "Starts the agent at each login, and makes keyfob the ssh-agent, ssh-add and ssh-keygen of programs that look there first.",
            ),
        ],
    },
    Section {
        title: "ENVIRONMENT",
        entries: &[
            (
                Name::SshAuthSock.as_str(),
                "The socket of the agent the commands talk to. Without it they look where keyfob agent listens.",
            ),
            (
                Name::SshAgentPid.as_str(),
                "The process of that agent. Of one that a service manager starts keyfob env tells none: the number does not last.",
            ),
            (
                "SSH_ASKPASS, SSH_ASKPASS_REQUIRE, DISPLAY, WAYLAND_DISPLAY",
                "How to ask for a passphrase, as in ssh-add(1).",
            ),
            (Name::KeyfobConfig.as_str(), "The settings file, instead of the usual one."),
            (Name::KeyfobStore.as_str(), "The folder of the key store, instead of the usual one."),
            (Name::NoColor.as_str(), "No colours."),
        ],
    },
    Section {
        title: "JSON",
        entries: &[(
            "--json",
            "Prints one object, for scripts, and keyfob log the lines of the log as they are. Elsewhere the same word means the same in every command: fingerprint (SHA256:..., or as -E says), public_key (the line of a .pub file), type, bits and comment of a key, name of a key in the key store, file, fact and hint of what was found. Times are seconds since 1970, spans are seconds, and what is not known is null.",
        )],
    },
    Section {
        title: "FILES",
        entries: &[
            (
                "$XDG_RUNTIME_DIR/keyfob/agent.sock",
                "The agent's socket; without that folder it is below ~/.local/state/keyfob.",
            ),
            (
                "~/.config/keyfob/config.toml",
                "The settings, see keyfob-config(5); it need not be there.",
            ),
            ("~/.local/share/keyfob/store", "The key store: see keyfob-init(1)."),
            (
                "~/.ssh/id_rsa, id_ecdsa, id_ed25519, id_mldsa44_ed25519",
                "What keyfob add adds when no file is named.",
            ),
        ],
    },
];

const HELP: &[Section] = &[Section {
    title: "EXAMPLES",
    entries: &[
        ("keyfob help", "Lists the topics."),
        ("keyfob help from-gpg-agent", "Shows one: how to come from gpg-agent."),
        ("keyfob help config check", "Tells all of a command."),
    ],
}];

const ENV: &[Section] = &[Section {
    title: "EXAMPLES",
    entries: &[
        ("eval \"$(keyfob env)\"", "In sh, bash, dash, zsh and ksh."),
        ("eval `keyfob env`", "In csh and tcsh."),
        ("keyfob env | source", "In fish."),
        ("keyfob env | Out-String | Invoke-Expression", "In PowerShell."),
        ("keyfob env | from toml | load-env", "In Nushell."),
        (
            "for /f \"delims=\" %i in ('keyfob env') do @%i",
            "In cmd.exe; in a batch file with %%i instead of %i.",
        ),
    ],
}];

const CONFIG: &[Section] = &[Section {
    title: "EXAMPLES",
    entries: &[
        (
            "keyfob config check",
            "Tells whether the agent understands its settings, and if not where.",
        ),
        (
            "keyfob config check new.toml",
            "The same of a file that is still to become the settings.",
        ),
        ("keyfob config show", "Prints every setting with its value: a file to begin with."),
        (
            "$EDITOR $(keyfob config path)",
            "Changes them; what can be is described in keyfob-config(5).",
        ),
    ],
}];

const GENERATE: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob generate", "Asks for everything, on a terminal."),
            ("keyfob generate work --add", "Makes ~/.ssh/work and gives it to the agent."),
            (
                "keyfob generate -f deploy/id -C deploy --no-passphrase --json",
                "Asks nothing, for a script.",
            ),
            ("keyfob generate putty --format ppk", "Makes a key for PuTTY and WinSCP."),
            ("keyfob generate --for list", "Shows the places that are picky about keys."),
        ],
    },
    Section {
        title: "QUESTIONS",
        entries: &[
            (
                "Without arguments",
                "On a terminal the type, the place, the comment and the passphrase are asked; with arguments only the passphrase, and whether to replace a file.",
            ),
            (
                "Without a terminal",
                "Nothing is asked, but for a passphrase where SSH_ASKPASS can open a window. A missing answer is a failure that names its flag.",
            ),
        ],
    },
    Section {
        title: "FILES",
        entries: &[
            ("NAME", "The private half, readable by you alone."),
            ("NAME.pub", "The public half, in one line."),
            ("NAME.pub.rfc4716", "The same in the form of RFC 4716, with --rfc4716."),
        ],
    },
    Section {
        title: "SIGNALS",
        entries: &[(
            "SIGINT",
            "and every other signal that ends a program ends a search at once, with nothing written. A shell calls that 130.",
        )],
    },
];

const AGENT: &[Section] = &[questions::SECTION, SIGNALS];

const SIGNALS: Section = Section {
    title: "SIGNALS",
    entries: &[
        (
            "SIGTERM",
            "Ends the agent; its socket is removed. It exits 2, or 0 when the service manager made its socket.",
        ),
        (
            "SIGHUP",
            "Makes it read its settings again, see keyfob-config(5). It ends an agent in the foreground of a terminal, and one that was started as ssh-agent.",
        ),
        ("SIGINT", "The same in the foreground; ignored in the background."),
        ("SIGUSR1", "Makes it forget all keys."),
    ],
};

const ADD: &[Section] = &[Section {
    title: "KEY FILES",
    entries: &[
        (
            "What is read",
            "OpenSSH's format with every cipher of ssh -Q cipher; PEM (PKCS#1, SEC1) and PKCS#8, as \
             DER too; PuTTY's PPK 2 and 3, with the certificate inside; ssh.com's.",
        ),
        (
            "Passphrases",
            "Asked for once, and tried on the files that follow. An empty answer skips a file.",
        ),
        (
            "Certificates",
            "FILE-cert.pub is added with FILE, and leaves the agent five minutes after its end.",
        ),
        (
            "Permissions",
            "A key file others may read is not used: chmod 600 FILE closes it; on Windows the icacls line that is shown.",
        ),
    ],
}];

const NAMES: &[Section] = &[Section {
    title: "NAMES OF KEYS",
    entries: &[
        ("number", "The key's place in keyfob list."),
        ("comment", "The key's name in that list, if it is the only one of that name."),
        ("SHA256:... or MD5:...", "The fingerprint, or as much of it as no other key has."),
        (
            "file",
            "A file with the key's public or private half; it means the key and its certificates.",
        ),
    ],
}];

const LIST: &[Section] = &[Section {
    title: "COLUMNS",
    entries: &[
        (
            "FINGERPRINT",
            "On a terminal that is too narrow for the table only its beginning, and an ellipsis behind it. A key can be named by it as it stands there.",
        ),
        (
            "STATE",
            "ready; stored, in the key store until it is used; locked, sealed when the key store was locked; unverified, in a key store that was not unlocked yet; for a certificate also expired or not yet valid.",
        ),
        ("LIFE", "When the agent forgets the key; - is never. Only keyfob's agent tells it."),
        ("CONSTRAINTS", "confirm: asks before each use. destinations: only for certain hosts."),
        ("No keys", "An agent without keys, or a locked one, makes the exit status 1."),
    ],
}];
