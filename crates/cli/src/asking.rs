//! Asks the person at this client for a passphrase.
//!
//! Where and how it is asked is `prompt`'s part; this adds the environment
//! and the words for a question nobody can be asked.

use keyfob_config::env::{Environment, Name};
use keyfob_keys::Secret;
use keyfob_prompt::{Error, Facts, Surroundings, Way, choose};
use keyfob_sys::user;
use secrecy::ExposeSecret as _;

use crate::output;
use crate::strength::{self, Guessing};
use crate::voice::Voice;

/// How often a new passphrase may be typed in two ways.
const TRIES: usize = 5;

/// Somebody to ask.
pub(crate) struct Asker {
    surroundings: Surroundings,
    voice: Voice,
    guessing: Guessing,
    /// Whether a new passphrase may be none at all.
    may_be_empty: bool,
}

/// There is no passphrase, and whoever asked has been told why.
#[derive(Debug)]
pub(crate) struct GivenUp;

impl Asker {
    /// The person this environment leads to.
    pub(crate) fn new(environment: &Environment, voice: Voice) -> Self {
        let surroundings = surroundings(environment);
        Self { surroundings, voice, guessing: Guessing::Slow, may_be_empty: true }
    }

    /// The same, for what cannot be without a passphrase.
    pub(crate) fn insisting(self) -> Self {
        Self { may_be_empty: false, ..self }
    }

    /// The same, for a file whose passphrase can be tried so fast.
    pub(crate) fn against(self, guessing: Guessing) -> Self {
        Self { guessing, ..self }
    }

    /// Whether a question would be seen by somebody. Without one it would be answered by the
    /// standard input, or wait for it for ever.
    pub(crate) fn is_somebody_there(&self) -> bool {
        matches!(self.way(), Way::Terminal | Way::Askpass(_))
    }

    /// An answer, or `None` when there is none: an empty one, a cancelled
    /// dialog, nobody to ask.
    pub(crate) fn passphrase(&self, question: &str) -> Option<Secret> {
        match self.asked(question) {
            Ok(secret) => Some(secret).filter(|secret| !secret.expose_secret().is_empty()),
            Err(Error::Cancelled) => None,
            Err(error) => {
                self.voice.nobody_to_ask(&error);
                None
            }
        }
    }
}

/// Asks for a new passphrase, twice; `None` for an empty one. Two answers that differ are asked
/// again.
pub(crate) fn new_passphrase(
    asker: &Asker,
    first: &str,
    second: &str,
) -> Result<Option<Secret>, GivenUp> {
    for _ in 0..TRIES {
        let answer = asker.new_answer(first)?;
        if answer.expose_secret().is_empty() && !asker.may_be_empty {
            asker.voice.passphrase_needed();
            continue;
        }
        asker.judge(&answer);
        let again = asker.new_answer(second)?;
        if answer.expose_secret() == again.expose_secret() {
            return Ok(Some(answer).filter(|answer| !answer.expose_secret().is_empty()));
        }
        asker.voice.passphrases_differ();
    }
    asker.voice.passphrases_always_differ(asker.may_be_empty);
    Err(GivenUp)
}

impl Asker {
    /// The answer. What comes by standard input is not seen, and ends no line on the screen; OpenSSH's
    /// programs leave it so.
    fn asked(&self, question: &str) -> Result<Secret, Error> {
        let answer = keyfob_prompt::passphrase(&self.surroundings, question);
        if self.voice == Voice::Keyfob && self.way() == Way::Stdin {
            output::note("");
        }
        answer
    }

    fn way(&self) -> Way {
        choose(&self.surroundings, keyfob_prompt::Asker::Client, Facts::of_process())
    }

    /// One answer that a new passphrase is made of; it may be empty.
    pub(crate) fn new_answer(&self, question: &str) -> Result<Secret, GivenUp> {
        match self.asked(question) {
            Ok(secret) => Ok(secret),
            // The end of standard input is an empty answer to OpenSSH's programs, and scripts
            // expect it. A person who cancels does not ask for a key that lies open.
            Err(Error::Cancelled) if self.voice == Voice::OpenSsh && !self.is_somebody_there() => {
                Ok(Secret::from(Vec::new()))
            }
            Err(Error::Cancelled) => {
                self.voice.no_new_passphrase();
                Err(GivenUp)
            }
            Err(error) => {
                self.voice.nobody_to_ask(&error);
                Err(GivenUp)
            }
        }
    }

    /// Says how good it is, before it is typed again. `ssh-keygen` does not.
    fn judge(&self, passphrase: &Secret) {
        if self.voice == Voice::OpenSsh {
            return;
        }
        if passphrase.expose_secret().is_empty() {
            self.voice.empty_passphrase();
            return;
        }
        let known = [user::name().unwrap_or_default(), user::host_name()];
        let known = known.map(|word| word.to_string_lossy().into_owned());
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.voice.strength(&strength::of(passphrase, self.guessing, &known));
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
