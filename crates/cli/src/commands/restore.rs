//! Puts a backup in the place of the key store. What is there is kept beside it.

use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keys::Secret;
use keyfob_keystore::{Error, RecoveryCode, Restored, Snapshot};
use keyfob_sys::hardening;

use crate::exit::Exit;
use crate::key_store::{self, KeyStore, Opener};
use crate::passphrases::Source;
use crate::voice::backing_up as words;
use crate::{archive, files};

/// What takes the place of the store.
pub(crate) struct Restore {
    /// The file.
    pub(crate) file: PathBuf,
    /// Whether nothing is asked before it begins.
    pub(crate) yes: bool,
    /// What opens the backup.
    pub(crate) opener: Opener,
    /// Where its passphrase comes from.
    pub(crate) passphrase: Source,
}

impl Restore {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let _ = hardening::protect_process();
        self.restore(environment).err().unwrap_or(Exit::Success)
    }

    fn restore(&self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, &self.passphrase)?;
        let snapshot = self.read()?;
        let there = match store.place.find() {
            Ok(there) => Some(there),
            Err(Error::NoStore(folder)) if folder.symlink_metadata().is_err() => None,
            // Something else is there; it is kept like a store, and the question says so.
            Err(error) => {
                words::something_else_there(&error);
                None
            }
        };
        let taken = store.place.folder.symlink_metadata().is_ok();
        words::restoring(&store.place.folder, taken, there.and_then(|it| it.list().ok()));
        key_store::confirm(self.yes, words::RESTORE_QUESTION)?;
        let Restored { store: restored, old } = self.put(&store, &snapshot)?;
        words::restored(restored.store().folder(), restored.items().len(), old.as_deref());
        key_store::note_findings(restored.findings());
        Ok(())
    }

    fn read(&self) -> Result<Snapshot, Exit> {
        let bytes = files::open(&self.file)
            .map_err(files::Error::Io)
            .and_then(|mut opened| opened.read_up_to(archive::LARGEST));
        let bytes = bytes.map_err(|error| {
            crate::voice::key_files::unread(&self.file, &error);
            Exit::Failure
        })?;
        archive::read(&bytes).map_err(|error| {
            words::no_backup(&self.file, &error);
            Exit::Failure
        })
    }

    fn put(&self, store: &KeyStore, snapshot: &Snapshot) -> Result<Restored, Exit> {
        let key_store::Place { folder, states } = &store.place;
        match &self.opener {
            Opener::Passphrase => {
                let attempt = |answer: &Secret| snapshot.restore(folder, states, answer);
                store.with_passphrase(attempt).map(|(restored, _)| restored)
            }
            Opener::Code(source) => store
                .with_code(source, |code: &RecoveryCode| snapshot.restore(folder, states, code)),
        }
    }
}
