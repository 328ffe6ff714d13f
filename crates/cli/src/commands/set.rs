//! Changes the rules of a key of the store, its comment and its certificate.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keys::PublicKey;
use keyfob_keystore::limits::MAX_COMMENT;
use keyfob_keystore::{Destination, Facts};
use keyfob_sys::{hardening, user};

use crate::destination::Destinations;
use crate::exit::Exit;
use crate::key_store::{self, KeyStore};
use crate::passphrases::Source;
use crate::public_file;
use crate::voice::{Voice, tending as words};

/// What is to become of which key.
pub(crate) struct Set {
    /// What it is called.
    pub(crate) name: String,
    /// What changes.
    pub(crate) changes: Changes,
    /// Known hosts files for destinations; none for the usual ones.
    pub(crate) known_hosts: Vec<PathBuf>,
    /// Where the passphrase of the store comes from.
    pub(crate) store: Source,
}

/// What changes; `None` for what stays. Inside: `None` takes it away.
pub(crate) struct Changes {
    /// Seconds.
    pub(crate) lifetime: Option<Option<u32>>,
    /// Seconds.
    pub(crate) idle: Option<Option<u32>>,
    /// Whether a person confirms each use.
    pub(crate) confirm: Option<bool>,
    /// As typed; empty for everywhere.
    pub(crate) hosts: Option<Vec<Vec<u8>>>,
    /// The comment.
    pub(crate) comment: Option<Vec<u8>>,
    /// A certificate's file.
    pub(crate) certificate: Option<Option<PathBuf>>,
}

impl Set {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.set(environment).err().unwrap_or(Exit::Success)
    }

    fn set(&self, environment: &Environment) -> Result<(), Exit> {
        // Everything that can be wrong with it, before anybody types a passphrase.
        let destinations = self.destinations()?;
        let certificate = self.certificate()?;
        self.check_comment()?;
        let mut store = KeyStore::of(environment, &self.store)?.unlock()?;
        let item = key_store::named(&store, &self.name)?;
        if let Some(Some(certificate)) = &certificate {
            ensure_of_key(certificate, &item.facts, self.certificate_file())?;
        }
        let mut facts = item.facts.clone();
        self.apply(&mut facts, destinations.clone(), certificate.clone());
        if facts == item.facts {
            words::set_already(&item.name);
            return Ok(());
        }
        // What another program changed meanwhile stays changed: only this is applied to it.
        let (mut before, mut after) = (Facts::default(), Facts::default());
        let changed = store.change(&item.name, |facts, _| {
            before.clone_from(facts);
            self.apply(facts, destinations, certificate);
            after.clone_from(facts);
        });
        changed.map_err(|error| key_store::failed(&error))?;
        words::set(&item.name, &before, &after);
        Ok(())
    }

    fn apply(
        &self,
        facts: &mut Facts,
        destinations: Option<Vec<Destination>>,
        certificate: Option<Option<PublicKey>>,
    ) {
        if let Some(lifetime) = self.changes.lifetime {
            facts.terms.lifetime = lifetime;
        }
        if let Some(idle) = self.changes.idle {
            facts.terms.idle = idle;
        }
        if let Some(confirm) = self.changes.confirm {
            facts.terms.confirm = confirm;
        }
        if let Some(destinations) = destinations {
            facts.terms.destinations = destinations;
        }
        if let Some(comment) = &self.changes.comment {
            facts.comment.clone_from(comment);
        }
        if let Some(certificate) = certificate {
            facts.certificate = certificate;
        }
    }

    fn destinations(&self) -> Result<Option<Vec<Destination>>, Exit> {
        let Some(texts) = &self.changes.hosts else {
            return Ok(None);
        };
        let home = user::home_directory();
        let mut reader = Destinations::new(&self.known_hosts, home.as_deref());
        let read = texts.iter().map(|text| {
            let constraint = reader.read(text)?.to_bytes();
            Ok(Destination { text: text.clone(), constraint })
        });
        let read: Result<Vec<Destination>, _> = read.collect();
        Voice::Keyfob.known_hosts_complaints(&reader.complaints);
        read.map(Some).map_err(|error| {
            Voice::Keyfob.bad_destination(&error);
            Exit::Fatal
        })
    }

    fn certificate_file(&self) -> &Path {
        let file = self.changes.certificate.as_ref().and_then(Option::as_deref);
        file.unwrap_or(Path::new(""))
    }

    fn certificate(&self) -> Result<Option<Option<PublicKey>>, Exit> {
        let path = match &self.changes.certificate {
            None => return Ok(None),
            Some(None) => return Ok(Some(None)),
            Some(Some(path)) => path,
        };
        match public_file::load(path) {
            Ok((key, _)) if key.certificate().is_some() => Ok(Some(Some(key))),
            Ok(_) => {
                words::no_certificate(path);
                Err(Exit::Failure)
            }
            Err(error) => {
                words::certificate_unread(path, &error);
                Err(Exit::Failure)
            }
        }
    }

    fn check_comment(&self) -> Result<(), Exit> {
        let Some(comment) = &self.changes.comment else {
            return Ok(());
        };
        if comment.len() > MAX_COMMENT || comment.iter().any(u8::is_ascii_control) {
            words::bad_comment();
            return Err(Exit::Failure);
        }
        Ok(())
    }
}

fn ensure_of_key(certificate: &PublicKey, facts: &Facts, file: &Path) -> Result<(), Exit> {
    if facts.public.as_ref() == Some(&certificate.plain()) {
        return Ok(());
    }
    words::other_certificate(file);
    Err(Exit::Failure)
}
