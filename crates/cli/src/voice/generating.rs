//! Words about making keys.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use keyfob_config::nearest;
use keyfob_keyfile::{self as keyfile, PrivateForm};
use keyfob_keys::generate::Kind;
use keyfob_keys::{Curve, HashKind, PublicKey, randomart};

use super::converting::GUESSED_FAST;
use super::{
    Voice, bytes, key_files, quoted, raw_data, raw_note, shown, shown_path, uncapitalised,
};
use crate::commands::generate::kind::{self, Refusal};
use crate::commands::generate::place::{self, Paths};
use crate::commands::generate::profile::Conflict;
use crate::output::{data, data_line, fact, hint, log_line, note};
use crate::passphrases::Unnamed;
use crate::strength::Guessing;
use crate::{files, saving, text};

/// A key that was made and saved.
pub(crate) struct Made<'a> {
    /// Its files.
    pub(crate) paths: &'a Paths,
    /// Its public half.
    pub(crate) key: &'a PublicKey,
    /// Its comment.
    pub(crate) comment: &'a [u8],
    /// Whether it has a passphrase.
    pub(crate) encrypted: bool,
    /// The form of the private half.
    pub(crate) form: PrivateForm,
    /// Whether the agent gets it next.
    pub(crate) handed_over: bool,
    /// The hash of its fingerprint.
    pub(crate) hash: HashKind,
    /// Where its public half goes, where that is known.
    pub(crate) next: Option<&'a str>,
}

/// Why a key was not made or not saved.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The search failed.
    Search(keyfob_keys::Error),
    /// It cannot be written so. `public`: its public half.
    Form { error: keyfile::Error, public: bool },
    /// It could not be saved.
    Save(saving::Error),
}

/// A type somebody can choose.
pub(crate) struct Choice {
    /// The type.
    pub(crate) kind: Kind,
    name: &'static str,
    why: &'static str,
}

/// The types, the usual one first.
pub(crate) const CHOICES: [Choice; 4] = [
    Choice { kind: Kind::Ed25519, name: "ed25519", why: "small and fast; taken nearly everywhere" },
    Choice {
        kind: Kind::Rsa { bits: 3072 },
        name: "rsa 3072",
        why: "large and slow; for machines and services that take nothing else",
    },
    Choice {
        kind: Kind::Ecdsa(Curve::P256),
        name: "ecdsa 256",
        why: "where rules ask for a NIST curve",
    },
    Choice {
        kind: Kind::MlDsa44Ed25519,
        name: "mldsa44-ed25519",
        why: "holds against quantum computers too; OpenSSH 10.4 and later only",
    },
];

/// A question of a conversation.
pub(crate) enum Question<'a> {
    /// Which type.
    Type,
    /// Where to; the usual place.
    Place(&'a Path),
    /// The comment; the usual one.
    Comment(&'a [u8]),
    /// Whether files may be replaced.
    Replace,
}

impl fmt::Display for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type => {
                writeln!(f, "What kind of key?")?;
                for (at, Choice { name, why, .. }) in CHOICES.iter().enumerate() {
                    writeln!(f, "  {}  {name:<16} {why}", at + 1)?;
                }
                write!(f, "Number or name [1]: ")
            }
            Self::Place(usual) => {
                let usual = shown_path(usual);
                write!(f, "Where to? A name goes to ~/.ssh, a path anywhere [{usual}]: ")
            }
            Self::Comment(usual) => write!(f, "A comment to know it by [{}]: ", shown(usual)),
            Self::Replace => write!(f, "Replace? The old key is lost then. (y/N) "),
        }
    }
}

