//! Words about adding keys.

use std::path::Path;

use keyfob_config::duration;
use keyfob_keyfile as keyfile;
use keyfob_protocol::limits::MAX_COMMENT;

use super::passphrases::PASSPHRASE_FILE;
use super::{
    Voice, bytes, key_error, quoted, raw_note, refused_hint, shown, shown_path, uncapitalised,
};
use crate::exposure::Exposure;
use crate::output::{fact, hint, log_line, note};
use crate::{connection, destination, files, known_hosts, period, text};

/// Something that happened to a file that was to be added.
#[derive(Debug)]
pub(crate) enum Adding<'a> {
    /// The path leads to nothing that can be opened.
    Unopened(&'a files::Error),
    /// It was opened, but not read.
    Unread(&'a files::Error),
    /// Others may read it; whether that is a secret, and not something else.
    TooOpen { exposure: &'a Exposure, secret: bool },
    /// It holds no private key that can be used.
    Unusable { error: &'a keyfile::Error, beside: Option<&'a Path> },
    /// Nobody gave the passphrase, though a wrong one perhaps.
    GivenUp { wrong: bool },
    /// The agent has the key.
    Added { comment: &'a [u8], terms: &'a Terms },
    /// The agent does not want the key.
    Refused { comment: &'a [u8], error: &'a connection::Error },
    /// The key needs a token, and tokens are not supported.
    OnToken,
}

/// Something that happened to the certificate beside a key.
#[derive(Debug)]
pub(crate) enum Certifying<'a> {
    /// There is none, and nothing else was asked for.
    Missing,
    /// It is there, but cannot be used.
    Unusable(&'a str),
    /// It is another key's.
    Mismatch { key: &'a Path },
    /// It ended long enough ago.
    Expired,
    /// The agent has it.
    Added { id: &'a [u8], terms: &'a Terms },
    /// The agent does not want it.
    Refused { id: &'a [u8], error: &'a connection::Error },
}

/// How long and how the agent keeps a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// Seconds; `None` until the agent ends.
    pub(crate) lifetime: Option<u32>,
    /// Seconds without use.
    pub(crate) idle: Option<u32>,
    /// A person confirms each use.
    pub(crate) confirm: bool,
    /// Only to certain hosts.
    pub(crate) restricted: bool,
}

/// Something that happened to the paths before any of them was read.
#[derive(Debug)]
pub(crate) enum Gathering<'a> {
    /// The user database knows no home.
    NoHome,
    /// None of the usual files is there.
    NoUsualFile { home: &'a Path },
    /// A folder cannot be looked into.
    Closed(&'a Path, &'a files::Error),
    /// A file of a folder is not meant.
    Skipped(&'a Path, &'a str),
    /// No private key is in a folder.
    NoneInFolder(&'a Path),
}

impl Voice {
    /// Says what happened to paths. `ssh-add` adds single files and says little.
    pub(crate) fn gathering(self, event: &Gathering<'_>) {
        match (self, event) {
            (Self::OpenSsh, Gathering::NoHome) => {
                note(format!("No user found with uid {}", crate::account::number()));
            }
            (Self::OpenSsh, _) => {}
            (Self::Keyfob, Gathering::NoHome) => {
                fact("the user database has no home for this user");
            }
            (Self::Keyfob, Gathering::NoUsualFile { home }) => {
                let folder = shown_path(&home.join(".ssh"));
                fact(format!("no key with a usual name (id_ed25519 …) in {folder}"));
                hint("keyfob add PATH   adds a key from anywhere");
            }
            (Self::Keyfob, Gathering::Closed(path, error)) => {
                fact(format!("{}: {error}", shown_path(path)));
            }
            (Self::Keyfob, Gathering::Skipped(path, why)) => {
                note(format!("skipped {}: {why}", shown_path(path)));
            }
            (Self::Keyfob, Gathering::NoneInFolder(path)) => {
                fact(format!("{}: no private key in this folder", shown_path(path)));
                hint("folders inside it are not searched");
            }
        }
    }

    /// Says why a destination is none.
    pub(crate) fn bad_destination(self, error: &destination::Error) {
        match self {
            Self::OpenSsh => log_line(error.to_string()),
            Self::Keyfob => {
                fact(uncapitalised(&error.to_string()));
                if let destination::Error::NoHostKeys(host) = error {
                    let written = known_hosts::as_written(host);
                    if written != *host {
                        hint(format!("known hosts files name it {}", shown(written.as_bytes())));
                    }
                    hint("connect to it once with ssh, or name its known hosts file with -H FILE");
                }
            }
        }
    }

    /// Says what of the known hosts files could not be read.
    pub(crate) fn known_hosts_complaints(self, complaints: &[String]) {
        for complaint in complaints {
            match self {
                Self::OpenSsh => {}
                Self::Keyfob => note(complaint),
            }
        }
    }

    /// Says what happened to a key file.
    pub(crate) fn adding(self, path: &Path, event: &Adding<'_>) {
        match self {
            Self::Keyfob => keyfob(path, event),
            Self::OpenSsh => openssh(path, event),
        }
    }

    /// Says what happened to a certificate.
    pub(crate) fn certifying(self, path: &Path, event: &Certifying<'_>) {
        match self {
            Self::Keyfob => keyfob_certificate(path, event),
            Self::OpenSsh => openssh_certificate(path, event),
        }
    }

    /// Says how long what was added stays, once for a whole command.
    pub(crate) fn stays(self, lifetime: Option<u32>) {
        if self == Self::Keyfob {
            let until = match lifetime {
                Some(seconds) => format!("for {} at most", period::brief(seconds)),
                None => "until it is removed or the agent ends".to_owned(),
            };
            note(format!("For this session only: a key stays {until}."));
        }
    }
}

impl Voice {
    /// Says how keys outlive the session, to who has a place for them.
    pub(crate) fn could_stay(self, has_store: bool) {
        if self == Self::Keyfob && has_store {
            hint("--save keeps keys in the key store for good, --link remembers where files are");
        }
    }
}

fn openssh(path: &Path, event: &Adding<'_>) {
    let name = raw_note(bytes(path));
    match event {
        Adding::Unopened(error) => note(text![name, ": ", error.to_string()]),
        Adding::Unread(error) => {
            let reason = key_error::of_file(error);
            note(text!["Error loading key \"", name, "\": ", reason]);
        }
        Adding::TooOpen { exposure, secret } => {
            unprotected(&name, exposure);
            // The one line more than the original's that no script can mistake.
            if *secret {
                hint(exposure.remedy(path));
            } else if path.extension().is_some_and(|ending| ending == "pub") {
                hint("ssh-add needs the private key, usually the same name without .pub");
            }
        }
        Adding::Unusable { error, .. } => {
            note(text!["Error loading key \"", name, "\": ", key_error::of_key(error)]);
        }
        // Whoever types nothing knows what he did not type.
        Adding::GivenUp { .. } => {}
        Adding::Added { comment, terms } => {
            note(text!["Identity added: ", name, " (", raw_note(comment), ")"]);
            openssh_terms(terms);
        }
        Adding::Refused { error, .. } => {
            note(text!["Could not add identity \"", name, "\": ", key_error::of_agent(error)]);
        }
        Adding::OnToken => {
            note(text![
                "Cannot load FIDO key ",
                name,
                ": keyfob does not support security keys yet"
            ]);
        }
    }
}

fn openssh_certificate(path: &Path, event: &Certifying<'_>) {
    let name = raw_note(bytes(path));
    match event {
        // `ssh-add` takes what it cannot read for a certificate that is not there.
        Certifying::Unusable(_) | Certifying::Missing => {}
        Certifying::Mismatch { key } => {
            let key = raw_note(bytes(key));
            log_line(text!["Certificate ", name, " does not match private key ", key]);
        }
        Certifying::Expired => {
            log_line(text!["Certificate ", name, " has already expired; ignored"]);
        }
        Certifying::Added { id, terms } => {
            note(text!["Certificate added: ", name, " (", raw_note(id), ")"]);
            openssh_terms(terms);
        }
        Certifying::Refused { id, error } => {
            let reason = key_error::of_agent(error);
            log_line(text!["Certificate ", name, " (", raw_note(id), ") add failed: ", reason]);
        }
    }
}

fn openssh_terms(terms: &Terms) {
    if let Some(seconds) = terms.lifetime {
        note(format!("Lifetime set to {}", duration::format(seconds.into())));
    }
    if terms.confirm {
        note("The user must confirm each use of the key");
    }
}

/// The block every user of OpenSSH has seen once.
pub(super) fn unprotected(name: &[u8], exposure: &Exposure) {
    let rule = "@".repeat(59);
    log_line(&rule);
    log_line("@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @");
    log_line(&rule);
    log_line(text![exposure.permissions(), " for '", name, "' are too open."]);
    log_line("It is required that your private key files are NOT accessible by others.");
    log_line("This private key will be ignored.");
}

fn keyfob(path: &Path, event: &Adding<'_>) {
    let name = shown_path(path);
    match event {
        Adding::Unopened(error) | Adding::Unread(error) => {
            fact(format!("{name}: {}", uncapitalised(&error.to_string())));
            file_hint(path, error);
        }
        Adding::TooOpen { exposure, .. } => {
            fact(format!("{name}: {exposure}, so it is not used"));
            hint(exposure.remedy(path));
        }
        Adding::Unusable { error, beside } => {
            fact(format!("{name}: {error}"));
            key_error::hint(error, path, *beside);
        }
        Adding::GivenUp { wrong: false } => {
            fact(format!("{name}: no passphrase was given"));
            hint(PASSPHRASE_FILE);
        }
        Adding::GivenUp { wrong: true } => {
            fact(format!("{name}: wrong passphrase"));
            hint("it is the one the key file was made with, not that of your account");
        }
        Adding::Added { comment, terms } => {
            note(format!("added {name} ({}){}", shown(comment), in_words(terms)));
        }
        Adding::Refused { comment, error } if comment.len() > MAX_COMMENT => {
            fact(format!("{name}: {error}"));
            hint(format!(
                "its comment has {} bytes, and keyfob's agent takes {MAX_COMMENT}: keyfob comment {} TEXT   changes it",
                comment.len(),
                quoted(path)
            ));
        }
        Adding::Refused { error, .. } => {
            fact(format!("{name}: {error}"));
            refused_hint(error);
        }
        Adding::OnToken => {
            fact(format!(
                "{name}: the key lives on a security key (FIDO), which keyfob does not support yet"
            ));
        }
    }
}

fn keyfob_certificate(path: &Path, event: &Certifying<'_>) {
    let name = shown_path(path);
    match event {
        Certifying::Missing => {
            fact(format!("{name}: no such file, and only certificates were asked for"));
        }
        Certifying::Unusable(why) => fact(format!("{name}: {why}")),
        Certifying::Mismatch { key } => {
            fact(format!("{name}: the certificate is not for the key {}", shown_path(key)));
        }
        Certifying::Expired => {
            fact(format!("{name}: the certificate has expired, so it is not added"));
        }
        Certifying::Added { id, terms } => {
            note(format!("added {name} (certificate {}){}", shown(id), in_words(terms)));
        }
        Certifying::Refused { error, .. } => {
            fact(format!("{name}: {error}"));
            refused_hint(error);
        }
    }
}

pub(super) fn in_words(terms: &Terms) -> String {
    let mut words = String::new();
    if let Some(seconds) = terms.lifetime {
        words.push_str(&format!(", for {}", period::brief(seconds)));
    }
    if let Some(seconds) = terms.idle {
        words.push_str(&format!(", until unused for {}", period::brief(seconds)));
    }
    if terms.confirm {
        words.push_str(", asks before each use");
    }
    if terms.restricted {
        words.push_str(", for certain hosts only");
    }
    words
}

/// What can be done about a path that leads to no file.
fn file_hint(path: &Path, error: &files::Error) {
    let public = files::beside(path, ".pub");
    match error {
        error if error.is_missing() => match folder_of(path) {
            _ if public.is_file() => hint(format!(
                "only the public half is there ({}); the private one is needed",
                shown_path(&public)
            )),
            Some(folder) if folder.is_dir() => {
                hint(format!(
                    "keyfob add {}   adds every private key in that folder",
                    quoted(folder)
                ));
            }
            _ => {}
        },
        files::Error::NotAFile(_) | files::Error::SilentPipe => {
            hint("keyfob add -   reads a key from standard input");
        }
        _ => {}
    }
}

/// The folder a path's last part lies in.
fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}
