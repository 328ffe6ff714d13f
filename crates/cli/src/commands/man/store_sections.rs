//! What the manual pages of the key store's commands say beyond the flags.

use super::sections::Section;

/// The sections of a page, by the page's name; none for a page of something else.
pub(super) fn of(page: &str) -> &'static [Section] {
    match page {
        "keyfob-init" => INIT,
        "keyfob-import" => IMPORT,
        "keyfob-export" => EXPORT,
        "keyfob-rename" => RENAME,
        "keyfob-delete" => DELETE,
        "keyfob-set" => SET,
        "keyfob-recovery" => RECOVERY,
        "keyfob-account" => ACCOUNT,
        "keyfob-rekey" => REKEY,
        "keyfob-check" => CHECK,
        "keyfob-backup" => BACKUP,
        "keyfob-restore" => RESTORE,
        _ => &[],
    }
}

const INIT: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob init", "Asks for a passphrase twice and shows the recovery code once."),
            (
                "keyfob init --store-passphrase-file pass --recovery-file code",
                "Asks nothing; take the code away from this machine.",
            ),
        ],
    },
    Section {
        title: "THE KEY STORE",
        entries: &[
            (
                "What it is",
                "A folder of small files. Each key is sealed on its own (XChaCha20-Poly1305) under a random root key, and that is wrapped by the passphrase (Argon2id) and by the recovery code. RECOVERY.txt in it tells how to get keys out without keyfob.",
            ),
            (
                "What is in the clear",
                "Names, public keys, certificates and comments, as files that IdentityFile of ssh_config(5) can name. Where the file of a linked key is, its passphrase and the rules of keys are sealed.",
            ),
            (
                "Stored and linked",
                "A stored key is in the store itself (keyfob add --save). A linked key stays in its file, wherever that is, and the store remembers the place and the passphrase (keyfob add --link).",
            ),
            (
                "Several lines of standard input",
                "Where more than one flag is -, lines are taken as they would be asked for: of key files first, then of the store, then of new files.",
            ),
        ],
    },
    Section {
        title: "FILES",
        entries: &[
            (
                "~/.local/share/keyfob/store",
                "The key store, unless KEYFOB_STORE names another folder.",
            ),
            (
                "~/.local/state/keyfob/stores",
                "How new the store was when this machine saw it last, and which root key it had. Not to be synchronized: it is what makes an old copy show.",
            ),
        ],
    },
];

const IMPORT: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            ("keyfob import ~/keys /mnt/usb/old.ppk", "Takes in a folder and a file."),
            (
                "keyfob import --from ssh-agent-config",
                "Shows the keys ssh is configured with, asks, and takes them in.",
            ),
        ],
    },
    Section {
        title: "WHAT IS TAKEN",
        entries: &[
            (
                "Files",
                "Every format of keyfob inspect; of a folder its files, not those of folders in it. They are only read. A key is called as its file.",
            ),
            (
                "Passphrases",
                "Each is asked for once, and tried on the files that follow. The passphrase of a file does not matter in the store, which has its own.",
            ),
            (
                "Exit status",
                "1 when a private key that was found is not in the store afterwards, or a file that was named is none. A key that was there before is no failure.",
            ),
        ],
    },
];

const EXPORT: &[Section] = &[Section {
    title: "EXAMPLES",
    entries: &[
        ("keyfob export work -o work.key", "Asks for a passphrase for the new file."),
        (
            "keyfob export work --format ppk --new-passphrase-file pass -o work.ppk",
            "For PuTTY, without a question but that for the passphrase of the store.",
        ),
        (
            "keyfob export work --no-passphrase -o - | ssh box 'umask 077; cat > key'",
            "Without a passphrase; that has to be said.",
        ),
    ],
}];

const RENAME: &[Section] = &[Section {
    title: "NOTES",
    entries: &[(
        "Names",
        "Are names of files: letters of ASCII, digits and - _ . @ + =, at most 64. The public half moves along, so IdentityFile in ssh_config(5) has to follow.",
    )],
}];

