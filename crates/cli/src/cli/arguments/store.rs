//! The flags of the commands of the key store.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use keyfob_keystore::Cost;
use keyfob_keystore::limits::{FLOOR_MEMORY_KIB, MAX_MEMORY_KIB};

use crate::commands::convert::{Clobber, Protect, To};
use crate::commands::delete::Delete;
use crate::commands::export::Export;
use crate::commands::import::{From, Import};
use crate::commands::init::Init;
use crate::commands::rename::Rename;
use crate::key_store::CodePlace;
use crate::passphrases::Source;

use super::key_files::Opening;

/// How the store is opened: one flag for all of its commands.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreOpening {
    /// The passphrase of the key store is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    store_passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InitArguments {
    #[command(flatten)]
    opening: StoreOpening,
    /// Memory a guess at the passphrase takes, 64M to 1G [default: what takes this machine half a second to a second]
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory: Option<u32>,
    #[command(flatten)]
    code: CodeTarget,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

/// Where a new recovery code goes.
#[derive(Debug, Args)]
pub(in crate::cli) struct CodeTarget {
    /// Write the recovery code into this new file, for you alone, instead of showing it (- for standard output)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(super) recovery_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ImportArguments {
    /// Find the keys there instead: what ~/.ssh/config names and ~/.ssh holds; of the others it says what can be done
    #[arg(long, value_name = "PLACE", conflicts_with = "paths")]
    from: Option<Place>,
    /// Ask nothing before it begins
    #[arg(short = 'y', long)]
    yes: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreOpening,
    #[command(flatten)]
    opening: Opening,
    /// Key files of any format, and folders with them
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath, required_unless_present = "from")]
    paths: Vec<PathBuf>,
}

/// Places that hold keys.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Place {
    /// The private keys that ~/.ssh/config names, and those in ~/.ssh
    SshAgentConfig,
    /// GnuPG's agent
    GpgAgent,
    /// KeePassXC
    #[value(name = "keepassxc")]
    KeePassXc,
}

impl ImportArguments {
    pub(in crate::cli) fn into_command(self) -> Import {
        let from = match self.from {
            None => From::Paths(self.paths),
            Some(Place::SshAgentConfig) => From::SshConfig,
            Some(Place::GpgAgent) => From::GpgAgent,
            Some(Place::KeePassXc) => From::KeePassXc,
        };
        Import {
            from,
            passphrase: self.opening.source(),
            limits: self.opening.limits(),
            store: self.store.source(),
            yes: self.yes,
            json: self.json,
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArguments {
    /// The format of the file
    #[arg(long, value_name = "FORMAT", default_value = "openssh")]
    format: Format,
    /// Write here (- for standard output)
    #[arg(short = 'o', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Replace a file that is there, without a question
    #[arg(short = 'f', long)]
    force: bool,
    /// The passphrase of the new file is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    new_passphrase_file: Option<PathBuf>,
    /// Leave a passphrase out: whoever can read the file can use the key
    #[arg(long, conflicts_with = "new_passphrase_file")]
    no_passphrase: bool,
    #[command(flatten)]
    opening: StoreOpening,
    /// The key, as keyfob list --store calls it
    name: String,
}

/// The formats a private key can have.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// OpenSSH's own
    #[value(name = "openssh")]
    OpenSsh,
    /// Traditional PEM (BEGIN RSA PRIVATE KEY)
    Pem,
    /// PKCS#8 (BEGIN PRIVATE KEY)
    Pkcs8,
    /// PuTTY's
    #[value(alias = "ppk3", alias = "putty")]
    Ppk,
    /// PuTTY's before 0.75
    Ppk2,
}

impl ExportArguments {
    pub(in crate::cli) fn into_command(self) -> Export {
        let protect = match (self.no_passphrase, self.new_passphrase_file) {
            (true, _) => Protect::Nothing,
            (_, Some(file)) => Protect::New(Source::File(file)),
            _ => Protect::New(Source::Person),
        };
        Export {
            name: self.name,
            to: match self.format {
                Format::OpenSsh => To::OpenSsh,
                Format::Pem => To::Pem,
                Format::Pkcs8 => To::Pkcs8,
                Format::Ppk => To::Ppk,
                Format::Ppk2 => To::Ppk2,
            },
            output: self.output,
            clobber: if self.force { Clobber::Always } else { Clobber::Ask },
            protect,
            store: self.opening.source(),
        }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RenameArguments {
    #[command(flatten)]
    opening: StoreOpening,
    /// The key, as keyfob list --store calls it
    from: String,
    /// Its new name: letters, digits and - _ . @ + =
    to: String,
}

impl RenameArguments {
    pub(in crate::cli) fn into_command(self) -> Rename {
        Rename { store: self.opening.source(), from: self.from, to: self.to }
    }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct DeleteArguments {
    /// Ask nothing before it begins
    #[arg(short = 'y', long)]
    yes: bool,
    #[command(flatten)]
    opening: StoreOpening,
    /// The keys, as keyfob list --store calls them
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
}

impl DeleteArguments {
    pub(in crate::cli) fn into_command(self) -> Delete {
        Delete { store: self.opening.source(), names: self.names, yes: self.yes }
    }
}

impl StoreOpening {
    pub(in crate::cli) fn source(&self) -> Source {
        Source::of_flag(self.store_passphrase_file.clone())
    }
}

impl InitArguments {
    pub(in crate::cli) fn into_command(self) -> Init {
        Init {
            passphrase: self.opening.source(),
            cost: self.memory.map(Cost::of_memory),
            code: CodePlace::of_flag(self.code.recovery_file, self.json),
            json: self.json,
        }
    }
}

/// `64M`, `1G`, in KiB.
pub(super) fn memory(text: &str) -> Result<u32, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "K" | "KIB" => 1,
        "M" | "MIB" => 1024,
        "G" | "GIB" => 1024 * 1024,
        _ => return Err("a size is a number and K, M or G, such as 256M".to_owned()),
    };
    let kib = digits.parse().ok().and_then(|number: u64| number.checked_mul(unit));
    match kib.and_then(|kib| u32::try_from(kib).ok()) {
        Some(kib) if (FLOOR_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&kib) => Ok(kib),
        Some(kib) if kib < FLOOR_MEMORY_KIB => {
            Err("64M is the least: less would make guessing cheap".to_owned())
        }
        _ => Err("1G is the most: every unlock takes as much".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_has_a_unit_and_two_ends() {
        assert_eq!(memory("64M"), Ok(64 * 1024));
        assert_eq!(memory("1g"), Ok(1024 * 1024));
        assert_eq!(memory("131072K"), Ok(128 * 1024));
        for bad in ["", "M", "64", "63M", "1025M", "2G", "-64M", "64.5M", "64 M", "99999999999G"] {
            assert!(memory(bad).is_err(), "{bad}");
        }
    }
}
