//! The flags of `keyfob`, and what each fills.

mod config;
mod doctor;
mod generate;
mod help;
mod key_files;
mod log;
mod moving_in;
mod offered;
mod offering;
mod rules;
mod setup;
mod store;
mod upkeep;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum, ValueHint};
use keyfob_config::duration;
use keyfob_config::env::Environment;
use keyfob_keys::HashKind;
use keyfob_sys::os_text::OsStringExt as _;

use crate::commands::add::keeping::{How, Keep};
use crate::commands::add::{Add, Halves};
use crate::commands::agent::{Kill, Place, Start, Stay, Tidy};
use crate::commands::completions::Completing;
use crate::commands::env::{Env, calling_shell};
use crate::commands::list::{Form, List, ListStored};
use crate::commands::lock::Lock;
use crate::commands::remove::{Remove, What};
use crate::commands::status::Status;
use crate::commands::test::Test;
use crate::commands::why::Why;
use crate::exit::Exit;
use crate::passphrases::Source;
use crate::shell::Shell;
use crate::voice::Voice;
use crate::voice::locking::Turn;

use config::ConfigArguments;
use doctor::DoctorArguments;
use generate::GenerateArguments;
use help::HelpArguments;
use key_files::{
    CommentArguments, ConvertArguments, CopyIdArguments, InspectArguments, Opening,
    PassphraseArguments, PublicArguments,
};
use log::LogArguments;
use moving_in::{InstallArguments, UninstallArguments};
use offering::{ExplainArguments, HostsArguments};
use rules::SetArguments;
use setup::SetupArguments;
use store::{
    DeleteArguments, ExportArguments, ImportArguments, InitArguments, RenameArguments, StoreOpening,
};
use upkeep::{
    AccountArguments, BackupArguments, CheckArguments, RecoveryArguments, RekeyArguments,
    RestoreArguments,
};

const VOICE: Voice = Voice::Keyfob;

const BEGIN: &str = if cfg!(windows) {
    "Begin with:  keyfob setup\n\
     or by hand:  keyfob agent  and then  keyfob add .ssh\\id_ed25519\n\
     Coming from Pageant, or another agent:  keyfob help"
} else {
    "Begin with:  keyfob setup\n\
     or by hand:  eval \"$(keyfob env)\"  and then  keyfob add ~/.ssh/id_ed25519\n\
     Coming from ssh-agent, gpg-agent, Pageant or keychain:  keyfob help"
};

