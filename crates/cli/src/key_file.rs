//! A key file that a command looks at or writes anew: its bytes, and what can be seen of it
//! without its passphrase. Says what is in the way.

use std::path::{Path, PathBuf};

use keyfob_keyfile::{Inspection, PrivateFile, inspect};
use zeroize::Zeroizing;

use crate::exit::Exit;
use crate::exposure::Exposure;
use crate::files;
use crate::passphrases::{Failure, Passphrases};
use crate::saving::{self, Mode, New, Overwrite};
use crate::voice::key_files as words;

/// A key file, read.
pub(crate) struct KeyFile {
    /// What messages call it.
    pub(crate) name: PathBuf,
    /// Its bytes.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// What lets others do anything with it.
    pub(crate) too_open: Option<Exposure>,
    /// What can be seen of it.
    pub(crate) inspection: Inspection,
}

impl KeyFile {
    /// Reads a file, `-` for standard input; says why not.
    pub(crate) fn load(path: &Path) -> Result<Self, Exit> {
        let (name, bytes, too_open) = read(path)?;
        let inspection = inspect(&bytes).map_err(|error| {
            words::unusable(&name, &error);
            Exit::Failure
        })?;
        Ok(Self { name, bytes, too_open, inspection })
    }

    /// Reads a private key file; says so when it is none.
    pub(crate) fn load_private(path: &Path) -> Result<Self, Exit> {
        let file = Self::load(path)?;
        if file.inspection.format.is_private() {
            return Ok(file);
        }
        words::unusable(&file.name, &keyfob_keyfile::Error::PublicKeyFile);
        Err(Exit::Failure)
    }

    /// Whether there may be an OpenSSH file of this key. Where nothing hides the key and it is
    /// not known all the same, as with Ed448, OpenSSH does not know it either.
    pub(crate) fn may_become_openssh(&self) -> bool {
        self.inspection.public.is_some() || self.inspection.is_encrypted()
    }

    /// The private key in it; says why not.
    pub(crate) fn open(&self, passphrases: &mut Passphrases) -> Result<PrivateFile, Exit> {
        passphrases.open(&self.name, &self.bytes).map_err(|failure| {
            match failure {
                Failure::Unusable(error) => words::unusable(&self.name, &error),
                Failure::GivenUp { wrong } => words::given_up(&self.name, wrong),
            }
            Exit::Failure
        })
    }
}

impl KeyFile {
    /// Replaces the file by this; says so where more follows from it, or why not.
    pub(crate) fn replace(&self, bytes: &[u8]) -> Result<(), Exit> {
        self.replace_with(bytes, &[])
    }

    /// The same, with other files that go with it.
    pub(crate) fn replace_with(&self, bytes: &[u8], others: &[New<'_>]) -> Result<(), Exit> {
        let names = saving::other_names(&self.name);
        let file = New { path: &self.name, bytes, mode: Mode::Private };
        let saved = saving::is_still(&self.name, &self.bytes)
            .and_then(|()| saving::save_pair(file, others, Overwrite::Replace));
        saved.map_err(|error| {
            words::unsaved(&error);
            Exit::Failure
        })?;
        if let Some(exposure) = &self.too_open {
            words::closed(&self.name, exposure);
        }
        if names > 0 {
            words::other_names(&self.name, names);
        }
        Ok(())
    }
}

/// What messages call standard input.
pub(crate) const STDIN: &str = "(stdin)";

/// What messages call a file, its bytes, and what lets others in.
type Read = (PathBuf, Zeroizing<Vec<u8>>, Option<Exposure>);

fn read(path: &Path) -> Result<Read, Exit> {
    let stdin = path.as_os_str() == "-";
    let name = if stdin { Path::new(STDIN) } else { path };
    let result = if stdin {
        files::read_stdin().map(|bytes| (bytes, None))
    } else {
        files::open(path).map_err(files::Error::Io).and_then(|mut opened| {
            let bytes = opened.read()?;
            Ok((bytes, opened.too_open()))
        })
    };
    match result {
        Ok((bytes, too_open)) => Ok((name.to_owned(), bytes, too_open)),
        Err(error) => {
            words::unread(name, &error);
            Err(Exit::Failure)
        }
    }
}
