//! Writes the whole key store into one file, sealed as it is.
//!
//! Asks for no passphrase: nothing is opened, so it can run at night.

use std::path::PathBuf;

use keyfob_config::env::Environment;

use super::convert::{Clobber, Target};
use crate::archive;
use crate::exit::Exit;
use crate::files;
use crate::key_store::{self, KeyStore};
use crate::output;
use crate::passphrases::Source;
use crate::saving::{self, Mode};
use crate::voice::{backing_up as words, key_files};

/// Where it goes.
pub(crate) struct Backup {
    /// The file, `-` for standard output.
    pub(crate) file: PathBuf,
    /// What happens to a file that is there.
    pub(crate) clobber: Clobber,
}

impl Backup {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        self.write(environment).err().unwrap_or(Exit::Success)
    }

    fn write(&self, environment: &Environment) -> Result<(), Exit> {
        let store = KeyStore::of(environment, &Source::Person)?.locked()?;
        let target = Target::of(&self.file, self.clobber)?;
        let snapshot = store.snapshot().map_err(|error| key_store::failed(&error))?;
        let bytes = archive::written(&snapshot).map_err(|error| {
            words::unwritten(&error);
            Exit::Failure
        })?;
        let (path, overwrite) = match target {
            Target::Stdout if output::stdout_is_terminal() => {
                words::not_to_a_terminal();
                return Err(Exit::Failure);
            }
            Target::Stdout => {
                output::data(&bytes);
                return Ok(());
            }
            Target::File(path, overwrite) => (path, overwrite),
        };
        saving::save(&path, &bytes, Mode::Private, overwrite).map_err(|error| {
            key_files::unsaved(&error);
            Exit::Failure
        })?;
        // From the disk again, as it would be read on the day it is needed.
        let back = files::open(&path)
            .map_err(files::Error::Io)
            .and_then(|mut opened| opened.read_up_to(archive::LARGEST));
        let same = back.is_ok_and(|back| archive::read(&back).is_ok_and(|it| it == snapshot));
        if !same {
            words::reads_back_otherwise(&path);
            return Err(Exit::Failure);
        }
        words::backed_up(&path, snapshot.files().count(), bytes.len());
        Ok(())
    }
}
