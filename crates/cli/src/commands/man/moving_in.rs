//! What the manual pages of `keyfob install` and `keyfob uninstall` say beyond the flags.

use super::sections::Section;

pub(super) const INSTALL: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            (
                "keyfob install --dry-run",
                "Shows every file with its content and every command, and does nothing.",
            ),
            ("keyfob install", "Makes the agent start with the first program that asks for it."),
            (
                "keyfob install --shell",
                "Also for logins without a desktop, and where there is no systemd: adds the line with keyfob env to the start file of the login shell. --shell=fish says which.",
            ),
            (
                "keyfob install --drop-in ~/bin",
                "Also makes keyfob the ssh-agent, ssh-add and ssh-keygen of who looks there first.",
            ),
        ],
    },
    Section {
        title: "WHAT IT DOES",
        entries: &[
            (
                "Under systemd",
                "Writes keyfob.socket and keyfob.service for this user, unless a package brought units that start this very program; sets SSH_AUTH_SOCK in environment.d for programs of the next logins, and in the service manager for those it starts from now on; enables the socket. The agent starts with its first client.",
            ),
            (
                "On macOS",
                "Writes two jobs of launchd for this user: one whose socket leads to the agent, which starts with its first client, and one that sets SSH_AUTH_SOCK for the programs of each login, those of the Dock too. Loads both. Written by the documentation and not tried on a Mac yet.",
            ),
            (
                "On Windows",
                "Makes an entry in the start-up of the account (HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run), which starts the agent at each logon, by keyfobw.exe and so without a window where that lies beside keyfob.exe; and starts it now. No administrator is needed. OpenSSH's programs look for an agent at the pipe it has; where another agent has that pipe, as the service of Windows may, SSH_AUTH_SOCK is set among the variables of the account and leads them to a pipe of keyfob's own. With --drop-in the programs are copies.",
            ),
            (
                "Elsewhere",
                "Shows the line for the start file of the shell, and exits 1 as long as nothing was asked for that could be done. With --shell it is added at the end of the file, between two lines that mark it.",
            ),
            (
                "Again",
                "What is in place is left alone. Files of an older version, or for keyfob at another place, are renewed.",
            ),
            (
                "What is in the way",
                "A file or program that keyfob install did not put there is replaced only after a yes, or with --yes, and is kept beside it with .before-keyfob at the end of its name. So it asks before it ends an agent that holds keys and listens where the units do: nobody would find that agent any more.",
            ),
            (
                "Other agents",
                "One that wants SSH_AUTH_SOCK too (in environment.d, gpg-agent with enable-ssh-support, GNOME's) is named, and not changed.",
            ),
        ],
    },
    Section { title: "FILES", entries: FILES },
];

pub(super) const UNINSTALL: &[Section] = &[
    Section {
        title: "WHAT IT DOES",
        entries: &[
            (
                "The agent",
                "Of the units, or on Windows of the start-up, is ended; where it holds keys that are in no key store this is asked first, or said by --yes.",
            ),
            (
                "Files",
                "Go if they are as keyfob install wrote them. One that was changed since then is left and named, and so is what was kept with .before-keyfob at the end of its name. Of a start file the marked lines go and the rest stays as it was.",
            ),
            (
                "What stays",
                "Keys, the key store, the settings and the log: it says where they are. Units of a package are disabled and stay.",
            ),
        ],
    },
    Section { title: "FILES", entries: FILES },
];

const FILES: &[(&str, &str)] = &[
    ("~/.config/systemd/user/keyfob.socket, keyfob.service", "The units."),
    ("~/.config/environment.d/60-keyfob.conf", "SSH_AUTH_SOCK for the next logins."),
    (
        "~/Library/LaunchAgents/io.github.keyfob.agent.plist, io.github.keyfob.environment.plist",
        "The jobs, on macOS.",
    ),
    (
        "~/.local/state/keyfob/installed.json",
        "What was put where, for keyfob uninstall. On Windows in AppData\\Local\\keyfob\\data.",
    ),
];