/// One agent for all of your SSH keys
///
/// Called by the name ssh-agent, ssh-add or ssh-keygen (a link to the same binary) it behaves as
/// those programs.
#[derive(Debug, Parser)]
#[command(name = "keyfob", version, arg_required_else_help = true, max_term_width = 100)]
#[command(disable_help_subcommand = true)]
#[command(after_help = BEGIN)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the variables that lead to the agent, starting it if need be
    Env(EnvArguments),
    /// Run an agent
    Agent(AgentArguments),
    /// Add private keys to the agent, for this session
    Add(AddArguments),
    /// Show the keys the agent holds, or those of the key store
    List(ListArguments),
    /// Make the agent forget keys; their files stay
    Remove(RemoveArguments),
    /// Lock the key store and all keys; without a store, the agent with a passphrase
    Lock(LockArguments),
    /// Unlock the key store, or the agent
    Unlock(LockArguments),
    /// Tell how the key store and the agent are
    Status(StatusArguments),
    /// Show what goes on in the agent, and answer its questions with one key
    #[cfg(feature = "watch")]
    Watch,
    /// Pass on what programs say to the agent, from standard input: for WSL and containers
    Relay,
    /// Tell why the agent refused something
    Why(WhyArguments),
    /// Show who used which key for what, or prove that nothing of it was changed
    Log(LogArguments),
    /// Show which key each host took, or forget it
    Hosts(HostsArguments),
    /// Tell which keys a host would be offered, in which order, and why
    Explain(ExplainArguments),
    /// Sign something with keys and check the signatures
    Test(TestArguments),
    /// Make a key pair
    Generate(GenerateArguments),
    /// Tell what is in key files, and what is wrong with them
    Inspect(InspectArguments),
    /// Write a key in another format
    Convert(ConvertArguments),
    /// Change, set or remove the passphrase of a private key file, or change that of the key store
    Passphrase(PassphraseArguments),
    /// Change the comment of a key file and of the .pub file beside it
    Comment(CommentArguments),
    /// Print the public half of a key, or copy it to the clipboard
    Public(PublicArguments),
    /// Install public keys on a server, so that they open it
    CopyId(CopyIdArguments),
    /// Make the key store, where keys outlive the session
    Init(InitArguments),
    /// Take keys into the key store: files, folders, what ssh is configured with
    Import(ImportArguments),
    /// Write a key of the key store into a file
    Export(ExportArguments),
    /// Call a key of the key store by another name
    Rename(RenameArguments),
    /// Delete keys from the key store
    Delete(DeleteArguments),
    /// Change the rules of a key of the key store: lifetime, confirmation, hosts
    Set(SetArguments),
    /// Make a new recovery code for the key store
    ///
    /// It takes the passphrase of the store. Where that and the code are lost nothing opens it; where only the
    /// passphrase is, the code sets a new one:
    ///
    /// `keyfob passphrase --store --recovery-code`
    Recovery(RecoveryArguments),
    /// Let the login of your account open the key store without its passphrase, or take that back
    Account(AccountArguments),
    /// Seal everything in the key store anew, so that old passphrases and codes open nothing newer
    Rekey(RekeyArguments),
    /// Prove every file of the key store, and tell what is not as it should be
    Check(CheckArguments),
    /// Write the whole key store into one file, sealed as it is
    Backup(BackupArguments),
    /// Put a backup in the place of the key store; what is there is kept beside it
    Restore(RestoreArguments),
    /// Look for what keeps ssh from the agent, and for keys that are not safe
    Doctor(DoctorArguments),
    /// Tell of the settings file: where it is, whether it is right, what it comes to
    Config(ConfigArguments),
    /// Set everything up, step by step: keys, key store, start at login, a login to test it
    Setup(SetupArguments),
    /// Make the agent start at login, and every program find it
    Install(InstallArguments),
    /// Take away what install put there; keys and settings stay
    Uninstall(UninstallArguments),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Completing,
    },
    /// Print help on a topic or a command; without one, which topics there are
    Help(HelpArguments),
    /// Print the manual page, or write all of them into a folder
    Man {
        /// The folder
        #[arg(value_hint = ValueHint::DirPath)]
        directory: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(super) struct EnvArguments {
    /// The shell that evaluates the lines [default: the one that called]
    #[arg(long, value_name = "SHELL")]
    shell: Option<Shell>,
    /// The socket of this profile of the settings, which shows its keys only
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Hash {
    Sha256,
    Md5,
}

/// Flags as ssh-agent has them.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(super) struct AgentArguments {
    /// Listen at this path
    #[arg(short = 'a', long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    address: Option<PathBuf>,
    /// Listen in a fresh folder below $TMPDIR
    #[arg(short = 'T', long, conflicts_with = "address")]
    temporary: bool,
    /// Listen in ~/.ssh/agent, where ssh-agent does
    #[arg(long, conflicts_with_all = ["address", "temporary"])]
    in_home: bool,
    /// Leave stale sockets in ~/.ssh/agent alone
    #[arg(short = 'U', long)]
    no_tidy: bool,
    /// Only remove stale sockets from ~/.ssh/agent; twice: of all machines that share the home
    #[arg(short = 'u', long, action = clap::ArgAction::Count, conflicts_with_all = ["command", "foreground", "debug"])]
    tidy: u8,
    /// Keys that come without a lifetime stay this long (30, 10m, 1h30m, 2d, 1w)
    #[arg(short = 't', long, value_name = "LIFE", value_parser = lifetime)]
    lifetime: Option<u32>,
    /// The hash of fingerprints in questions
    #[arg(short = 'E', long, value_name = "HASH")]
    fingerprint_hash: Option<Hash>,
    /// Stay in the foreground
    #[arg(short = 'D', long)]
    foreground: bool,
    /// Stay in the foreground and log everything to the standard error stream
    #[arg(short = 'd', long, conflicts_with = "foreground")]
    debug: bool,
    /// End the agent that SSH_AGENT_PID names
    #[arg(short = 'k', long, conflicts_with_all = ["command", "foreground", "debug", "tidy"])]
    kill: bool,
    /// Accepted for ssh-agent's sake: no library is ever loaded
    #[arg(short = 'P', value_name = "PATTERNS", hide = true)]
    providers: Option<OsString>,
    /// Accepted for ssh-agent's sake: no library is ever loaded
    #[arg(short = 'O', value_name = "OPTION", hide = true)]
    option: Vec<OsString>,
    /// The shell that evaluates the lines [default: the one that called]
    #[arg(long, value_name = "SHELL")]
    shell: Option<Shell>,
    /// Run this with the agent; the agent ends with it
    #[arg(trailing_var_arg = true, value_hint = ValueHint::CommandWithArguments)]
    command: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(disable_help_flag = true, group(ArgGroup::new("kept").args(["save", "link"])))]
#[command(mut_arg("store_passphrase_file", |arg| {
    arg.requires("kept").conflicts_with("only_certificates")
}))]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(super) struct AddArguments {
    /// Forget the key after this time (30, 10m, 1h30m, 2d, 1w)
    #[arg(short = 't', long, value_name = "LIFE", value_parser = lifetime)]
    lifetime: Option<u32>,
    /// Forget the key when it was not used for so long
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    idle: Option<u32>,
    /// Ask before each use
    #[arg(short = 'c', long)]
    confirm: bool,
    // Not a doc comment: there the brackets would be links.
    #[arg(
        short = 'h', long, value_name = "DESTINATION", value_hint = ValueHint::Hostname,
        help = "Use it only for this host ([USER@]HOST), or from one host to the next \
                (FROM>[USER@]TO); may be repeated",
    )]
    destination: Vec<OsString>,
    /// Look host keys up in this known hosts file; may be repeated
    #[arg(short = 'H', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    known_hosts: Vec<PathBuf>,
    /// Add only certificates (FILE-cert.pub)
    #[arg(short = 'C', long, conflicts_with = "only_keys")]
    only_certificates: bool,
    /// Add no certificates
    #[arg(short = 'k', long)]
    only_keys: bool,
    /// Let a certificate stay after its end
    #[arg(short = 'N', long)]
    keep_expired: bool,
    /// Say nothing when all went well
    #[arg(short = 'q', long)]
    quiet: bool,
    /// Keep the keys in the key store, beyond this session
    #[arg(long, conflicts_with = "only_certificates")]
    save: bool,
    /// Keep in the key store where the files are, and their passphrases, beyond this session
    #[arg(long, conflicts_with_all = ["only_certificates", "save"])]
    link: bool,
    /// With --save or --link: what the key is called there [default: as its file]
    #[arg(long, requires = "kept")]
    name: Option<String>,
    #[command(flatten)]
    store: StoreOpening,
    #[command(flatten)]
    opening: Opening,
    /// Print help
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// Key files, folders with key files, or - for standard input [default: the usual files in ~/.ssh]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    paths: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(mut_arg("store_passphrase_file", |arg| arg.requires("unlock")))]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(super) struct ListArguments {
    /// As JSON
    #[arg(long, conflicts_with_all = ["fingerprints", "public_keys"])]
    json: bool,
    /// Bits, fingerprint, comment and type, as ssh-add -l
    #[arg(short = 'l', long)]
    fingerprints: bool,
    /// The public keys, as ssh-add -L
    #[arg(short = 'L', long, conflicts_with = "fingerprints")]
    public_keys: bool,
    /// The hash of fingerprints
    #[arg(short = 'E', long, value_name = "HASH", default_value = "sha256")]
    fingerprint_hash: Hash,
    /// Those of the key store, which is not unlocked: whether they are genuine is not known then
    #[arg(long, conflicts_with_all = ["fingerprints", "public_keys"])]
    store: bool,
    /// With --store: unlock it, check every key, and show the rules too
    #[arg(long, requires = "store")]
    unlock: bool,
    #[command(flatten)]
    opening: StoreOpening,
}

