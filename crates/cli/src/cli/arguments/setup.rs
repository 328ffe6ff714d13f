//! The flags of `keyfob setup`: an answer to each of its questions.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use keyfob_keystore::Cost;

use super::key_files::Opening;
use super::store::{CodeTarget, StoreOpening, memory};
use crate::commands::install::{Manner, StartShell};
use crate::commands::setup::{KeysWish, Setup, StartUpWish, StoreWish, Taking};
use crate::key_store::CodePlace;

/// Every question it asks on a terminal is answered by a flag too.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(in crate::cli) struct SetupArguments {
    /// Only show what would be done
    #[arg(short = 'n', long)]
    dry_run: bool,
    /// Ask nothing but passphrases: make the key store, import keys or make one, install
    #[arg(short = 'y', long)]
    yes: bool,
    /// Tell what was done as JSON
    #[arg(long)]
    json: bool,
    /// Make the key store, if there is none
    #[arg(long, conflicts_with = "no_store")]
    store: bool,
    /// Do without a key store
    #[arg(long, conflicts_with_all = ["import", "link", "memory", "recovery_file", "store_passphrase_file"])]
    no_store: bool,
    #[command(flatten)]
    opening: StoreOpening,
    /// Memory a guess at the passphrase of a new store takes, 64M to 1G [default: what suits this machine]
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<u32>,
    #[command(flatten)]
    code: CodeTarget,
    /// Take the keys that are found into the store
    #[arg(long, conflicts_with_all = ["link", "no_keys"])]
    import: bool,
    /// Leave them in their files, and have the store remember where, and the passphrases
    #[arg(long, conflicts_with = "no_keys")]
    link: bool,
    /// Make a key (ed25519) where none is found
    #[arg(long, conflicts_with = "no_keys")]
    generate: bool,
    /// Take no key in, and make none
    #[arg(long)]
    no_keys: bool,
    #[command(flatten)]
    files: Opening,
    /// Make the agent start by itself, as keyfob install does; without systemd by the shell's start file
    #[arg(long, conflicts_with = "no_install")]
    install: bool,
    /// Do not
    #[arg(long)]
    no_install: bool,
    /// The same, and add the line to the start file of a shell in any case [default: the login shell]
    #[arg(long, value_name = "SHELL", num_args = 0..=1, require_equals = true, conflicts_with = "no_install")]
    shell: Option<Option<StartShell>>,
    /// Log in there (ssh -T), to see that it works
    #[arg(long, value_name = "HOST", value_hint = ValueHint::Hostname, conflicts_with = "no_test")]
    test: Option<OsString>,
    /// Do not ask for such a host
    #[arg(long)]
    no_test: bool,
    /// Key files, and folders with them [default: what ~/.ssh/config names and ~/.ssh holds]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
}

impl SetupArguments {
    pub(in crate::cli) fn into_command(self) -> Setup {
        let said = |yes: bool, no: bool| (yes || no).then_some(yes);
        let taking = match (self.import, self.link, self.no_keys) {
            (true, ..) => Some(Taking::Import),
            (_, true, _) => Some(Taking::Link),
            (.., true) => Some(Taking::Leave),
            _ => None,
        };
        Setup {
            manner: Manner { dry_run: self.dry_run, yes: self.yes, json: self.json },
            paths: self.paths,
            store: StoreWish {
                make: said(self.store, self.no_store),
                passphrase: self.opening.source(),
                cost: self.memory.map(Cost::of_memory),
                code: CodePlace::of_flag(self.code.recovery_file, self.json),
            },
            keys: KeysWish {
                taking,
                generate: said(self.generate, self.no_keys),
                passphrase: self.files.source(),
                limits: self.files.limits(),
            },
            start_up: StartUpWish {
                install: said(self.install || self.shell.is_some(), self.no_install),
                shell: self.shell,
            },
            host: self.test.map(Some).or(self.no_test.then_some(None)),
        }
    }
}
