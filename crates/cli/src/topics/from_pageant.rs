//! From PuTTY's agent and its key generator.

use super::{Part, Topic, change};

pub(super) const TOPIC: Topic = Topic {
    name: "from-pageant",
    others: &["from-putty", "from-puttygen"],
    title: "coming from Pageant and PuTTYgen",
    parts: &[
        Part::Text(
            "Files of PuTTY (.ppk, versions 2 and 3, with certificates too) are used as they are: nothing has to be converted before keyfob reads it, and `keyfob convert` and `keyfob export` write such files for those who still need them. On Unix plink, pscp, psftp and PuTTY find keyfob's agent where `SSH_AUTH_SOCK` points, as ssh and git do.",
        ),
        Part::Heading("FIRST STEPS"),
        Part::Lines(&["eval \"$(keyfob env)\"", "keyfob add ~/keys/id.ppk", "keyfob list"]),
        Part::Text(
            "Keys that should be there after the next login without being added go into the key store; the first program that needs one asks for its passphrase. That is what Pageant calls adding a key encrypted, and it outlives the session.",
        ),
        Part::Lines(&["keyfob import ~/keys"]),
        Part::Heading("IN THE PLACE OF PAGEANT"),
        Part::Commands(&[
            change("pageant --permanent", "eval \"$(keyfob env)\"", ""),
            change(
                "pageant --exec COMMAND",
                "keyfob agent -T COMMAND",
                "The command's exit status is passed on.",
            ),
            change("pageant -a FILE", "keyfob add FILE", "Files of OpenSSH and others too."),
            change(
                "pageant -a --encrypted FILE",
                "keyfob add --save FILE",
                "With `--link` the file stays the only copy.",
            ),
            change("pageant -l", "keyfob list", ""),
            change("pageant -d ID", "keyfob remove NAME", ""),
            change("pageant -D", "keyfob remove --all", ""),
            change("pageant -R", "keyfob lock", "Re-encrypts all: seals every key, stored or not."),
            change("pageant --public-openssh ID", "keyfob list -L", ""),
            change(
                "pageant --test-sign ID",
                "keyfob test NAME",
                "Signs, and checks the signature.",
            ),
        ]),
        Part::Text(
            "`pageant` itself is a client of keyfob's agent as well. A file left with `pageant -a --encrypted` is listed as encrypted, the first program that needs its key has its passphrase asked for, and `pageant -r` and `-R` encrypt again what came from such a file or from the key store.",
        ),
        Part::Text(
            "Pageant refuses these: `keyfob add -t 8h -c FILE` for a lifetime and a question before each use, `keyfob add -h HOST FILE` for one host only.",
        ),
        Part::Heading("IN THE PLACE OF PUTTYGEN"),
        Part::Commands(&[
            change(
                "puttygen -t ed25519 -o FILE",
                "keyfob generate -f FILE --format ppk",
                "Without `--format` in OpenSSH's.",
            ),
            change(
                "puttygen -t rsa -b 4096 -o FILE",
                "keyfob generate -t rsa -b 4096 -f FILE",
                "The same with `--format`.",
            ),
            change(
                "puttygen FILE -L",
                "keyfob public FILE",
                "What to paste; `--copy` for the clipboard.",
            ),
            change("puttygen FILE -p", "keyfob public --rfc4716 FILE", ""),
            change("puttygen FILE -l", "keyfob inspect FILE", "And what is weak about it."),
            change("puttygen FILE --cert-info", "keyfob inspect FILE", ""),
            change("puttygen FILE -P", "keyfob passphrase FILE", ""),
            change("puttygen FILE -C TEXT", "keyfob comment FILE TEXT", ""),
            change(
                "puttygen FILE -O private-openssh-new -o NEW",
                "keyfob convert FILE --to openssh -o NEW",
                "",
            ),
            change(
                "puttygen FILE -O private-openssh -o NEW",
                "keyfob convert FILE --to pem -o NEW",
                "",
            ),
            change("puttygen FILE -O private -o NEW", "keyfob convert FILE --to ppk -o NEW", ""),
            change(
                "puttygen FILE --ppk-param version=2 -o NEW",
                "keyfob convert FILE --to ppk2 -o NEW",
                "For PuTTY before 0.75.",
            ),
        ]),
        Part::Heading("IN THE PLACE OF PUTTYGEN'S WINDOW"),
        Part::Commands(&[
            change("Generate", "keyfob generate", "Asks for everything; no mouse has to be moved."),
            change("Public key for pasting", "keyfob public --copy FILE", ""),
            change(
                "Save private key",
                "keyfob export NAME --format ppk -o FILE",
                "Of a key in the key store.",
            ),
            change(
                "Conversions, Import key",
                "keyfob convert FILE --to ppk -o NEW",
                "PKCS#8 and every cipher of OpenSSH too.",
            ),
            change(
                "Conversions, Export OpenSSH key",
                "keyfob convert FILE --to openssh -o NEW",
                "",
            ),
        ]),
        Part::Heading("UNDO THE OLD SET-UP"),
        Part::Entries(&[
            (
                "Pageant itself",
                "End it, and take it out of what starts with the session: a line in ~/.xsession or ~/.profile, an entry of the desktop's autostart. Key files named there need `keyfob import` once instead.",
            ),
            (
                "~/.ssh/config",
                "Pageant's `--openssh-config` writes a file with a line `IdentityAgent`, which goes before `SSH_AUTH_SOCK`: take out the `Include` that names it.",
            ),
            (
                "Saved sessions of PuTTY",
                "A private key file in a session is used beside the agent. Leave it, or clear it once `keyfob list` shows the key.",
            ),
            (
                "Weak keys",
                "`keyfob inspect FILE` marks ECDSA keys on P-521 (putty-p521): about sixty signatures of PuTTY 0.68 to 0.80 are enough to compute such a key (CVE-2024-31497). If one was used with them, replace it on the servers.",
            ),
        ]),
        Part::Heading("WHAT IS NOT THERE"),
        Part::Text(
            "Keys of SSH-1 and Ed448 keys are not read. Adding a key twice is no error: the new one replaces the old one, with its limits.",
        ),
        Part::Heading("GOING BACK"),
        Part::Text(
            "Key files were only read. What was made in the key store comes out with `keyfob export NAME --format ppk -o FILE`.",
        ),
    ],
};