impl Voice {
    /// There is no such key to make. `typed`: how the type was called.
    pub(crate) fn kind_refused(self, typed: &str, refusal: &Refusal) {
        match self {
            Self::OpenSsh => log_line(openssh_refusal(typed, refusal)),
            Self::Keyfob => {
                fact(match refusal {
                    Refusal::Unknown if !typed.is_empty() => {
                        format!("{refusal} {}", shown(typed.as_bytes()))
                    }
                    _ => refusal.to_string(),
                });
                if let Some(advice) = advice(refusal) {
                    hint(&*advice);
                }
            }
        }
    }

    /// A profile does not allow what was asked for.
    pub(crate) fn profile_refuses(self, conflict: &Conflict) {
        match conflict {
            // The type that has so many bits may be none for this place.
            Conflict::Kind(refusal @ Refusal::FixedBits { .. }) => fact(refusal.to_string()),
            Conflict::Kind(refusal) => self.kind_refused("", refusal),
            conflict => fact(conflict.to_string()),
        }
    }

    /// There is no such profile.
    pub(crate) fn no_such_profile(self, name: &str, known: &[&str]) {
        fact(format!("there is no profile {}", shown(name.as_bytes())));
        if let Some(meant) = nearest(name, known) {
            hint(format!("keyfob generate --for {meant}   if that was meant"));
        }
        hint("keyfob generate --for list   shows them");
    }

    /// This type does not go into the form.
    pub(crate) fn no_such_form(self, kind: Kind, why: &str) {
        fact(format!("{} in this form: {why}", kind::short_name(kind)));
    }

    /// It cannot be encrypted as wished.
    pub(crate) fn no_such_choice(self, why: String) {
        fact(why);
    }

    /// The file with the passphrase gives none.
    pub(crate) fn no_passphrase_file(self, path: &Path, error: &Unnamed) {
        key_files::no_passphrase_in(path, error);
        if matches!(error, Unnamed::Empty) {
            hint("--no-passphrase makes the key without one");
        }
    }

    /// What is there stays.
    pub(crate) fn kept(self) {
        note("Nothing was made, and what was there stays.");
    }

    /// The work begins.
    pub(crate) fn generating(self, called: &str) {
        if self == Self::OpenSsh {
            let called = raw_data(called.as_bytes()).into_owned();
            data_line(text!["Generating public/private ", called, " key pair."]);
        }
    }

    /// What stands on the bar while an RSA key is searched for.
    pub(crate) fn searching(self, bits: u32) -> String {
        format!("Searching for two primes of {} bits", bits.div_ceil(2))
    }

    /// The two questions for a new passphrase.
    pub(crate) fn passphrase_questions(self, path: &Path) -> (String, String) {
        let path = shown_path(path);
        match self {
            // Since 9.8; before that it did not name the file.
            Self::OpenSsh => (
                format!("Enter passphrase for \"{path}\" (empty for no passphrase): "),
                "Enter same passphrase again: ".to_owned(),
            ),
            Self::Keyfob => (
                format!("Passphrase for {path} (empty for none): "),
                "The same passphrase again: ".to_owned(),
            ),
        }
    }

    /// Puts `ssh-keygen`'s question for the file, which does not go to the terminal.
    pub(crate) fn asks_for_file(self, usual: &Path) {
        let usual = raw_data(bytes(usual));
        data(&text!["Enter file in which to save the key (", usual, "): "]);
    }

    /// Puts `ssh-keygen`'s question whether to overwrite.
    pub(crate) fn asks_to_overwrite(self, path: &Path) {
        data(&text![raw_data(bytes(path)), " already exists.\nOverwrite (y/n)? "]);
    }

    /// Something is there. Told before it is asked whether it may go.
    pub(crate) fn in_the_way(self, path: &Path, key: Option<&PublicKey>) {
        let what = key.map_or_else(String::new, |key| {
            let fingerprint = key.fingerprint(HashKind::Sha256);
            format!(" ({} {fingerprint})", key.short_name())
        });
        note(format!("{} is there already{what}.", shown_path(path)));
    }

