//! Why there is no answer.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no way to ask anybody.
    #[error("cannot ask: {0}")]
    Nobody(&'static str),
    /// The person does not want to answer.
    #[error("cancelled")]
    Cancelled,
    /// The asking program does not start.
    #[error("cannot run {}, the program that asks: {source}", program.display())]
    Askpass {
        /// The program.
        program: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// Nobody answered in time.
    #[error("no answer from {} after {} seconds", program.display(), after.as_secs())]
    TimedOut {
        /// The program that asked.
        program: PathBuf,
        /// How long it had.
        after: Duration,
    },
    /// The dialog failed.
    #[error("cannot show a dialog: {0}")]
    Dialog(#[source] io::Error),
    /// The terminal failed.
    #[error("cannot use the terminal: {0}")]
    Terminal(#[source] io::Error),
}

impl Error {
    /// What a person could do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Error::Nobody(_) => Some("run it in a terminal, or set SSH_ASKPASS and DISPLAY"),
            Error::Askpass { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("install an ssh-askpass program, or name one in SSH_ASKPASS")
            }
            Error::Askpass { .. } => Some("SSH_ASKPASS must name a program that can be run"),
            Error::Cancelled | Error::TimedOut { .. } | Error::Terminal(_) | Error::Dialog(_) => {
                None
            }
        }
    }
}
