//! Gives private keys, and the certificates beside them, to the agent.
//!
//! Files are parsed here, in a process that may die, never in the agent. The
//! key files stay as they are; the agent keeps its copy for the session.

mod certificate;
pub(crate) mod keeping;
mod key_file;
pub(in crate::commands) mod sources;

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{Limits, PrivateFile};
use keyfob_keys::{PrivateKey, PublicKey};
use keyfob_protocol::destination::Constraint;
use keyfob_protocol::{AddIdentity, Constraints};
use keyfob_sys::os_text::OsStrExt as _;
use keyfob_sys::{hardening, user};

use crate::connection::{self, Connection};
use crate::destination::{self, Destinations};
use crate::exit::Exit;
use crate::passphrases::{Passphrases, Source};
use crate::voice::Voice;
use crate::voice::adding::{Adding, Certifying, Gathering, Terms};
use crate::voice::rewriting;
use crate::{files, finding, key_store};
use certificate::Found;
use sources::{Place, Sources};

#[cfg(test)]
pub(crate) use sources::USUAL_NAMES;
pub(crate) use sources::usual_files;

/// What is to be added and how.
#[derive(Debug, Clone)]
pub(crate) struct Add {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Files, folders, `-`; none for the usual files in `~/.ssh`.
    pub(crate) paths: Vec<PathBuf>,
    /// Keys, certificates or both.
    pub(crate) halves: Halves,
    /// Seconds the agent keeps them.
    pub(crate) lifetime: Option<u32>,
    /// Seconds without use.
    pub(crate) idle: Option<u32>,
    /// Whether a certificate leaves the agent soon after its end.
    pub(crate) certificates_expire: bool,
    /// Whether a person confirms each use.
    pub(crate) confirm: bool,
    /// Destinations as typed; none for everywhere.
    pub(crate) destinations: Vec<Vec<u8>>,
    /// Known hosts files for them; none for the usual ones.
    pub(crate) known_hosts: Vec<PathBuf>,
    /// Where the passphrases come from.
    pub(crate) passphrase: Source,
    /// How much work a file may make.
    pub(crate) limits: Limits,
    /// Whether success is not worth a word.
    pub(crate) quiet: bool,
}

/// Which of a key's two halves are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Halves {
    /// The plain key; not with `-C`.
    pub(crate) keys: bool,
    /// Its certificate; not with `-k`.
    pub(crate) certificates: bool,
}

impl Halves {
    /// From the two flags that each leave one out.
    pub(crate) fn from_flags(only_certificates: bool, only_keys: bool) -> Self {
        Self { keys: !only_certificates, certificates: !only_keys }
    }
}

impl Add {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        // Passphrases and keys are about to pass through this process.
        let _ = hardening::protect_process();
        let mut connection = match finding::connect(environment, self.voice) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        // Nobody should type a passphrase for a key that will be refused.
        if self.voice == Voice::Keyfob && connection.is_locked() == Some(true) {
            self.voice.locked();
            return Exit::Failure;
        }
        let destinations = match self.read_destinations() {
            Ok(destinations) => destinations,
            Err(error) => {
                self.voice.bad_destination(&error);
                return Exit::Fatal;
            }
        };
        let sources = sources::expand(&self.paths, self.voice);
        let passphrases = Passphrases::new(environment, self.voice).within(self.limits);
        let passphrases = match passphrases.confirming(self.confirm).from(&self.passphrase) {
            Ok(passphrases) => passphrases,
            Err(error) => {
                rewriting::no_passphrase_in(&self.passphrase, &error);
                return Exit::Failure;
            }
        };
        let has_store = self.voice == Voice::Keyfob && key_store::is_there(environment);
        let mut work =
            Work { plan: self, connection, destinations, passphrases, has_store, last: None };
        let exit = work.add_all(&sources);
        if work.plan.voice == Voice::Keyfob && !work.plan.quiet {
            work.say_how_long_keys_stay();
        }
        exit
    }

    /// The certificate of a key, and the file it is in.
    fn certificate_of(&self, name: &Path, key: &PrivateKey) -> (PathBuf, Found) {
        let beside = files::beside(name, certificate::ENDING);
        match key.public().certificate() {
            _ if !self.halves.certificates => (beside, Found::Nothing),
            // A file of PuTTY may hold both.
            Some(_) => (name.to_owned(), certificate::inside(self, key)),
            None => (beside, certificate::beside(self, name, key)),
        }
    }

    fn read_destinations(&self) -> Result<Vec<Constraint>, destination::Error> {
        if self.destinations.is_empty() {
            return Ok(Vec::new());
        }
        let home = user::home_directory();
        let mut reader = Destinations::new(&self.known_hosts, home.as_deref());
        let read = self.destinations.iter().map(|text| reader.read(text)).collect();
        self.voice.known_hosts_complaints(&reader.complaints);
        read
    }
}

/// The command under way.
struct Work {
    plan: Add,
    connection: Connection,
    destinations: Vec<Constraint>,
    passphrases: Passphrases,
    /// Whether there is a key store the keys could have gone to.
    has_store: bool,
    /// What the agent took last.
    last: Option<PublicKey>,
}