#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// All of them
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Say nothing when all went well
    #[arg(short = 'q', long)]
    quiet: bool,
    /// Number or comment in the list, fingerprint or its beginning, or a key file
    #[arg(value_name = "NAME", required_unless_present = "all", value_hint = ValueHint::AnyPath)]
    names: Vec<OsString>,
}

#[derive(Debug, Args)]
#[command(mut_arg("store_passphrase_file", |arg| {
    arg.help("The passphrase of the key store, or without one that of the lock, is the first line of this file (- for a line of standard input)")
}))]
pub(super) struct LockArguments {
    #[command(flatten)]
    opening: StoreOpening,
}

#[derive(Debug, Args)]
pub(super) struct WhyArguments {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// The last N of them, 0 for all
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    last: usize,
}

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// What protects the process that holds the keys
    #[arg(long)]
    security: bool,

    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct TestArguments {
    /// Number or comment in the list, fingerprint or its beginning, or a key file
    #[arg(value_name = "NAME", required = true, value_hint = ValueHint::AnyPath)]
    names: Vec<OsString>,
}

impl From<Hash> for HashKind {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256,
            Hash::Md5 => Self::Md5,
        }
    }
}

impl EnvArguments {
    pub(super) fn into_command(self) -> Env {
        Env { shell: self.shell, profile: self.profile }
    }
}

