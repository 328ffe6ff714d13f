//! Keys on tokens: asked for by `ssh-add`'s flags, not supported yet.
//!
//! Nothing is sent and no PIN is asked for: a PIN typed for nothing may be
//! one of three tries.

use std::ffi::OsString;

use keyfob_config::env::Environment;

use crate::exit::Exit;
use crate::finding;
use crate::voice::{Voice, shown};
use keyfob_sys::os_text::OsStrExt as _;

/// What was asked for.
#[derive(Debug, Clone)]
pub(crate) enum Hardware {
    /// `-s LIB`: the keys of a PKCS#11 token.
    AddLibrary(OsString),
    /// `-e LIB`: forget them.
    RemoveLibrary(OsString),
    /// `-K`: the keys that live on a FIDO token.
    ResidentKeys,
}

impl Hardware {
    /// Refuses it, as an agent that does not want it would.
    pub(crate) fn run(self, environment: &Environment, voice: Voice) -> Exit {
        if let Err(exit) = finding::connect(environment, voice) {
            return exit;
        }
        voice.no_hardware(&match self {
            Self::AddLibrary(library) => {
                format!("Could not add card \"{}\"", shown(library.as_bytes()))
            }
            Self::RemoveLibrary(library) => {
                format!("Could not remove card \"{}\"", shown(library.as_bytes()))
            }
            Self::ResidentKeys => "Unable to load resident keys".to_owned(),
        });
        Exit::Failure
    }
}
