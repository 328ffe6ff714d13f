//! Prints the names of the extensions an agent serves (`ssh-add -Q`).

use keyfob_config::env::Environment;

use crate::exit::Exit;
use crate::voice::Voice;
use crate::{finding, output};

/// The question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extensions {
    /// Whose words.
    pub(crate) voice: Voice,
}

impl Extensions {
    /// Asks and prints.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let mut connection = match finding::connect(environment, self.voice) {
            Ok(connection) => connection,
            Err(exit) => return exit,
        };
        match connection.extensions() {
            Ok(names) => {
                names.iter().for_each(output::data_line);
                Exit::Success
            }
            Err(error) => {
                self.voice.unqueried(&error);
                Exit::Fatal
            }
        }
    }
}
