//! Where keyfob differs from OpenSSH on purpose, and why. This table is the one place: each entry
//! names the case that shows both behaviours, and `CONTRIBUTING.md` repeats the table between its
//! markers (`KEYFOB_WRITE_DIVERGENCES=1 cargo test --test compliance divergences` writes it there).

use std::fs;
use std::path::{Path, PathBuf};

use keyfob_testkit::Divergence;
use libtest_mimic::{Completion, Failed, Trial};

/// Sorted by case.
pub(crate) const TABLE: &[Divergence] = &[
    Divergence {
        case: "add_files::a_pipe_in_the_place_of_a_file",
        original: "`ssh-add` waits for ever for someone to write into a named pipe",
        ours: "after 5 s without a writer it gives up and says why",
        reason: "a program that hangs without a word cannot be told from one that works",
    },
    Divergence {
        case: "add_list::a_comment_that_steers_the_terminal",
        original: "on a terminal `ssh-add -l` prints the control characters of a comment",
        ours: "it prints them escaped",
        reason: "whoever can add a key chooses its comment, and a terminal obeys such characters",
    },
    Divergence {
        case: "agent_command::the_agent_ends_with_the_command",
        original: "the agent polls for its parent and ends up to 10 s after the command",
        ours: "it ends when the command ends",
        reason: "keys must not outlive the session they were added for",
    },
    Divergence {
        case: "agent_socket::a_stale_socket",
        original: "`-a` on a socket of a dead agent is refused",
        ours: "the dead socket is replaced; a live one never is",
        reason: "an agent that was killed must be able to start again at its place",
    },
    Divergence {
        case: "binding::bytes_behind_a_bind",
        original: "bytes behind a session bind are ignored",
        ours: "the bind fails",
        reason: "a message is read to its last byte, or it is not the message it seems to be",
    },
    Divergence {
        case: "certificates::a_certificate_of_another_key",
        original: "an ECDSA or RSA certificate is taken with the private half of another key",
        ours: "it is refused",
        reason: "it could never sign what the certificate verifies",
    },
    Divergence {
        case: "confirmation::the_question",
        original: "a confirmation names the key and its fingerprint",
        ours: "below that it says what the signature is for, as far as the data tells",
        reason: "a yes to an unknown purpose is no consent",
    },
    Divergence {
        case: "confirmation::u3_a_question_and_the_others",
        original: "nobody is served while a confirmation is open",
        ours: "only the asking request waits",
        reason: "one forgotten dialog must not stop every ssh of the session",
    },
    Divergence {
        case: "confirmation::u4_a_client_that_leaves",
        original: "the dialog of a client that has left stays open",
        ours: "it is closed",
        reason: "a yes that nobody waits for any more teaches people to click yes",
    },
    Divergence {
        case: "destinations::no_destination_at_all",
        original: "a key restricted to an empty list of destinations is added without restriction",
        ours: "it is refused",
        reason: "a restriction must not turn into its opposite",
    },
    Divergence {
        case: "frames::an_empty_frame",
        original: "a frame of length 0 is kept until more bytes come, and then misread",
        ours: "it fails like any other malformed request",
        reason: "every complete frame gets exactly one reply",
    },
    Divergence {
        case: "identities::a_huge_comment",
        original: "a comment may be as long as a message",
        ours: "a comment has at most 4096 bytes",
        reason: "a few keys would make the list longer than clients read",
    },
    Divergence {
        case: "identities::halves_that_do_not_belong_together",
        original: "a key whose public and private halves differ is taken",
        ours: "it is refused",
        reason: "it could never sign what its public half verifies, and signing with mixed Ed25519 halves gives the private half away",
    },
    Divergence {
        case: "keygen_certificate::a_name_that_steers_the_terminal",
        original: "on a terminal `ssh-keygen -L` prints the control characters of a certificate's texts",
        ours: "it prints them escaped",
        reason: "whoever signs a certificate chooses its texts, and a terminal obeys such characters",
    },
    Divergence {
        case: "keygen_change::a_cancelled_question_for_the_new_passphrase",
        original: "who cancels the question for the new passphrase of `ssh-keygen -p` gets a key without one",
        ours: "nothing is changed",
        reason: "cancelling is not the wish for a key that lies open",
    },
    Divergence {
        case: "keygen_change::a_file_that_is_another_key_meanwhile",
        original: "`ssh-keygen -p` writes the key it has read over whatever has its name by then",
        ours: "a file that was changed while it asked is left as it is",
        reason: "a key that was made or put back meanwhile would be lost",
    },
    Divergence {
        case: "keygen_change::a_new_comment_without_room_to_write_it",
        original: "`ssh-keygen -c` truncates the private key, and removes it when it cannot be written",
        ours: "the old file stays as it was",
        reason: "a full disk must not cost a key",
    },
    Divergence {
        case: "keygen_change::a_new_passphrase_without_room_to_write_it",
        original: "`ssh-keygen -p` truncates the private key, and removes it when it cannot be written",
        ours: "the old file stays as it was",
        reason: "a full disk must not cost a key",
    },
    Divergence {
        case: "keygen_change::a_passphrase_and_no_cipher",
        original: "with `-Z none` a key gets a passphrase and lies in the file unencrypted",
        ours: "no such file is written; without a passphrase `none` is taken",
        reason: "what asks for a passphrase has to need it",
    },
    Divergence {
        case: "keygen_fingerprint::a_line_without_a_comment_behind_one_with",
        original: "`ssh-keygen -l` shows something of the line before in the place of the comment",
        ours: "it says `no comment`",
        reason: "the comment of one key is not that of another",
    },
    Divergence {
        case: "keygen_fingerprint::a_marked_line_of_known_hosts",
        original: "`ssh-keygen -l` passes over lines with `@cert-authority` and `@revoked`",
        ours: "it shows their keys as those of every other line",
        reason: "these are the lines whose keys most want checking",
    },
    Divergence {
        case: "keygen_fingerprint::a_private_key_elsewhere_than_in_the_first_line",
        original: "`ssh-keygen -l` knows a private key by its first line only, and never on standard input",
        ours: "it finds it wherever it begins",
        reason: "a blank line in front takes nothing from a key",
    },
    Divergence {
        case: "keygen_fingerprint::a_public_key_behind_a_byte_order_mark",
        original: "`ssh-keygen -l` finds no key in a file that an editor saved with a byte order mark, or as UTF-16",
        ours: "it shows the key",
        reason: "the file is good, and nobody sees what is wrong with it",
    },
    Divergence {
        case: "keygen_fingerprint::a_public_key_in_another_form",
        original: "`ssh-keygen -l` shows public keys in lines only",
        ours: "it shows those in RFC 4716 and PEM too",
        reason: "they are the same keys, and comparing fingerprints is what they are shown for",
    },
    Divergence {
        case: "keygen_generate::a_cancelled_question",
        original: "who cancels the question for the passphrase of a new key gets a key without one",
        ours: "no key is made",
        reason: "cancelling is not the wish for a key that lies open",
    },
    Divergence {
        case: "keygen_generate::a_failed_write_of_a_new_key",
        original: "when the public file cannot be written, the private one is left behind",
        ours: "neither is",
        reason: "a failure that leaves half of what was asked for has to be cleaned up by hand",
    },
    Divergence {
        case: "keygen_generate::answers_in_one_pipe",
        original: "a yes to overwriting is read with all that follows it, and the passphrases behind it are lost: the key is not encrypted",
        ours: "each question takes its own line",
        reason: "a key somebody gave a passphrase for must not lie open",
    },
    Divergence {
        case: "keygen_public::import_of_an_ed25519_key_that_is_no_point",
        original: "`ssh-keygen -i` hands on an Ed25519 key that is no point of its curve, or one of small order",
        ours: "it is no key, as with the other curves",
        reason: "nobody can sign with the one, and everybody with the other",
    },
    Divergence {
        case: "lifetime::a_lifetime_of_nothing",
        original: "a lifetime of 0 s is taken and the key is gone before it can be used",
        ours: "the add is refused",
        reason: "a success that adds nothing is not true",
    },
    Divergence {
        case: "locking::a_wrong_unlock_and_the_others",
        original: "nobody is served while a wrong unlock is being delayed",
        ours: "only the guesser waits",
        reason: "one connection must not be able to stop all the others",
    },
    Divergence {
        case: "malformed::a_shortened_lock",
        original: "a malformed LOCK ends the agent, and the keys are gone",
        ours: "it fails; any bytes are a passphrase, NUL among them",
        reason: "any client of the user could end the agent with six bytes",
    },
    Divergence {
        case: "malformed::a_shortened_unlock",
        original: "a malformed UNLOCK ends the agent, and the keys are gone",
        ours: "it fails and the agent stays locked",
        reason: "any client of the user could end the agent with six bytes",
    },
    Divergence {
        case: "malformed::bytes_behind_a_request",
        original: "bytes behind a complete request are ignored",
        ours: "the request fails, if it has fields at all",
        reason: "a message is read to its last byte, or it is not the message it seems to be",
    },
    Divergence {
        case: "signing::p1_both_rsa_flags",
        original: "with both RSA flags the signature is SHA-256",
        ours: "it is SHA-512",
        reason: "of two hashes the client can verify, the stronger",
    },
    Divergence {
        case: "signing::p2_an_unknown_flag",
        original: "unknown signature flags are ignored",
        ours: "the request is refused",
        reason: "a flag asks for something; signing without it would not be what was asked",
    },
];

