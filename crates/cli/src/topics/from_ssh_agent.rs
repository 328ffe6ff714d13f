//! From OpenSSH's own programs.

use super::{Part, Topic, change};

pub(super) const TOPIC: Topic = Topic {
    name: "from-ssh-agent",
    others: &["from-openssh", "from-ssh-add", "from-ssh-keygen"],
    title: "coming from ssh-agent, ssh-add and ssh-keygen",
    parts: &[
        Part::Text(
            "Nothing has to be learnt anew: ssh, scp, sftp, git and all others find keyfob's agent where `SSH_AUTH_SOCK` points, and `ssh-add` works with it. Called by the name ssh-agent, ssh-add or ssh-keygen, by a link to the same program, keyfob takes their flags and prints their texts; see keyfob(1). Its own commands say more, and do more.",
        ),
        Part::Heading("FIRST STEPS"),
        Part::Lines(&["eval \"$(keyfob env)\"", "keyfob add ~/.ssh/id_ed25519", "keyfob list"]),
        Part::Text(
            "The first line goes into the start file of your shell, in the place of `eval \"$(ssh-agent)\"`. It starts an agent only where none of keyfob's is running, so all shells share one.",
        ),
        Part::Text(
            "That agent forgets at logout, as ssh-agent does. Keys that should stay go into the key store, under one passphrase. No start file has to add them then: the first ssh that needs one asks.",
        ),
        Part::Lines(&["keyfob import --from ssh-agent-config"]),
        Part::Text(
            "`keyfob setup` goes through all of this on a terminal, shows each step and asks before it.",
        ),
        Part::Heading("IN THE PLACE OF SSH-AGENT"),
        Part::Commands(&[
            change("eval \"$(ssh-agent)\"", "eval \"$(keyfob env)\"", "One agent for all shells."),
            change(
                "ssh-agent COMMAND",
                "keyfob agent -T COMMAND",
                "It has an agent of its own, which ends with it.",
            ),
            change("ssh-agent -t 8h", "keyfob agent -t 8h", "Or `lifetime` in keyfob-config(5)."),
            change("ssh-agent -D -a PATH", "keyfob agent -D -a PATH", ""),
            change("ssh-agent -k", "keyfob agent -k", ""),
            change("ssh-agent -u", "keyfob agent -u", "Removes dead sockets from ~/.ssh/agent."),
        ]),
        Part::Heading("IN THE PLACE OF SSH-ADD"),
        Part::Commands(&[
            change("ssh-add", "keyfob add", ""),
            change("ssh-add FILE", "keyfob add FILE", "A folder too, and any format of file."),
            change("ssh-add -t 8h -c FILE", "keyfob add -t 8h -c FILE", ""),
            change("ssh-add -h HOST FILE", "keyfob add -h HOST FILE", ""),
            change(
                "ssh-add -l",
                "keyfob list",
                "With life and limits; `keyfob list -l` is the old form.",
            ),
            change("ssh-add -L", "keyfob list -L", ""),
            change(
                "ssh-add -d FILE",
                "keyfob remove FILE",
                "Or its comment, or its number in the list.",
            ),
            change("ssh-add -D", "keyfob remove --all", ""),
            change("ssh-add -x", "keyfob lock", "Keeps no key in memory that could be used."),
            change("ssh-add -X", "keyfob unlock", ""),
            change("ssh-add -T FILE.pub", "keyfob test FILE.pub", ""),
        ]),
        Part::Heading("IN THE PLACE OF SSH-KEYGEN AND SSH-COPY-ID"),
        Part::Commands(&[
            change(
                "ssh-keygen",
                "keyfob generate",
                "Asks for everything; each answer is a flag too.",
            ),
            change("ssh-keygen -t rsa -b 4096", "keyfob generate -t rsa -b 4096", ""),
            change("ssh-keygen -f FILE -C TEXT", "keyfob generate -f FILE -C TEXT", ""),
            change("ssh-keygen -l -f FILE", "keyfob inspect FILE", "And what is weak about it."),
            change("ssh-keygen -L -f FILE-cert.pub", "keyfob inspect FILE-cert.pub", ""),
            change(
                "ssh-keygen -p -f FILE",
                "keyfob passphrase FILE",
                "No full disk costs the key.",
            ),
            change("ssh-keygen -c -f FILE", "keyfob comment FILE TEXT", ""),
            change(
                "ssh-keygen -y -f FILE",
                "keyfob public FILE",
                "`--copy` puts it on the clipboard.",
            ),
            change("ssh-keygen -e -f FILE", "keyfob public --rfc4716 FILE", ""),
            change("ssh-keygen -i -f FILE", "keyfob convert FILE --to line", ""),
            change(
                "ssh-keygen -p -m PEM -f FILE",
                "keyfob convert FILE --to pem -o NEW",
                "The old file stays.",
            ),
            change("ssh-copy-id -i FILE HOST", "keyfob copy-id -i FILE HOST", ""),
        ]),
        Part::Heading("UNDO THE OLD SET-UP"),
        Part::Entries(&[
            (
                "The agent that runs",
                "`ssh-agent -k` ends it. Do that first, in a shell whose variables still lead to it.",
            ),
            (
                "Start files",
                "Take what calls ssh-agent or ssh-add out of ~/.profile, ~/.bashrc, ~/.zshrc and the like: it would lead programs away from keyfob again.",
            ),
            (
                "The desktop",
                "Many desktops start an agent by themselves. `systemctl --user list-units '*ssh-agent*'` shows those that systemd starts, and `systemctl --user mask --now UNIT` stops one for good. In X sessions of Debian it is the word use-ssh-agent in /etc/X11/Xsession.options.",
            ),
            (
                "~/.ssh/config",
                "A line `IdentityAgent` goes before `SSH_AUTH_SOCK`: take it out, or let it name the socket that `keyfob env` prints. `AddKeysToAgent` works as before. `IdentitiesOnly` with an `IdentityFile` for each host is needed no more where it was only there against \"Too many authentication failures\": keyfob offers the key first that a host took last time, and `keyfob explain HOST` says which.",
            ),
        ]),
        Part::Heading("WHAT IS NOT THERE"),
        Part::Entries(&[
            (
                "Security keys and tokens",
                "Keys of FIDO devices (sk-*) and PKCS#11 libraries are not signed with yet. Leave those to ssh-agent, by an `IdentityAgent` for the hosts that need them.",
            ),
            (
                "Signatures, certificates, known hosts",
                "`ssh-keygen -Y`, `-s`, `-k`, `-F`, `-R` and `-H` stay with OpenSSH's ssh-keygen; what it signs with a key of the agent, keyfob's agent signs.",
            ),
            (
                "Going back",
                "Take the line out of the start file again. Key files were only read. What was made in the key store comes out with `keyfob export NAME -o FILE`.",
            ),
        ]),
    ],
};
