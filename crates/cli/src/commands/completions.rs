//! Prints completions for a shell, made from the command line's table.

use clap_complete::Shell;
use clap_complete_nushell::Nushell;

use crate::exit::Exit;
use crate::{cli, output};

/// For which shell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: Completing,
}

/// Shells whose completions can be made.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(crate) enum Completing {
    /// bash
    Bash,
    /// elvish
    Elvish,
    /// fish
    Fish,
    /// Nushell
    Nushell,
    /// PowerShell
    #[value(name = "powershell")]
    PowerShell,
    /// zsh
    Zsh,
}

impl Completions {
    /// Prints.
    pub(crate) fn run(self) -> Exit {
        output::data(&match self.shell {
            Completing::Bash => script(Shell::Bash),
            Completing::Elvish => script(Shell::Elvish),
            Completing::Fish => script(Shell::Fish),
            Completing::Nushell => script(Nushell),
            Completing::PowerShell => script(Shell::PowerShell),
            Completing::Zsh => script(Shell::Zsh),
        });
        Exit::Success
    }
}

fn script(shell: impl clap_complete::Generator) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::table(), "keyfob", &mut script);
    script
}
