//! The flags of the commands that look at key files and write them anew.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum, ValueHint};
use keyfob_config::env::Environment;
use keyfob_keyfile::{Limits, OPENSSH_CIPHERS};
use keyfob_keys::HashKind;

use crate::commands::comment::Comment;
use crate::commands::convert::{Clobber, Convert, Protect, To};
use crate::commands::copy_id::CopyId;
use crate::commands::inspect::Inspect;
use crate::commands::passphrase::Passphrase;
use crate::commands::public::{Form, Public};
use crate::commands::store_passphrase::StorePassphrase;
use crate::exit::Exit;
use crate::key_store::Opener;
use crate::passphrases::Source;
use crate::voice::storing;

use super::Hash;
use super::upkeep::{NewCost, StoreOpener};

/// How a file is opened.
#[derive(Debug, Args)]
pub(super) struct Opening {
    /// The passphrase is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    /// Open a file even if that takes minutes
    #[arg(long)]
    allow_slow: bool,
}

/// How an OpenSSH file is encrypted.
#[derive(Debug, Args)]
struct Encrypting {
    /// The cipher of an OpenSSH file
    #[arg(short = 'Z', long, value_name = "CIPHER", value_parser = PossibleValuesParser::new(OPENSSH_CIPHERS), hide_possible_values = true)]
    cipher: Option<String>,
    /// Rounds of an OpenSSH file's key derivation: more make guessing slower, and opening too
    #[arg(short = 'a', long, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
}

