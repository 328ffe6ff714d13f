//! From Funtoo's keychain, the script that shares one ssh-agent among logins.

use super::{Part, Topic, change};

pub(super) const TOPIC: Topic = Topic {
    name: "from-keychain",
    others: &["from-funtoo-keychain"],
    title: "coming from keychain",
    parts: &[
        Part::Text(
            "keychain starts one ssh-agent for all logins, leaves its variables in ~/.keychain and adds keys when you log in. `keyfob env` does the first without files that shells have to read, and the key store makes the last unneeded: keys are there at each login, and the passphrase is asked for when one is used, not before.",
        ),
        Part::Heading("FIRST STEPS"),
        Part::Lines(&[
            "eval \"$(keyfob env)\"",
            "keyfob import ~/.ssh/id_ed25519 ~/.ssh/id_work",
            "keyfob list",
        ]),
        Part::Text(
            "The first line takes the place of keychain's in the start file of your shell. Import is done once. In fish the line is `keyfob env | source`, in csh and tcsh keyfob-env(1) has it.",
        ),
        Part::Heading("COMMANDS"),
        Part::Commands(&[
            change("eval \"$(keychain --eval)\"", "eval \"$(keyfob env)\"", ""),
            change(
                "keychain --eval id_work",
                "keyfob import ~/.ssh/id_work",
                "Once, not at each login.",
            ),
            change(
                "keychain --confhost HOST",
                "keyfob import --from ssh-agent-config",
                "All keys that ~/.ssh/config names.",
            ),
            change(
                "keychain --timeout 60 id_work",
                "keyfob set id_work --lifetime 1h",
                "Or `keyfob add -t 1h FILE`, for this session.",
            ),
            change(
                "keychain --confirm id_work",
                "keyfob set id_work --confirm",
                "Or `keyfob add -c FILE`, for this session.",
            ),
            change(
                "keychain --clear",
                "keyfob lock",
                "Whoever logs in then has to know the passphrase. `logout` and `screen` below `[lock]` in keyfob-config(5) do it by themselves.",
            ),
            change("keychain -l", "keyfob list", ""),
            change("keychain -L", "keyfob list -L", ""),
            change("keychain -k mine", "keyfob agent -k", ""),
            change("keychain --quick, --noask", "", "Are not needed: `keyfob env` never asks."),
            change(
                "keychain --quiet",
                "",
                "Is not needed: it prints the variables and nothing else.",
            ),
            change(
                "keychain --systemd",
                "keyfob install",
                "systemd makes the socket at login and tells its other units; the agent starts with its first client. `keyfob uninstall` takes it back.",
            ),
            change(
                ". ~/.keychain/$HOSTNAME-sh",
                "eval \"$(keyfob env)\"",
                "In scripts and jobs of cron too. Where `XDG_RUNTIME_DIR` is not set, set it to /run/user/UID first: the agent's socket is there.",
            ),
        ]),
        Part::Heading("WHAT IS DIFFERENT"),
        Part::Entries(&[
            (
                "An agent that is there already",
                "keychain's `--inherit` takes over an agent that was forwarded or that the desktop started; `keyfob env` always leads to keyfob's. To use a forwarded agent in one shell, leave the line out there: in sh, `[ -n \"$SSH_CONNECTION\" ] || eval \"$(keyfob env)\"`.",
            ),
            (
                "Homes on several machines",
                "There is one agent for each machine, as with keychain, and its socket is not in the home.",
            ),
            (
                "Keys of gpg",
                "keychain also makes gpg-agent ask beforehand. keyfob leaves gpg alone; gpg-agent asks when it needs to. For gpg-agent as the agent of ssh, see keyfob-from-gpg-agent(7).",
            ),
        ]),
        Part::Heading("UNDO THE OLD SET-UP"),
        Part::Entries(&[
            (
                "The agent that runs",
                "`keychain -k mine` ends it and forgets its keys. Do that before the script goes.",
            ),
            (
                "Start files",
                "Take the lines with keychain, and those that read ~/.keychain, out of ~/.bash_profile, ~/.bashrc, ~/.zprofile, ~/.config/fish/config.fish and crontabs.",
            ),
            ("Files", "`rm -r ~/.keychain`; they hold no keys. Then remove the package."),
        ]),
        Part::Heading("GOING BACK"),
        Part::Text(
            "Put keychain's line in the place of the other one. Key files were only read and are where they were; a key that was made in the key store comes out with `keyfob export NAME -o FILE`.",
        ),
    ],
};