const BEGIN: &str = "<!-- divergences: begin -->\n";
const END: &str = "<!-- divergences: end -->\n";

/// The table is sorted, and what `CONTRIBUTING.md` says is the table.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("divergences::the_table_is_sorted", || {
            if TABLE.is_sorted_by_key(|entry| entry.case) {
                Ok(())
            } else {
                Err("it is not".into())
            }
        }),
        Trial::ignorable_test("divergences::contributing_repeats_the_table", contributing),
    ]
}

fn markdown() -> String {
    let head = "| case | OpenSSH | keyfob | why |\n|---|---|---|---|\n".to_owned();
    TABLE.iter().fold(head, |text, entry| {
        let Divergence { case, original, ours, reason } = entry;
        text + &format!("| `{case}` | {original} | {ours} | {reason} |\n")
    })
}

fn contributing() -> Result<Completion, Failed> {
    let path = root().join("CONTRIBUTING.md");
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(Completion::ignored_with("there is no CONTRIBUTING.md yet"));
    };
    let section = text
        .split_once(BEGIN)
        .and_then(|(head, rest)| rest.split_once(END).map(|(section, tail)| (head, section, tail)));
    let Some((head, section, tail)) = section else {
        return Ok(Completion::ignored_with("CONTRIBUTING.md has no markers for the table"));
    };
    if section == markdown() {
        return Ok(Completion::Completed);
    }
    if std::env::var_os("KEYFOB_WRITE_DIVERGENCES").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{}{END}{tail}", markdown()))?;
        return Ok(Completion::Completed);
    }
    Err(format!("CONTRIBUTING.md does not repeat the table:\n{}", markdown()).into())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