/// The formats, by the words people know them by.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// OpenSSH's own
    #[value(name = "openssh")]
    OpenSsh,
    /// Traditional PEM (BEGIN RSA PRIVATE KEY)
    Pem,
    /// PKCS#8 (BEGIN PRIVATE KEY); SPKI for public keys
    #[value(alias = "spki")]
    Pkcs8,
    /// PuTTY's
    #[value(alias = "ppk3", alias = "putty")]
    Ppk,
    /// PuTTY's before 0.75
    Ppk2,
    /// A public key in one line
    Line,
    /// A public key as in RFC 4716 (BEGIN SSH2 PUBLIC KEY)
    Rfc4716,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct InspectArguments {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The hash of fingerprints [default: both]
    #[arg(short = 'E', long, value_name = "HASH")]
    fingerprint_hash: Option<Hash>,
    /// Fail if there is a warning
    #[arg(long)]
    strict: bool,
    /// Key files, private or public (- for standard input)
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

impl InspectArguments {
    pub(in crate::cli) fn into_command(self) -> Inspect {
        Inspect {
            paths: self.files,
            hash: self.fingerprint_hash.map(HashKind::from),
            json: self.json,
            strict: self.strict,
        }
    }
}

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(in crate::cli) struct ConvertArguments {
    /// The format to write; pem and pkcs8 mean the public form for a public key
    #[arg(long, value_name = "FORMAT")]
    to: Format,
    /// Write here (- for standard output); public keys go to standard output by default
    #[arg(short = 'o', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    output: Option<PathBuf>,
    /// Replace a file that is there, without a question
    #[arg(short = 'f', long)]
    force: bool,
    /// Never replace a file, and do not ask
    #[arg(short = 'n', long, conflicts_with = "force")]
    no_clobber: bool,
    /// Ask for a new passphrase instead of keeping the one there is
    #[arg(long, conflicts_with_all = ["no_passphrase", "new_passphrase_file"])]
    new_passphrase: bool,
    /// The new passphrase is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "no_passphrase")]
    new_passphrase_file: Option<PathBuf>,
    /// Leave the passphrase out: whoever can read the file can use the key
    #[arg(long)]
    no_passphrase: bool,
    #[command(flatten)]
    opening: Opening,
    #[command(flatten)]
    encrypting: Encrypting,
    /// The key file, private or public (- for standard input)
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

/// What concerns the passphrase of a file. Said of each flag of the store: one that conflicts with
/// what another requires makes clap forget the requirement.
const OF_FILES: [&str; 6] = ["file", "remove", "passphrase_file", "allow_slow", "cipher", "rounds"];

#[derive(Debug, Args)]
#[command(mut_arg("store_passphrase_file", |arg| arg.requires("store").conflicts_with_all(OF_FILES)))]
#[command(mut_arg("memory", |arg| arg.requires("store").conflicts_with_all(OF_FILES)))]
pub(in crate::cli) struct PassphraseArguments {
    /// Have no passphrase
    #[arg(long, conflicts_with = "new_passphrase_file")]
    remove: bool,
    /// The new passphrase is the first line of this file (- for a line of standard input)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    new_passphrase_file: Option<PathBuf>,
    /// That of the key store
    #[arg(long, conflicts_with_all = OF_FILES)]
    store: bool,
    #[command(flatten)]
    opener: StoreOpener,
    #[command(flatten)]
    cost: NewCost,
    #[command(flatten)]
    opening: Opening,
    #[command(flatten)]
    encrypting: Encrypting,
    /// The private key file
    #[arg(value_hint = ValueHint::FilePath, required_unless_present = "store")]
    file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CommentArguments {
    #[command(flatten)]
    opening: Opening,
    /// The key file, private or public
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// The comment; '' for none
    text: OsString,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CopyIdArguments {
    /// Install the key of this file, private or public; may be repeated [default: the agent's keys, else the newest of the usual files in ~/.ssh]
    #[arg(short = 'i', long = "identity", value_name = "KEY", value_hint = ValueHint::FilePath)]
    keys: Vec<PathBuf>,
    /// The port of the SSH server
    #[arg(short = 'p', long)]
    port: Option<u16>,
    /// An option for ssh, as in its configuration; may be repeated
    #[arg(short = 'o', long = "option", value_name = "SSHOPTION")]
    options: Vec<OsString>,
    /// Only show what would be installed
    #[arg(short = 'n', long)]
    dry_run: bool,
    // Not a doc comment: there the brackets would be links.
    #[arg(
        value_name = "DESTINATION", value_hint = ValueHint::Hostname,
        help = "The server, and the user there: [USER@]HOST, as for ssh",
    )]
    host: OsString,
}

impl CopyIdArguments {
    pub(in crate::cli) fn into_command(self) -> CopyId {
        CopyId {
            host: self.host,
            keys: self.keys,
            port: self.port,
            options: self.options,
            dry_run: self.dry_run,
        }
    }
}

#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(in crate::cli) struct PublicArguments {
    /// In the form of RFC 4716 (BEGIN SSH2 PUBLIC KEY)
    #[arg(long, conflicts_with_all = ["pem", "pkcs8"])]
    rfc4716: bool,
    /// As PEM (BEGIN RSA PUBLIC KEY)
    #[arg(long, conflicts_with = "pkcs8")]
    pem: bool,
    /// As SubjectPublicKeyInfo (BEGIN PUBLIC KEY)
    #[arg(long)]
    pkcs8: bool,
    /// Copy it to the clipboard instead of printing it
    #[arg(long)]
    copy: bool,
    #[command(flatten)]
    opening: Opening,
    /// The key file, private or public (- for standard input)
    #[arg(value_hint = ValueHint::FilePath)]
    file: PathBuf,
}

impl PublicArguments {
    pub(in crate::cli) fn into_command(self) -> Public {
        let form = match (self.rfc4716, self.pem, self.pkcs8) {
            (true, ..) => Form::Rfc4716,
            (_, true, _) => Form::Pem,
            (.., true) => Form::Pkcs8,
            _ => Form::Line,
        };
        Public {
            passphrase: self.opening.source(),
            limits: self.opening.limits(),
            path: self.file,
            form,
            copy: self.copy,
        }
    }
}

impl Opening {
    pub(super) fn source(&self) -> Source {
        Source::of_flag(self.passphrase_file.clone())
    }

    pub(super) fn limits(&self) -> Limits {
        if self.allow_slow { Limits::slow() } else { Limits::default() }
    }
}

impl From<Format> for To {
    fn from(format: Format) -> Self {
        match format {
            Format::OpenSsh => Self::OpenSsh,
            Format::Pem => Self::Pem,
            Format::Pkcs8 => Self::Pkcs8,
            Format::Ppk => Self::Ppk,
            Format::Ppk2 => Self::Ppk2,
            Format::Line => Self::Line,
            Format::Rfc4716 => Self::Rfc4716,
        }
    }
}

impl ConvertArguments {
    pub(in crate::cli) fn into_command(self) -> Convert {
        let clobber = match (self.force, self.no_clobber) {
            (true, _) => Clobber::Always,
            (_, true) => Clobber::Never,
            _ => Clobber::Ask,
        };
        let protect = match (self.no_passphrase, self.new_passphrase, self.new_passphrase_file) {
            (true, ..) => Protect::Nothing,
            (_, true, _) => Protect::New(Source::Person),
            (.., Some(file)) => Protect::New(Source::File(file)),
            _ => Protect::Keep,
        };
        Convert {
            passphrase: self.opening.source(),
            limits: self.opening.limits(),
            path: self.file,
            to: self.to.into(),
            output: self.output,
            clobber,
            protect,
            cipher: self.encrypting.cipher,
            rounds: self.encrypting.rounds,
        }
    }
}

impl PassphraseArguments {
    pub(in crate::cli) fn run(self, environment: &Environment) -> Exit {
        if self.store {
            return StorePassphrase {
                opener: self.opener.opener(),
                old: self.opener.source(),
                new: Source::of_flag(self.new_passphrase_file),
                cost: self.cost.cost(),
            }
            .run(environment);
        }
        if self.opener.opener() != Opener::Passphrase {
            // It would mean nothing, and whoever wrote it meant something.
            storing::code_without_store();
            return Exit::Failure;
        }
        self.into_command().run(environment)
    }

    fn into_command(self) -> Passphrase {
        Passphrase {
            old: self.opening.source(),
            limits: self.opening.limits(),
            path: self.file.unwrap_or_default(),
            new: (!self.remove).then(|| Source::of_flag(self.new_passphrase_file)),
            cipher: self.encrypting.cipher,
            rounds: self.encrypting.rounds,
        }
    }
}

impl CommentArguments {
    pub(in crate::cli) fn into_command(self) -> Comment {
        Comment {
            passphrase: self.opening.source(),
            limits: self.opening.limits(),
            path: self.file,
            text: self.text,
        }
    }
}
