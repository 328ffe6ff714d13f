//! The flags of `keyfob install` and `keyfob uninstall`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::commands::install::{Install, Manner, StartShell};
use crate::commands::uninstall::Uninstall;

/// How it is done.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
struct MannerArguments {
    /// Only show every file with its content and every command
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Ask nothing: replace what is in the way, which is kept beside it, and end an agent with keys
    #[arg(short = 'y', long)]
    yes: bool,
    /// Tell what was done as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InstallArguments {
    /// Also link ssh-agent, ssh-add and ssh-keygen to keyfob, in this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    drop_in: Option<PathBuf>,
    /// Also add the line with `keyfob env` to the start file of a shell [default: the login shell]
    #[arg(long, value_name = "SHELL", num_args = 0..=1, require_equals = true)]
    shell: Option<Option<StartShell>>,
    #[command(flatten)]
    manner: MannerArguments,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct UninstallArguments {
    /// Also remove links to keyfob from this folder, which nobody remembers any more
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    drop_in: Option<PathBuf>,
    #[command(flatten)]
    manner: MannerArguments,
}

impl MannerArguments {
    fn manner(&self) -> Manner {
        Manner { dry_run: self.dry_run, yes: self.yes, json: self.json }
    }
}

impl InstallArguments {
    pub(in crate::cli) fn into_command(self) -> Install {
        Install { drop_in: self.drop_in, shell: self.shell, manner: self.manner.manner() }
    }
}

impl UninstallArguments {
    pub(in crate::cli) fn into_command(self) -> Uninstall {
        Uninstall { drop_in: self.drop_in, manner: self.manner.manner() }
    }
}
