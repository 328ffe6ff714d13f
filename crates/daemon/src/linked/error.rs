//! Why a linked file gave no key: for the log, and for whoever asks why.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use keyfob_keys::Fingerprint;
use keyfob_prompt::escape;

use super::message::{Failure, Text};

/// A linked file and what is the matter with it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", shown(path))]
pub struct LinkedError {
    /// The file.
    pub path: PathBuf,
    /// What is the matter. Not the source: the line above says it.
    pub problem: Problem,
}

/// What is the matter with a linked file, or with reading it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing is there any more.
    #[error("no such file")]
    Gone,
    /// The system does not let it be read, or it is no file.
    #[error("{0}")]
    NotReadable(Text),
    /// There is no private key in it.
    #[error("{0}")]
    NotAKey(Text),
    /// It was not encrypted when it was linked.
    #[error("its key is encrypted, and no passphrase for it is remembered")]
    PassphraseNeeded,
    /// It had another passphrase when it was linked.
    #[error("the remembered passphrase does not open it")]
    WrongPassphrase,
    /// A private key that is damaged, of no use to an agent, or open to others.
    #[error("{0}")]
    Unusable(Text),
    /// Opening it would take longer, or more memory, than a file may ask for.
    #[error("{0}")]
    TooSlow(Text),
    /// It is not the key that was linked.
    #[error("another key is in the file: {found}")]
    AnotherKey {
        /// The one that is there.
        found: Fingerprint,
    },
    /// It was not even tried: what is between us carries no such path or passphrase.
    #[error("it cannot be asked for: {0}")]
    Unaskable(keyfob_keys::Error),
    /// The helper could not close itself in, so it did not read.
    #[error("it was not read, because its reader could not lock itself in: {0}")]
    Unconfined(Text),
    /// No helper.
    #[error("its reader cannot be started: {0}")]
    NotStarted(io::Error),
    /// The system failed between us and the helper.
    #[error("its reader cannot be heard: {0}")]
    Unheard(io::Error),
    /// The helper was ended, because nobody waits that long.
    #[error("reading it took longer than {} seconds", .after.as_secs())]
    TimedOut {
        /// What it had.
        after: Duration,
    },
    /// The helper ended without a word: what is in the file may have made it try something that
    /// is closed to it (signal 31, SIGSYS), or have met a fault.
    #[error("its reader ended without an answer: {0}")]
    Died(ExitStatus),
    /// The helper said something else than a helper does.
    #[error("the answer of its reader makes no sense: {0}")]
    Garbled(keyfob_keys::Error),
    /// It is a key, and not for this: the certificate that was linked does not fit it.
    #[error("the key in the file cannot be used: {0}")]
    Unfit(keyfob_keys::Error),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Gone => Self::Gone,
            Failure::NotReadable(text) => Self::NotReadable(text),
            Failure::NotAKey(text) => Self::NotAKey(text),
            Failure::PassphraseNeeded | Failure::Closed { .. } => Self::PassphraseNeeded,
            Failure::WrongPassphrase => Self::WrongPassphrase,
            Failure::Unusable(text) => Self::Unusable(text),
            Failure::TooSlow(text) => Self::TooSlow(text),
            Failure::Unconfined(text) => Self::Unconfined(text),
        }
    }
}

/// A path comes from whoever could name a file.
pub(super) fn shown(path: &Path) -> String {
    escape::for_display(path.as_os_str().as_encoded_bytes())
}
