//! Tells everything that can be seen of key files without their passphrases, and what is wrong
//! with them. Changes nothing.

mod cost;
mod dates;
pub(super) mod findings;
mod json;
pub(super) mod seen;
mod text;

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use keyfob_keys::HashKind;

use crate::exit::Exit;
use crate::output;
use findings::Level;
use seen::Seen;

/// Which files, and how it is told.
#[derive(Debug, Clone)]
pub(crate) struct Inspect {
    /// The files, `-` for standard input.
    pub(crate) paths: Vec<PathBuf>,
    /// The hash of fingerprints; both when `None`.
    pub(crate) hash: Option<HashKind>,
    /// Whether a program reads it.
    pub(crate) json: bool,
    /// Whether a warning is a failure.
    pub(crate) strict: bool,
}

impl Inspect {
    /// Looks at all of them, whatever is wrong with one.
    pub(crate) fn run(self) -> Exit {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let mut exit = Exit::Success;
        let mut all: Vec<Seen> = Vec::new();
        for path in &self.paths {
            match seen::look(path, now) {
                Ok((seen, result)) => {
                    for one in seen.iter().filter(|_| !self.json) {
                        output::data(text::of(one, self.hash).as_bytes());
                    }
                    all.extend(seen);
                    exit = exit.and(result);
                }
                Err(failed) => exit = exit.and(failed),
            }
        }
        if self.json {
            output::data(&json::of(&all, self.hash));
        }
        let warned =
            all.iter().flat_map(|seen| &seen.findings).any(|it| it.level() == Level::Warning);
        if self.strict && warned { exit.and(Exit::Failure) } else { exit }
    }
}
