//! From GnuPG's agent, where it serves ssh.

use super::{Part, Topic, change};

pub(super) const TOPIC: Topic = Topic {
    name: "from-gpg-agent",
    others: &["from-gpg", "from-gnupg"],
    title: "coming from gpg-agent with its support for ssh",
    parts: &[
        Part::Text(
            "Only its support for ssh is replaced: gpg itself goes on with gpg-agent. Two habits change. What ssh-add gives to gpg-agent stays on disk for good, and removing it says yes and does nothing; with keyfob `keyfob add` is for this session, `keyfob add --save` is for good, and both can be taken back. And gpg-agent asks on one terminal, the one it was told of last; keyfob asks where the program runs that wants the key.",
        ),
        Part::Heading("FIRST STEPS"),
        Part::Text(
            "gpg-agent gives no private key away, so keys come from the files they were added from:",
        ),
        Part::Lines(&[
            "eval \"$(keyfob env)\"",
            "keyfob init",
            "keyfob import ~/.ssh",
            "keyfob list",
        ]),
        Part::Text(
            "The first line belongs into the start file of your shell too. In which of these cases a key is, the list of gpg-agent's keys tells, `gpg-connect-agent 'KEYINFO --ssh-list --ssh-fpr' /bye`, beside the fingerprints of `keyfob list`:",
        ),
        Part::Entries(&[
            ("Its file is still there", "`keyfob import FILE` takes it."),
            (
                "Its file is gone",
                "Make a new one while the old one still opens the servers: `keyfob generate NAME --save`, then `keyfob copy-id -i ~/.local/share/keyfob/store/keys/NAME.pub HOST`.",
            ),
            (
                "It is an authentication subkey of an OpenPGP key",
                "Make a new one in the same way. The subkey can stay; ssh just does not need it any more.",
            ),
            (
                "It is on a smart card",
                "keyfob does not sign with cards yet. Leave the hosts that need it to gpg-agent, with a line in ~/.ssh/config below their `Host`: `IdentityAgent ~/.gnupg/S.gpg-agent.ssh`, or what `gpgconf --list-dirs agent-ssh-socket` prints.",
            ),
        ]),
        Part::Heading("COMMANDS"),
        Part::Commands(&[
            change(
                "export SSH_AUTH_SOCK=$(gpgconf --list-dirs agent-ssh-socket)",
                "eval \"$(keyfob env)\"",
                "",
            ),
            change("gpgconf --launch gpg-agent", "", "Is not needed: that line starts the agent."),
            change(
                "gpg-connect-agent updatestartuptty /bye",
                "",
                "Is not needed. The setting `ask.ways` says where questions go.",
            ),
            change(
                "ssh-add FILE",
                "keyfob add --save FILE",
                "For good. For this session, without `--save`.",
            ),
            change("ssh-add -t 8h -c FILE", "keyfob add -t 8h -c FILE", ""),
            change("ssh-add -l", "keyfob list", "`keyfob list --store` shows what stays."),
            change(
                "ssh-add -d FILE",
                "keyfob remove FILE",
                "From this session; `keyfob delete NAME` for good.",
            ),
            change("gpg --export-ssh-key ID", "keyfob list -L", "Or `keyfob public FILE`, of one."),
            change(
                "gpg-connect-agent reloadagent /bye",
                "keyfob lock",
                "No passphrase is remembered then.",
            ),
            change("gpg-preset-passphrase", "keyfob unlock --store-passphrase-file FILE", ""),
            change(
                "gpg --passwd ID",
                "keyfob passphrase --store",
                "One passphrase for all stored keys.",
            ),
        ]),
        Part::Heading("SETTINGS"),
        Part::Commands(&[
            change(
                "default-cache-ttl-ssh 1800",
                "keyfob set NAME --idle 30m",
                "For all keys: `key-idle = \"30m\"` below `[lock]` in keyfob-config(5).",
            ),
            change(
                "max-cache-ttl-ssh 7200",
                "keyfob set NAME --lifetime 2h",
                "For all keys: `session = \"2h\"` there.",
            ),
            change("confirm, in ~/.gnupg/sshcontrol", "keyfob set NAME --confirm", ""),
            change(
                "pinentry-program",
                "",
                "`ways = [\"pinentry\"]` below `[ask]` always asks with pinentry.",
            ),
        ]),
        Part::Heading("UNDO THE OLD SET-UP"),
        Part::Text("When `keyfob list` and a login have shown that all is there:"),
        Part::Entries(&[
            (
                "~/.gnupg/gpg-agent.conf",
                "Take `enable-ssh-support` out, and the settings whose names end in -ssh. `gpgconf --kill gpg-agent` makes it count; gpg starts the agent again when it needs it.",
            ),
            (
                "Start files",
                "Take the lines out that set `SSH_AUTH_SOCK`, `SSH_AGENT_PID` or `GPG_TTY` for the sake of ssh. `GPG_TTY` is still good for gpg.",
            ),
            (
                "The unit of systemd",
                "`systemctl --user mask --now gpg-agent-ssh.socket` where there is one; Debian enables it for everybody.",
            ),
            (
                "Copies on disk",
                "Keys that were added once lie in ~/.gnupg/private-keys-v1.d until `gpg-connect-agent 'DELETE_KEY KEYGRIP' /bye`, KEYGRIP being the 40 letters and digits of each line in the list above. Their lines in ~/.gnupg/sshcontrol can go too. A key that gpg itself uses must stay.",
            ),
        ]),
        Part::Heading("GOING BACK"),
        Part::Text(
            "Take the line with `keyfob env` out, the other ones in, and unmask the unit. Keys that came with `keyfob import` still have their files; one that was made in the key store comes out with `keyfob export NAME -o FILE`.",
        ),
    ],
};
