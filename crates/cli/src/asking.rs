//! Asks the person at this client for a passphrase.
//!
//! Where and how it is asked is `prompt`'s part; this adds the environment
//! and the words for a question nobody can be asked.

use keyfob_config::env::{Environment, Name};
use keyfob_keys::Secret;
use keyfob_prompt::{Error, Surroundings};
use secrecy::ExposeSecret as _;

use crate::voice::Voice;

/// Somebody to ask.
pub(crate) struct Asker {
    surroundings: Surroundings,
    voice: Voice,
}

impl Asker {
    /// The person this environment leads to.
    pub(crate) fn new(environment: &Environment, voice: Voice) -> Self {
        Self { surroundings: surroundings(environment), voice }
    }

    /// An answer, or `None` when there is none: an empty one, a cancelled
    /// dialog, nobody to ask.
    pub(crate) fn passphrase(&self, question: &str) -> Option<Secret> {
        match keyfob_prompt::passphrase(&self.surroundings, question) {
            Ok(secret) => Some(secret).filter(|secret| !secret.expose_secret().is_empty()),
            Err(Error::Cancelled) => None,
            Err(error) => {
                self.voice.nobody_to_ask(&error);
                None
            }
        }
    }
}

/// What decides how to ask.
pub(crate) fn surroundings(environment: &Environment) -> Surroundings {
    let value = |name| environment.raw(name).map(std::ffi::OsStr::to_owned);
    Surroundings {
        askpass: value(Name::SshAskpass),
        require: value(Name::SshAskpassRequire),
        display: value(Name::Display),
        wayland_display: value(Name::WaylandDisplay),
    }
}