    /// Something is there, and nobody said that it may go.
    pub(crate) fn not_replaced(self, path: &Path) {
        if self == Self::Keyfob {
            fact(format!("{}: there is a file of this name already", shown_path(path)));
            hint("keyfob generate --force   replaces it; the old key is lost then");
        }
    }

    /// A question cannot be put to anybody.
    pub(crate) fn nobody_for_passphrase(self) {
        fact("a passphrase was not given, and there is no terminal to ask on");
        hint(
            "--passphrase-file FILE names a file with it; --no-passphrase makes the key without one",
        );
    }

    /// A question was not answered.
    pub(crate) fn unanswered(self, error: &keyfob_prompt::Error) {
        match error {
            keyfob_prompt::Error::Cancelled => fact("no answer; nothing was made"),
            error => fact(error.to_string()),
        }
    }

    /// The place is none.
    pub(crate) fn no_such_place(self, error: &place::Error) {
        match (self, error) {
            (Self::OpenSsh, place::Error::File(error)) => openssh_unsaved(error, false),
            (Self::OpenSsh, error) => log_line(error.to_string()),
            (Self::Keyfob, place::Error::Folder(path, error)) => {
                fact(format!("{}: {}", shown_path(path), uncapitalised(&files::reason(error))));
            }
            (Self::Keyfob, error) => {
                fact(uncapitalised(&error.to_string()));
                if matches!(error, place::Error::Public) {
                    hint("name the private half; the public one gets .pub behind it");
                }
            }
        }
    }

    /// A folder was made.
    pub(crate) fn folder_made(self, folder: &Path) {
        match self {
            Self::OpenSsh => {
                log_line(text!["Created directory '", raw_note(bytes(folder)), "'."]);
            }
            Self::Keyfob => note(format!("Made the folder {}.", shown_path(folder))),
        }
    }

    /// There is no key.
    pub(crate) fn not_made(self, paths: &Paths, failure: &Failure) {
        match (self, failure) {
            (Self::OpenSsh, Failure::Save(error)) => {
                openssh_unsaved(error, error.path != paths.private);
            }
            (Self::OpenSsh, Failure::Form { error, .. }) => {
                let path = raw_note(bytes(&paths.private));
                let why = openssh_form(error);
                log_line(text!["Saving key \"", path, "\" failed: ", why]);
            }
            (Self::OpenSsh, Failure::Search(error)) => log_line(error.to_string()),
            (Self::Keyfob, Failure::Search(error)) => fact(error.to_string()),
            (Self::Keyfob, Failure::Form { error, public }) => {
                let path = if *public { &paths.public } else { &paths.private };
                fact(format!("{}: {error}", shown_path(path)));
            }
            (Self::Keyfob, Failure::Save(error)) => fact(error.to_string()),
        }
    }

    /// The key is there.
    pub(crate) fn made(self, made: &Made<'_>) {
        match self {
            Self::OpenSsh => openssh_made(made),
            Self::Keyfob => keyfob_made(made),
        }
    }
}

fn openssh_refusal(typed: &str, refusal: &Refusal) -> String {
    match refusal {
        Refusal::RsaBits(bits) if *bits < 1024 => {
            "Invalid RSA key length: minimum is 1024 bits".to_owned()
        }
        Refusal::RsaBits(_) => "Invalid RSA key length: maximum is 16384 bits".to_owned(),
        Refusal::EcdsaBits(_) => {
            "Invalid ECDSA key length: valid lengths are 256, 384 or 521 bits".to_owned()
        }
        _ => format!("unknown key type {}", shown(typed.as_bytes())),
    }
}

