//! The flags of `keyfob config`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use crate::commands::config::Config;

#[derive(Debug, Args)]
pub(in crate::cli) struct ConfigArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Tell whether the settings file is right, and if not where
    Check {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Another file than the agent's
        #[arg(value_hint = ValueHint::FilePath)]
        file: Option<PathBuf>,
    },
    /// Print every setting with the value that counts
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print where the settings file is
    Path,
}

impl ConfigArguments {
    pub(in crate::cli) fn into_command(self) -> Config {
        match self.what {
            What::Check { json, file } => Config::Check { file, json },
            What::Show { json } => Config::Show { json },
            What::Path => Config::Path,
        }
    }
}
