//! `add --save` and `add --link`: keys that outlive the session, in the key store.
//!
//! The agent is told nothing: it looks at the store itself. The files stay as they are.

use std::borrow::BorrowMut;
use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::PrivateFile;
use keyfob_keys::{PublicKey, Secret};
use keyfob_keystore::{Content, Destination, Facts, Name, New, Terms, Unlocked};
use keyfob_sys::hardening;
use secrecy::ExposeSecret as _;

use super::certificate::Found;
use super::sources::{self, Place};
use super::{Add, key_file};
use crate::exit::Exit;
use crate::key_store::{self, KeyStore, Names};
use crate::passphrases::{Passphrases, Source};
use crate::voice::adding::{Certifying, Gathering};
use crate::voice::{keeping as words, rewriting};

/// Which keys the store is to have, and how.
pub(crate) struct Keep {
    /// The keys and their limits, as for a session.
    pub(crate) add: Add,
    /// In which way.
    pub(crate) how: How,
    /// What the key shall be called, if it is one.
    pub(crate) name: Option<String>,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

/// The two ways of keeping a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The private half is in the store.
    Save,
    /// It stays in its file; the store knows where, and its passphrase.
    Link,
}

/// What came of it.
pub(crate) struct Kept {
    /// Whether all went well, but for keys that were there.
    pub(crate) exit: Exit,
    /// The keys that are in the store now.
    pub(crate) keys: Vec<KeptKey>,
    /// Those the store had before, and what it calls them.
    pub(crate) there: Vec<(PathBuf, Name)>,
    /// The rules they have there.
    terms: Terms,
}

/// A key that is in the store now.
pub(crate) struct KeptKey {
    /// Where it came from.
    pub(crate) path: PathBuf,
    /// What the store calls it.
    pub(crate) name: Name,
    /// The file of its public half.
    pub(crate) public: PathBuf,
    /// Whether its certificate came with it.
    pub(crate) certified: bool,
}

/// A key that was read.
struct Read {
    /// Where; none for standard input.
    path: Option<PathBuf>,
    file: PrivateFile,
    certificate: Option<PublicKey>,
    /// What opened the file.
    passphrase: Option<Secret>,
}

