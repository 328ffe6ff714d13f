//! Writes a key in another format. The file it comes from stays as it is, unless the new one is
//! told to take its place.

mod private;
mod public;
mod target;

use std::borrow::Cow;
use std::path::PathBuf;

use keyfob_config::env::Environment;
use keyfob_keyfile::Limits;

use crate::exit::Exit;
use crate::key_file::KeyFile;
use crate::passphrases::Source;
use crate::voice::raw_data;

pub(in crate::commands) use target::Target;

/// Which file becomes what.
pub(crate) struct Convert {
    /// The file, `-` for standard input.
    pub(crate) path: PathBuf,
    /// The format.
    pub(crate) to: To,
    /// Where the result goes, `-` for standard output.
    pub(crate) output: Option<PathBuf>,
    /// What happens to a file that is there.
    pub(crate) clobber: Clobber,
    /// Where the passphrase comes from.
    pub(crate) passphrase: Source,
    /// The passphrase of the result.
    pub(crate) protect: Protect,
    /// The cipher of the OpenSSH form.
    pub(crate) cipher: Option<String>,
    /// Rounds of its key derivation.
    pub(crate) rounds: Option<u32>,
    /// How much work the file may make.
    pub(crate) limits: Limits,
}

/// A format, as people call it: the same word means the private or the public form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// OpenSSH's.
    OpenSsh,
    /// Traditional PEM.
    Pem,
    /// PKCS#8; SPKI for a public key.
    Pkcs8,
    /// PuTTY's, version 3.
    Ppk,
    /// PuTTY's, version 2.
    Ppk2,
    /// A public key in one line.
    Line,
    /// RFC 4716.
    Rfc4716,
}

/// What happens to a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clobber {
    /// Somebody is asked.
    Ask,
    /// It is replaced.
    Always,
    /// It stays.
    Never,
}

/// The passphrase of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Protect {
    /// The one the file has, if it has one.
    Keep,
    /// A new one.
    New(Source),
    /// None.
    Nothing,
}

impl Convert {
    /// Does it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let done = KeyFile::load(&self.path).and_then(|file| {
            if file.inspection.format.is_private() {
                self.private(&file, environment)
            } else {
                self.public(&file)
            }
        });
        done.err().unwrap_or(Exit::Success)
    }

    /// The comment as it is written: on a terminal it must not move the cursor.
    fn comment_for_output<'a>(&self, comment: &'a [u8]) -> Cow<'a, [u8]> {
        match &self.output {
            Some(path) if path.as_os_str() != "-" => comment.into(),
            _ => raw_data(comment),
        }
    }
}