const DELETE: &[Section] = &[Section {
    title: "NOTES",
    entries: &[(
        "What stays",
        "Files a key came from, exports, backups; of a linked key its file. To make an agent forget a key for this session, keyfob remove.",
    )],
}];

const SET: &[Section] = &[Section {
    title: "EXAMPLES",
    entries: &[
        ("keyfob set prod --confirm --lifetime 1h", "Asks before each use."),
        ("keyfob set prod --host me@db.example", "For one host only, known by its host keys."),
        ("keyfob set prod --host any --lifetime none --no-confirm", "Takes all limits away."),
        ("keyfob set prod --certificate prod-cert.pub", "Takes a new certificate."),
    ],
}];

const RECOVERY: &[Section] = &[Section {
    title: "EXAMPLES",
    entries: &[
        ("keyfob recovery new", "Shows a new code; the old one opens the store no more."),
        (
            "keyfob passphrase --store --recovery-code",
            "Sets a new passphrase, when the old one is lost.",
        ),
    ],
}];

const ACCOUNT: &[Section] = &[
    Section {
        title: "EXAMPLES",
        entries: &[
            (
                "keyfob account add",
                "Tells what is given up, and asks; from then on the login of this account opens the store on this machine.",
            ),
            (
                "keyfob account remove",
                "Only its passphrase and its recovery code open the store again.",
            ),
        ],
    },
    Section {
        title: "NOTES",
        entries: &[
            (
                "What is given up",
                "Whoever is logged in as you opens the store, and so does every program that runs as you. A stolen disk, a backup and a machine that shares the store need the passphrase as before.",
            ),
            (
                "Who keeps it",
                "On Windows DPAPI, which knows the account by its login; on macOS the login keychain. Elsewhere there is nobody for it, and it says so.",
            ),
            (
                "The agent",
                "Opens the store so once after its start, for programs of this machine. A request from beyond it, a key that wants the passphrase anew, and a store that was locked since, by whatever, are asked for as ever.",
            ),
            (
                "Commands",
                "That open the store do not ask; --store-passphrase-file is tried where it is given. keyfob passphrase --store, rekey, check and account add want the passphrase all the same. rekey takes it back.",
            ),
        ],
    },
];

const REKEY: &[Section] = &[Section {
    title: "NOTES",
    entries: &[
        (
            "When",
            "When somebody may have a copy of the store and its passphrase or code: keyfob passphrase --store alone leaves such a copy readable, and what is added later too.",
        ),
        (
            "What it does not undo",
            "Who opened an old copy has the keys in it. Replace those on the servers.",
        ),
    ],
}];

const CHECK: &[Section] = &[Section {
    title: "NOTES",
    entries: &[
        (
            "What is proved",
            "Every file opens and is the one that was written last, no key is missing, none was put back, and the files of linked keys are there.",
        ),
        (
            "--repair",
            "Takes away what writes left, files of deleted keys and older versions beside newer ones, writes public halves anew and gives moved files their names back. What is damaged stays where it is, and no key is deleted. It asks once, and one by one before it gives up a key or a way to unlock that is missing, takes an older version of a key as the newest, or keeps a way to unlock that is not in the list. Then it checks again.",
        ),
        ("Exit status", "1 while something is wrong, after --repair too."),
        (
            "--accept",
            "For a store that this machine refuses because it has seen a newer one or another root key: after a backup was put back by hand, or keyfob rekey on another machine.",
        ),
    ],
}];

const BACKUP: &[Section] = &[Section {
    title: "NOTES",
    entries: &[
        (
            "The file",
            "Is a tar archive of the folder, sealed as it is, and needs no passphrase to be made. It opens with the passphrase and the recovery code the store had then. Files of linked keys are not in it.",
        ),
        ("Without keyfob", "tar xf FILE unpacks it; RECOVERY.txt in it tells how to go on."),
    ],
}];

const RESTORE: &[Section] = &[Section {
    title: "NOTES",
    entries: &[(
        "What happens",
        "The backup is unpacked beside the store and opened there; only then it takes the place of the store, in one step. The store before it is kept beside it, under a name that is printed.",
    )],
}];
