//! The flags of what concerns hosts and the keys they are offered.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum, ValueHint};
use keyfob_config::env::Environment;

use crate::commands::explain::Explain;
use crate::commands::hosts::{Forget, Hosts};
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("meant").args(["all", "hosts"])))]
pub(in crate::cli) struct HostsArguments {
    /// As JSON
    #[arg(long, conflicts_with = "what")]
    json: bool,
    /// Look names up in this known hosts file; may be repeated
    #[arg(short = 'H', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    known_hosts: Vec<PathBuf>,
    /// With forget: all of them
    #[arg(long, requires = "what", conflicts_with = "hosts")]
    all: bool,
    /// With --all: ask nothing before it begins
    #[arg(short = 'y', long, requires = "all")]
    yes: bool,
    /// What is to be done, instead of showing them
    #[arg(requires = "meant")]
    what: Option<What>,
    /// Names, patterns of names, or fingerprints of host keys
    #[arg(value_name = "HOST", value_hint = ValueHint::Hostname)]
    hosts: Vec<OsString>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Forget which key these hosts took
    Forget,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArguments {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// Look the host key up in this known hosts file; may be repeated
    #[arg(short = 'H', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    known_hosts: Vec<PathBuf>,
    // Not a doc comment: there the brackets would be links.
    #[arg(
        value_name = "HOST", value_hint = ValueHint::Hostname,
        help = "[USER@]HOST[:PORT], by the name that known hosts files have, not an alias of ssh_config(5)",
    )]
    host: OsString,
}

impl HostsArguments {
    pub(in crate::cli) fn run(self, environment: &Environment) -> Exit {
        let Self { json, known_hosts, all, yes, what, hosts } = self;
        match what {
            None => Hosts { json, known_hosts }.run(environment),
            Some(What::Forget) => Forget { hosts, all, yes, known_hosts }.run(environment),
        }
    }
}

impl ExplainArguments {
    pub(in crate::cli) fn into_command(self) -> Explain {
        Explain { host: self.host, json: self.json, known_hosts: self.known_hosts }
    }
}