impl Keep {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.keep(environment).unwrap_or_else(|exit| exit)
    }

    fn keep(&self, environment: &Environment) -> Result<Exit, Exit> {
        let store = KeyStore::of(environment, &self.store)?;
        store.ensure_possible()?;
        let kept = self.keep_in(environment, || store.unlock_or_make())?;
        kept.there.iter().for_each(|(path, name)| words::there_already(path, name));
        if !self.add.quiet && !kept.keys.is_empty() {
            for KeptKey { path, name, public, certified } in &kept.keys {
                words::kept(self.how, path, name, public, &kept.terms, *certified);
            }
            words::files_stay(self.how, kept.keys.len());
        }
        let new = if kept.there.is_empty() { Exit::Success } else { Exit::Failure };
        Ok(kept.exit.and(new))
    }

    /// Reads the keys, and puts those that are new into a store, which is opened when there is one.
    pub(crate) fn keep_in<S: BorrowMut<Unlocked>>(
        &self,
        environment: &Environment,
        open: impl FnOnce() -> Result<S, Exit>,
    ) -> Result<Kept, Exit> {
        let name = self.name.as_deref().map(Name::new).transpose();
        let name = name.map_err(|error| key_store::failed(&error.into()))?;
        let terms = self.terms()?;
        let sources = sources::expand(&self.add.paths, self.add.voice);
        if name.is_some() && (sources.list.len() != 1 || !sources.folders.is_empty()) {
            words::one_name();
            return Err(Exit::Failure);
        }
        let mut exit = sources.exit;
        let mut barren: Vec<&Path> = sources.folders.iter().map(PathBuf::as_path).collect();
        let mut passphrases = self.passphrases(environment)?;
        let mut keys = Vec::new();
        for source in &sources.list {
            match self.read(source, &mut passphrases) {
                Ok(None) => continue,
                Ok(Some((read, result))) => {
                    exit = exit.and(result);
                    keys.push(read);
                }
                Err(result) => exit = exit.and(result),
            }
            barren.retain(|folder| source.name().parent() != Some(folder));
        }
        for folder in barren {
            self.add.voice.gathering(&Gathering::NoneInFolder(folder));
            exit = exit.and(Exit::Failure);
        }
        if keys.is_empty() {
            return Ok(Kept { exit, keys: Vec::new(), there: Vec::new(), terms });
        }
        let kept = self.put(open()?.borrow_mut(), keys, name.as_ref(), terms);
        Ok(Kept { exit: exit.and(kept.exit), ..kept })
    }

    fn terms(&self) -> Result<Terms, Exit> {
        let constraints = self.add.read_destinations().map_err(|error| {
            self.add.voice.bad_destination(&error);
            Exit::Fatal
        })?;
        let texts = self.add.destinations.iter().cloned();
        let destinations = texts
            .zip(constraints)
            .map(|(text, constraint)| Destination { text, constraint: constraint.to_bytes() });
        Ok(Terms {
            lifetime: self.add.lifetime,
            idle: self.add.idle,
            confirm: self.add.confirm,
            destinations: destinations.collect(),
        })
    }

    fn passphrases(&self, environment: &Environment) -> Result<Passphrases, Exit> {
        let passphrases = Passphrases::new(environment, self.add.voice).within(self.add.limits);
        passphrases.remembering_all().from(&self.add.passphrase).map_err(|error| {
            rewriting::no_passphrase_in(&self.add.passphrase, &error);
            Exit::Failure
        })
    }

    /// `None` for a file of a folder that is no private key.
    fn read(
        &self,
        source: &Place,
        passphrases: &mut Passphrases,
    ) -> Result<Option<(Read, Exit)>, Exit> {
        let path = match source {
            Place::Stdin => None,
            Place::File(path) | Place::InFolder(path) => Some(path.as_path()),
        };
        if self.how == How::Link && !path.is_some_and(|path| path.is_file() || !path.exists()) {
            words::no_file_to_link(source.name());
            return Err(Exit::Failure);
        }
        let Some(file) = key_file::load(source, passphrases, self.add.voice)? else {
            return Ok(None);
        };
        let (certificate, exit) = self.certificate(source.name(), &file);
        let passphrase =
            passphrases.used().map(|it| Secret::from(Box::<[u8]>::from(it.expose_secret())));
        let path = path.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        Ok(Some((Read { path, file, certificate, passphrase }, exit)))
    }

    /// The certificate beside a key. One that cannot be taken is no reason to leave the key.
    fn certificate(&self, name: &Path, file: &PrivateFile) -> (Option<PublicKey>, Exit) {
        let (path, found) = self.add.certificate_of(name, &file.key);
        let say = |event: &Certifying<'_>| {
            self.add.voice.certifying(&path, event);
            (None, Exit::Failure)
        };
        match found {
            Found::Nothing => (None, Exit::Success),
            Found::Unusable(why) => say(&Certifying::Unusable(&why)),
            Found::Mismatch => say(&Certifying::Mismatch { key: name }),
            Found::Expired => say(&Certifying::Expired),
            Found::Good { key, .. } => (Some(key.public().clone()), Exit::Success),
        }
    }

    fn put(
        &self,
        store: &mut Unlocked,
        keys: Vec<Read>,
        name: Option<&Name>,
        terms: Terms,
    ) -> Kept {
        let mut kept = Kept { exit: Exit::Success, keys: Vec::new(), there: Vec::new(), terms };
        let mut names = Names::of(store);
        let mut known: Vec<(PublicKey, Name)> = key_store::public_keys(store);
        let mut new = Vec::new();
        for read in keys {
            let public = read.file.key.public().plain();
            let shown = read.path.clone().unwrap_or_else(|| PathBuf::from(crate::key_file::STDIN));
            if let Some((_, name)) = known.iter().find(|(key, _)| *key == public) {
                kept.there.push((shown, name.clone()));
                continue;
            }
            let comment = key_store::comment_of(&read.file, read.path.as_deref());
            let free = || names.free(read.path.as_deref(), &comment);
            let Some(name) = name.cloned().or_else(free) else {
                words::no_free_name(&shown);
                kept.exit = Exit::Failure;
                continue;
            };
            known.push((public, name.clone()));
            let public = store.store().public_file(&name);
            let certified = read.certificate.is_some();
            kept.keys.push(KeptKey { path: shown, name: name.clone(), public, certified });
            new.push(self.item(read, name, comment, kept.terms.clone()));
        }
        if !new.is_empty()
            && let Err(error) = store.add(new)
        {
            kept.exit = key_store::failed(&error);
            kept.keys.clear();
        }
        kept
    }

    fn item(&self, read: Read, name: Name, comment: Vec<u8>, terms: Terms) -> New {
        let Read { path, file, certificate, passphrase } = read;
        let key = file.key.plain();
        let public = Some(key.public().clone());
        let comment = if comment.is_empty() { name.as_str().into() } else { comment };
        let facts = Facts { comment, created: key_store::now(), public, certificate, terms };
        let content = match (self.how, path) {
            (How::Link, Some(path)) => Content::Reference { path, passphrase },
            _ => Content::Key(key),
        };
        New { name, facts, content }
    }
}
