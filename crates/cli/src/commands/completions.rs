//! Prints completions for a shell, made from the command line's table.

use crate::exit::Exit;
use crate::{cli, output};

/// For which shell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

impl Completions {
    /// Prints.
    pub(crate) fn run(self) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut cli::table(), "keyfob", &mut script);
        output::data(&script);
        Exit::Success
    }
}