impl AgentArguments {
    pub(super) fn run(self, environment: &Environment) -> Exit {
        let shell = self.shell.unwrap_or_else(|| calling_shell(environment));
        if self.kill {
            return Kill { voice: VOICE, shell }.run(environment);
        }
        if self.tidy > 0 {
            return Tidy { voice: VOICE, all_hosts: self.tidy > 1 }.run(environment);
        }
        let place = match self.address {
            Some(path) => Place::At(path),
            None if self.temporary => Place::Temporary,
            None if self.in_home => Place::InHome { tidy: !self.no_tidy },
            None => Place::Own,
        };
        let stay = if self.foreground || self.debug {
            Stay::Foreground { debug: self.debug }
        } else if self.command.is_empty() {
            Stay::Background
        } else {
            Stay::While(self.command)
        };
        let hash = self.fingerprint_hash.map(HashKind::from);
        Start { voice: VOICE, place, stay, shell, lifetime: self.lifetime, hash }.run(environment)
    }
}

impl AddArguments {
    pub(super) fn run(self, environment: &Environment) -> Exit {
        let how = match (self.save, self.link) {
            (true, _) => How::Save,
            (_, true) => How::Link,
            _ => return self.into_command().run(environment),
        };
        let (name, store) = (self.name.clone(), self.store.source());
        Keep { add: self.into_command(), how, name, store }.run(environment)
    }

    fn into_command(self) -> Add {
        Add {
            voice: VOICE,
            paths: self.paths,
            halves: Halves::from_flags(self.only_certificates, self.only_keys),
            lifetime: self.lifetime.filter(|seconds| *seconds != 0),
            idle: self.idle.filter(|seconds| *seconds != 0),
            certificates_expire: !self.keep_expired,
            confirm: self.confirm,
            destinations: self.destination.into_iter().map(OsString::into_vec).collect(),
            known_hosts: self.known_hosts,
            passphrase: self.opening.source(),
            limits: self.opening.limits(),
            quiet: self.quiet,
        }
    }
}

impl ListArguments {
    pub(super) fn run(self, environment: &Environment) -> Exit {
        if self.store {
            let source = self.opening.source();
            // Whoever names a passphrase wants it used.
            let unlock = self.unlock || source != Source::Person;
            let passphrase = unlock.then_some(source);
            let hash = self.fingerprint_hash.into();
            return ListStored { passphrase, json: self.json, hash }.run(environment);
        }
        self.into_command().run(environment)
    }

    fn into_command(self) -> List {
        let form = match (self.json, self.fingerprints, self.public_keys) {
            (true, ..) => Form::Json,
            (_, true, _) => Form::Fingerprints,
            (.., true) => Form::PublicKeys,
            _ => Form::Table,
        };
        List { voice: VOICE, form, hash: self.fingerprint_hash.into() }
    }
}

impl RemoveArguments {
    pub(super) fn into_command(self) -> Remove {
        let what = if self.all { What::All } else { What::Named(self.names) };
        Remove { voice: VOICE, what, quiet: self.quiet }
    }
}

impl TestArguments {
    pub(super) fn into_command(self) -> Test {
        Test { voice: VOICE, names: self.names }
    }
}

impl LockArguments {
    pub(super) fn into_command(self, turn: Turn) -> Lock {
        Lock { voice: VOICE, turn, source: self.opening.source() }
    }
}

impl WhyArguments {
    pub(super) fn into_command(self) -> Why {
        Why { json: self.json, last: self.last }
    }
}

impl StatusArguments {
    pub(super) fn into_command(self) -> Status {
        Status { json: self.json, security: self.security }
    }
}

fn lifetime(text: &str) -> Result<u32, String> {
    duration::parse(text).map_err(|error| format!("{error}\n\nhint: {}", duration::HINT))
}
