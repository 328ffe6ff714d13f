//! Tries keys: the agent signs random bytes, the public key checks it.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use keyfob_config::env::Environment;
use keyfob_keys::{Algorithm, PublicKey};
use keyfob_protocol::number;
use keyfob_sys::os_text::OsStrExt as _;

use crate::connection::Connection;
use crate::exit::Exit;
use crate::names::Names;
use crate::voice::Voice;
use crate::voice::testing::Testing;
use crate::{finding, public_file};

/// As many as `ssh-add -T` takes.
const DATA: usize = 1024;

/// Which keys are to be tried.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Names of keys; public key files for `ssh-add`.
    pub(crate) names: Vec<OsString>,
}

impl Test {
    /// Tries them all, whatever comes of one.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let mut connection = match finding::connect(environment, self.voice) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        if self.names.is_empty() {
            self.voice.nothing_to_test();
            return Exit::Fatal;
        }
        let known = match self.voice {
            Voice::OpenSsh => None,
            Voice::Keyfob => match Names::of_agent(&mut connection, self.voice) {
                Ok(known) => Some(known),
                Err(exit) => return exit,
            },
        };
        let mut exit = Exit::Success;
        for name in &self.names {
            exit = exit.and(match self.find(name, known.as_ref()) {
                Ok(keys) => self.try_all(name, &keys, &mut connection),
                Err(failed) => failed,
            });
        }
        exit
    }

    fn find(&self, name: &OsStr, known: Option<&Names>) -> Result<Vec<PublicKey>, Exit> {
        if let Some(known) = known {
            let found = known.find(name).map_err(|error| {
                self.voice.not_found(name, &error);
                Exit::Failure
            })?;
            return Ok(found.into_iter().map(|entry| entry.key.clone()).collect());
        }
        match public_file::load(Path::new(name)) {
            Ok((key, _)) => Ok(vec![key]),
            Err(_) => {
                self.voice.testing(name.as_bytes(), &Testing::NoKey);
                Err(Exit::Failure)
            }
        }
    }

    fn try_all(&self, name: &OsStr, keys: &[PublicKey], connection: &mut Connection) -> Exit {
        let results = keys.iter().map(|key| self.try_key(name, key, connection));
        results.fold(Exit::Success, Exit::and)
    }

    fn try_key(&self, name: &OsStr, key: &PublicKey, connection: &mut Connection) -> Exit {
        let mut data = [0; DATA];
        // Random, so that no agent can answer from memory.
        let event = match getrandom::fill(&mut data) {
            Ok(()) => match connection.sign(key.blob(), &data, flags(key)) {
                Ok(signature) if key.verify(&data, &signature).is_ok() => Testing::Works,
                Ok(_) => Testing::Wrong,
                Err(error) => {
                    self.voice.testing(name.as_bytes(), &Testing::Unsigned(&error));
                    return Exit::Failure;
                }
            },
            Err(_) => Testing::Wrong,
        };
        self.voice.testing(name.as_bytes(), &event);
        if matches!(event, Testing::Works) { Exit::Success } else { Exit::Failure }
    }
}

/// RSA without flags is SHA-1, which no server should accept any more.
fn flags(key: &PublicKey) -> u32 {
    match key.algorithm() {
        Algorithm::Rsa => number::SIGN_RSA_SHA2_256,
        _ => 0,
    }
}