impl Work {
    /// One bad file never hides the rest.
    fn add_all(&mut self, sources: &Sources) -> Exit {
        let mut exit = sources.exit;
        // Folders in which no private key has turned up yet.
        let mut barren: Vec<&Path> = sources.folders.iter().map(PathBuf::as_path).collect();
        let mut looked = 0;
        for (at, source) in sources.list.iter().enumerate() {
            if at >= looked {
                looked = at + self.look_ahead(&sources.list[at..]);
            }
            if let Some(result) = self.add(source) {
                barren.retain(|folder| source.name().parent() != Some(folder));
                exit = exit.and(result);
            }
        }
        for folder in barren {
            self.plan.voice.gathering(&Gathering::NoneInFolder(folder));
            exit = exit.and(Exit::Failure);
        }
        exit
    }

    /// Has the next files opened on all cores at once, as far as the passphrase at hand opens them.
    /// Returns how many were looked at.
    fn look_ahead(&mut self, next: &[Place]) -> usize {
        let count = self.passphrases.looks_ahead_by().min(next.len());
        let files: Vec<_> = next[..count].iter().filter_map(key_file::peek).collect();
        self.passphrases.look_ahead(files);
        count
    }

    /// `None` for a file of a folder that is no private key.
    fn add(&mut self, source: &Place) -> Option<Exit> {
        let name = source.name();
        let voice = self.plan.voice;
        let PrivateFile { key, comment } =
            match key_file::load(source, &mut self.passphrases, voice) {
                Ok(Some(file)) => file,
                Ok(None) => return None,
                Err(exit) => return Some(exit),
            };
        let comment = comment_of(comment, name);
        let halves = self.plan.halves;
        let (certificate, found) = self.plan.certificate_of(name, &key);
        let plain = halves.keys.then(|| self.add_plain(name, key.plain(), &comment));
        let certified = self.add_certificate(name, &certificate, found, &comment);
        Some(match (plain, voice) {
            // `ssh-add` counts the plain key only, unless certificates are all it is to add.
            (Some(plain), Voice::OpenSsh) => plain,
            (Some(plain), Voice::Keyfob) => plain.and(certified.unwrap_or(Exit::Success)),
            (None, _) => certified.unwrap_or(Exit::Failure),
        })
    }

    fn add_plain(&mut self, name: &Path, key: PrivateKey, comment: &[u8]) -> Exit {
        let voice = self.plan.voice;
        match self.send(key, comment, self.plan.lifetime) {
            Ok(terms) => {
                if !self.plan.quiet {
                    voice.adding(name, &Adding::Added { comment, terms: &terms });
                }
                Exit::Success
            }
            Err(error) => {
                voice.adding(name, &Adding::Refused { comment, error: &error });
                Exit::Failure
            }
        }
    }

    /// `None` when there is no certificate.
    fn add_certificate(
        &mut self,
        name: &Path,
        path: &Path,
        found: Found,
        comment: &[u8],
    ) -> Option<Exit> {
        let Halves { keys, certificates } = self.plan.halves;
        let voice = self.plan.voice;
        let say = |event: &Certifying<'_>| voice.certifying(path, event);
        match found {
            Found::Nothing if keys || !certificates => return None,
            Found::Nothing => say(&Certifying::Missing),
            Found::Unusable(why) => say(&Certifying::Unusable(&why)),
            Found::Mismatch => say(&Certifying::Mismatch { key: name }),
            Found::Expired => say(&Certifying::Expired),
            Found::Good { key, id, lifetime } => match self.send(key, comment, lifetime) {
                Ok(terms) => {
                    if !self.plan.quiet {
                        say(&Certifying::Added { id: &id, terms: &terms });
                    }
                    return Some(Exit::Success);
                }
                Err(error) => say(&Certifying::Refused { id: &id, error: &error }),
            },
        }
        Some(Exit::Failure)
    }

    fn send(
        &mut self,
        key: PrivateKey,
        comment: &[u8],
        lifetime: Option<u32>,
    ) -> Result<Terms, connection::Error> {
        let constraints = Constraints {
            lifetime,
            idle: self.plan.idle,
            confirm: self.plan.confirm,
            destinations: self.destinations.clone(),
        };
        let terms = Terms {
            lifetime,
            idle: constraints.idle,
            confirm: constraints.confirm,
            restricted: !constraints.destinations.is_empty(),
        };
        let public = key.public().clone();
        self.connection.add(AddIdentity { key, comment: comment.to_vec(), constraints })?;
        self.last = Some(public);
        Ok(terms)
    }

    /// The agent may have a lifetime of its own for keys that come without one.
    fn say_how_long_keys_stay(&mut self) {
        let Some(last) = self.last.take() else {
            return;
        };
        let lifetime = self.plan.lifetime.or_else(|| {
            let known = self.connection.details().ok()??.identities;
            let added = known.into_iter().find(|detail| detail.key_blob == last.blob())?;
            // It tells whole seconds, and part of the first one is over.
            added.expires_in.map(|seconds| seconds.saturating_add(1))
        });
        self.plan.voice.stays(lifetime);
        self.plan.voice.could_stay(self.has_store);
    }
}

/// What the agent and its listings call the key: never nothing (agents.md P9).
fn comment_of(mut comment: Vec<u8>, name: &Path) -> Vec<u8> {
    // The tools end a comment at a NUL, and agents refuse one inside.
    if let Some(end) = comment.iter().position(|byte| *byte == 0) {
        comment.truncate(end);
    }
    if comment.is_empty() {
        return name.as_os_str().as_bytes().to_vec();
    }
    comment
}
