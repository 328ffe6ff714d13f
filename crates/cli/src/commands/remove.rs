//! Makes the agent forget keys. Never touches a file.

mod files;

use std::ffi::{OsStr, OsString};

use keyfob_config::env::Environment;
use keyfob_sys::os_text::OsStrExt as _;

use super::add::Halves;
use crate::connection::Connection;
use crate::exit::Exit;
use crate::finding;
use crate::names::Names;
use crate::voice::Voice;
use crate::voice::removing::Removing;

/// What is to be forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Remove {
    /// Whose words.
    pub(crate) voice: Voice,
    /// Which keys.
    pub(crate) what: What,
    /// Whether success is not worth a word.
    pub(crate) quiet: bool,
}

/// Which keys.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// All of them.
    All,
    /// Those of these names.
    Named(Vec<OsString>),
    /// Those of these public key files, as `ssh-add -d` has it; none for the
    /// usual files in `~/.ssh`.
    Files(Vec<OsString>, Halves),
}

impl Remove {
    /// Does it, as far as it goes.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let mut connection = match finding::connect(environment, self.voice) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        match &self.what {
            What::All if self.voice == Voice::Keyfob && connection.is_locked() == Some(true) => {
                self.voice.locked();
                Exit::Failure
            }
            What::All => {
                let result = connection.remove_all();
                self.voice.removed_all(&result, self.quiet);
                if result.is_ok() { Exit::Success } else { Exit::Failure }
            }
            What::Named(names) => self.remove_named(names, &mut connection),
            What::Files(paths, halves) => {
                let mut remover = files::Remover {
                    connection: &mut connection,
                    voice: self.voice,
                    halves: *halves,
                    quiet: self.quiet,
                };
                remover.remove_all(paths)
            }
        }
    }

    fn remove_named(&self, names: &[OsString], connection: &mut Connection) -> Exit {
        let known = match Names::of_agent(connection, self.voice) {
            Ok(known) => known,
            Err(exit) => return exit,
        };
        // All names first: the numbers of a list change as keys go.
        let mut exit = Exit::Success;
        for name in names {
            exit = exit.and(match known.find(name) {
                Ok(entries) => {
                    let removed = entries.iter().map(|entry| self.remove(name, entry, connection));
                    removed.fold(Exit::Success, Exit::and)
                }
                Err(error) => {
                    self.voice.not_found(name, &error);
                    Exit::Failure
                }
            });
        }
        exit
    }

    fn remove(
        &self,
        name: &OsStr,
        entry: &crate::names::Entry,
        connection: &mut Connection,
    ) -> Exit {
        let name = name.as_bytes();
        match connection.remove(entry.key.blob()) {
            Ok(()) if self.quiet => Exit::Success,
            Ok(()) => {
                let comment = Some(entry.comment.as_slice());
                self.voice.removing(name, &Removing::Removed { key: &entry.key, comment });
                Exit::Success
            }
            Err(error) => {
                self.voice.removing(name, &Removing::Refused(&error));
                Exit::Failure
            }
        }
    }
}
