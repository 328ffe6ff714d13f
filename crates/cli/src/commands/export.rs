//! Writes a key of the store into a file of its own, for other programs.
//!
//! The passphrase of the store is always asked for, whatever is unlocked elsewhere. A file
//! without a passphrase is made only when that was said, never by an empty answer.

use std::path::{Path, PathBuf};

use keyfob_config::env::Environment;
use keyfob_keyfile::{Limits, PrivateFile, PrivateForm};
use keyfob_keys::Secret;
use keyfob_keystore::{Content, Item, Unlocked};
use keyfob_sys::hardening;

use crate::asking::{self, Asker};
use crate::commands::convert::{Clobber, Convert, Protect, To};
use crate::exit::Exit;
use crate::key_store::{self, KeyStore};
use crate::passphrases::{Source, first_line_of};
use crate::strength::Guessing;
use crate::voice::{Voice, converting, exporting as words, key_files};

/// Which key goes where.
pub(crate) struct Export {
    /// What it is called.
    pub(crate) name: String,
    /// The format.
    pub(crate) to: To,
    /// The file, `-` for standard output.
    pub(crate) output: Option<PathBuf>,
    /// What happens to a file that is there.
    pub(crate) clobber: Clobber,
    /// The passphrase of the file.
    pub(crate) protect: Protect,
    /// Where that of the store comes from.
    pub(crate) store: Source,
}

impl Export {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.export(environment).err().unwrap_or(Exit::Success)
    }

    fn export(self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, &self.store)?;
        store.locked()?;
        let convert = Convert {
            path: PathBuf::from(&self.name),
            to: self.to,
            output: self.output,
            clobber: self.clobber,
            passphrase: Source::Person,
            protect: self.protect,
            cipher: None,
            rounds: None,
            limits: Limits::default(),
        };
        let name = Path::new(&self.name);
        let (form, target) = convert.goal(name)?;
        // A key that nobody can protect is not asked for.
        let asker = asker(environment, form);
        if convert.protect == Protect::New(Source::Person) && !asker.is_somebody_there() {
            words::nobody_for_passphrase();
            return Err(Exit::Failure);
        }
        let store = store.unlock()?;
        let item = key_store::named(&store, &self.name)?;
        verify_public(&store, &item)?;
        let key = key(&store, &item)?;
        let passphrase = passphrase(&convert.protect, &asker)?;
        convert.write(name, key, (form, &target), passphrase.as_ref(), None)?;
        match passphrase {
            Some(_) => words::copy_of_its_own(),
            None => words::lies_open(),
        }
        Ok(())
    }
}

fn asker(environment: &Environment, form: PrivateForm) -> Asker {
    Asker::new(environment, Voice::Keyfob).against(Guessing::at(form)).insisting()
}

fn passphrase(protect: &Protect, asker: &Asker) -> Result<Option<Secret>, Exit> {
    match protect {
        Protect::New(Source::File(path)) => first_line_of(path).map(Some).map_err(|error| {
            key_files::no_passphrase_in(path, &error);
            Exit::Failure
        }),
        Protect::New(Source::Person) => {
            let first = converting::new_passphrase_question();
            asking::new_passphrase(asker, first, "The same again: ").map_err(|_| Exit::Failure)
        }
        Protect::Keep | Protect::Nothing => Ok(None),
    }
}

/// Whoever exports a key uses its public half too: it must not be another's that was put there.
fn verify_public(store: &Unlocked, item: &Item) -> Result<(), Exit> {
    let file = store.store().public_file(&item.name);
    let listed = store.store().list().map_err(|error| key_store::failed(&error))?;
    let found = listed.into_iter().find(|listed| listed.name == item.name);
    let public = found.and_then(|listed| listed.public);
    if file.exists() && public != item.facts.public {
        words::other_public(&item.name, &file);
        return Err(Exit::Failure);
    }
    Ok(())
}

/// The key with its certificate.
fn key(store: &Unlocked, item: &Item) -> Result<PrivateFile, Exit> {
    let (facts, content) = store.open(&item.name).map_err(|error| key_store::failed(&error))?;
    let key = match content {
        Content::Key(key) => key,
        Content::Reference { path, .. } => {
            words::is_linked(&item.name, &path);
            return Err(Exit::Failure);
        }
        Content::Secret(_) => {
            words::no_key(&item.name);
            return Err(Exit::Failure);
        }
    };
    let certified = facts.certificate.and_then(|it| key.with_certificate(&it).ok());
    Ok(PrivateFile { key: certified.unwrap_or(key), comment: facts.comment })
}