fn advice(refusal: &Refusal) -> Option<Cow<'static, str>> {
    let advice = match refusal {
        Refusal::Unknown => "-t takes ed25519, rsa, ecdsa or mldsa44-ed25519",
        Refusal::Dsa => "for machines that know neither Ed25519 nor ECDSA: -t rsa",
        Refusal::Ed448 => "-t ed25519 is as good for all practical purposes",
        Refusal::Token => "with the token plugged in, OpenSSH's ssh-keygen -t ed25519-sk makes one",
        Refusal::RsaWeak(_) => {
            "--weak makes it all the same, for a device that takes no longer one"
        }
        Refusal::FixedBits { wanted, .. } => {
            let name = kind::name_for_bits(*wanted)?;
            return Some(format!("-t {name} -b {wanted}   makes a key of that size").into());
        }
        Refusal::EcdsaBits(_) | Refusal::RsaBits(_) => return None,
    };
    Some(advice.into())
}

/// What `ssh-keygen` says of a form that does not take a key or a passphrase.
pub(super) fn openssh_form(error: &keyfile::Error) -> String {
    match error {
        keyfile::Error::PassphraseTooShort { .. } => {
            "passphrase is too short (minimum five characters)".to_owned()
        }
        // The original writes it, and whoever has the file has the key.
        keyfile::Error::Unsupported { what: keyfile::Feature::Cipher(name), .. }
            if name == "none" =>
        {
            "with cipher none a passphrase would protect nothing".to_owned()
        }
        error => error.to_string(),
    }
}

pub(super) fn openssh_unsaved(error: &saving::Error, public: bool) {
    let path = raw_note(bytes(&error.path));
    let reason = error.problem.io().map_or_else(|| error.problem.to_string(), files::reason);
    if public {
        log_line(text!["Unable to save public key to ", path, ": ", reason]);
    } else {
        log_line(text!["Saving key \"", path, "\" failed: ", reason]);
    }
}

fn openssh_made(made: &Made<'_>) {
    let Made { paths, key, comment, hash, .. } = made;
    let fingerprint = key.fingerprint(*hash).to_string();
    let public = raw_data(bytes(&paths.public));
    data(&text![
        "Your identification has been saved in ",
        raw_data(bytes(&paths.private)),
        "\nYour public key has been saved in ",
        public,
        "\nThe key fingerprint is:\n",
        fingerprint,
        " ",
        raw_data(comment),
        "\nThe key's randomart image is:\n",
        randomart(key, *hash)
    ]);
}

fn keyfob_made(made: &Made<'_>) {
    let Made { paths, key, comment, encrypted, form, handed_over, hash, next } = made;
    let private = shown_path(&paths.private);
    let how = if *encrypted { "encrypted with your passphrase" } else { "without a passphrase" };
    note(format!("The private half is in {private}, {how}: keep it to yourself."));
    if *encrypted && Guessing::at(*form) == Guessing::Fast {
        note(GUESSED_FAST);
    }
    let public = shown_path(&paths.public);
    match &paths.rfc4716 {
        None => note(format!("The public half is in {public}: give it to whom you like.")),
        Some(other) => {
            let other = shown_path(other);
            note(format!("The public half is in {public}, and as RFC 4716 in {other}."));
        }
    }
    note("The key fingerprint is:");
    note(format!("{} {}", key.fingerprint(*hash), shown(comment)));
    note("The key's randomart image is:");
    note(randomart(key, *hash).trim_end());
    note("The public half in one line, ready to paste:");
    data_line(raw_data(&key.to_line(comment)));
    note("What next:");
    for (command, purpose) in next_steps(paths, *handed_over) {
        note(format!("  {command}\n      {purpose}"));
    }
    if let Some(next) = next {
        note(format!("  {}", next.replace("PUBLIC", &quoted(&paths.public))));
    }
}

fn next_steps(paths: &Paths, handed_over: bool) -> Vec<(String, &'static str)> {
    let private = quoted(&paths.private);
    let mut steps =
        vec![(format!("keyfob copy-id -i {private} USER@HOST"), "lets you log in there with it")];
    if !handed_over {
        let add = format!("keyfob add {private}");
        steps.push((add, "gives it to the agent, for this session"));
    }
    steps
}
