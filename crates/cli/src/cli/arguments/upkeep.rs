//! The flags of what concerns the key store as a whole.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum, ValueHint};
use keyfob_keystore::Cost;

use crate::commands::account::{Account, Wish};
use crate::commands::backup::Backup;
use crate::commands::check::{Check, Repair};
use crate::commands::convert::Clobber;
use crate::commands::recovery::NewRecoveryCode;
use crate::commands::rekey::Rekey;
use crate::commands::restore::Restore;
use crate::key_store::{CodePlace, Opener};
use crate::passphrases::Source;

use super::store::{CodeTarget, StoreOpening, memory};

/// How the store is opened where its recovery code will do too.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreOpener {
    #[command(flatten)]
    opening: StoreOpening,
    /// Open the key store with its recovery code instead of its passphrase
    #[arg(long, conflicts_with_all = ["store_passphrase_file", "recovery_code_file"])]
    recovery_code: bool,
    /// The same, and the code is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "store_passphrase_file")]
    recovery_code_file: Option<PathBuf>,
}

/// What a guess at a new passphrase costs.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewCost {
    /// Memory a guess at the key store's passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<u32>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RecoveryArguments {
    /// What is to be done
    what: What,
    #[command(flatten)]
    code: CodeTarget,
    #[command(flatten)]
    opening: StoreOpening,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Make a new code; the old one opens the store no more
    New,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RekeyArguments {
    /// Keep the passphrase; a new one is asked for otherwise
    #[arg(long, conflicts_with = "new_passphrase_file")]
    keep_passphrase: bool,
    /// The new passphrase is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    new_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    cost: NewCost,
    #[command(flatten)]
    code: CodeTarget,
    /// Ask nothing before it begins
    #[arg(short = 'y', long)]
    yes: bool,
    #[command(flatten)]
    opener: StoreOpener,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("doing").args(["accept", "repair"])))]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(in crate::cli) struct CheckArguments {
    /// Take the store as it is, though this machine has seen a newer one or another root key
    #[arg(long)]
    accept: bool,
    /// Mend what can be mended; says what it will do, and asks
    #[arg(long)]
    repair: bool,
    /// With --accept or --repair: ask nothing before it begins; what --repair asks for one by one is left and named
    #[arg(short = 'y', long, requires = "doing")]
    yes: bool,
    /// With --repair --yes: do that too: give missing keys up, take older versions back, keep ways to unlock that are not in the list
    #[arg(long, requires = "repair", requires = "yes")]
    risky: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    opener: StoreOpener,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct BackupArguments {
    /// Replace a file that is there, without a question
    #[arg(short = 'f', long)]
    force: bool,
    /// The file (- for standard output)
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RestoreArguments {
    /// Ask nothing before it begins
    #[arg(short = 'y', long)]
    yes: bool,
    #[command(flatten)]
    opener: StoreOpener,
    /// The backup
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

impl BackupArguments {
    pub(in crate::cli) fn into_command(self) -> Backup {
        let clobber = if self.force { Clobber::Always } else { Clobber::Ask };
        Backup { file: self.file, clobber }
    }
}

impl RestoreArguments {
    pub(in crate::cli) fn into_command(self) -> Restore {
        Restore {
            opener: self.opener.opener(),
            passphrase: self.opener.source(),
            file: self.file,
            yes: self.yes,
        }
    }
}

impl StoreOpener {
    pub(super) fn source(&self) -> Source {
        self.opening.source()
    }

    pub(super) fn opener(&self) -> Opener {
        match (&self.recovery_code_file, self.recovery_code) {
            (Some(file), _) => Opener::Code(Source::File(file.clone())),
            (None, true) => Opener::Code(Source::Person),
            (None, false) => Opener::Passphrase,
        }
    }
}

impl NewCost {
    pub(super) fn cost(&self) -> Option<Cost> {
        self.memory.map(Cost::of_memory)
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct AccountArguments {
    /// What is to be done
    wish: AccountWish,
    /// Ask nothing before it is done
    #[arg(short = 'y', long)]
    yes: bool,
    #[command(flatten)]
    opening: StoreOpening,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AccountWish {
    /// Whoever is logged in as you on this machine opens the store from now on
    Add,
    /// Only the passphrase and the recovery code open it
    Remove,
}

impl AccountArguments {
    pub(in crate::cli) fn into_command(self) -> Account {
        let wish = match self.wish {
            AccountWish::Add => Wish::Add,
            AccountWish::Remove => Wish::Remove,
        };
        Account { wish, yes: self.yes, store: self.opening.source() }
    }
}

impl RecoveryArguments {
    pub(in crate::cli) fn into_command(self) -> NewRecoveryCode {
        let What::New = self.what;
        NewRecoveryCode {
            code: CodePlace::of_flag(self.code.recovery_file, false),
            store: self.opening.source(),
        }
    }
}

impl RekeyArguments {
    pub(in crate::cli) fn into_command(self) -> Rekey {
        Rekey {
            opener: self.opener.opener(),
            old: self.opener.source(),
            new: (!self.keep_passphrase).then(|| Source::of_flag(self.new_passphrase_file)),
            cost: self.cost.cost(),
            code: CodePlace::of_flag(self.code.recovery_file, false),
            yes: self.yes,
        }
    }
}

impl CheckArguments {
    pub(in crate::cli) fn into_command(self) -> Check {
        Check {
            accept: self.accept,
            yes: self.yes,
            repair: self.repair.then_some(Repair { yes: self.yes, risky: self.risky }),
            json: self.json,
            opener: self.opener.opener(),
            store: self.opener.source(),
        }
    }
}
