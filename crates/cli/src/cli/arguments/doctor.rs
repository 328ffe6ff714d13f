//! The flags of `keyfob doctor`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use crate::commands::doctor::Doctor;

#[derive(Debug, Args)]
pub(in crate::cli) struct DoctorArguments {
    /// Show what is fine too
    #[arg(long)]
    all: bool,
    /// As JSON: a list of everything that was looked at
    #[arg(long, conflicts_with = "all")]
    json: bool,
    /// Let a warning count as something wrong
    #[arg(long)]
    strict: bool,
    // Not a doc comment: there the brackets would be links.
    #[arg(
        long, value_name = "HOST", value_hint = ValueHint::Hostname,
        help = "Ask ssh what holds for this host, [USER@]HOST[:PORT]",
    )]
    host: Option<OsString>,
}

impl DoctorArguments {
    pub(in crate::cli) fn into_command(self) -> Doctor {
        let Self { all, json, strict, host } = self;
        Doctor { all, json, strict, host }
    }
}
