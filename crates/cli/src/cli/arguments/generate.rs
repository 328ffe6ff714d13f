//! The flags of `keyfob generate`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};
use keyfob_config::env::Environment;
use keyfob_keyfile::OPENSSH_CIPHERS;
use keyfob_sys::os_text::OsStringExt as _;

use super::offered::Offered;
use super::store::StoreOpening;
use super::{VOICE, lifetime};
use crate::commands::generate::kind::{FORMS, form_named};
use crate::commands::generate::storing::GenerateStored;
use crate::commands::generate::wish::Wish;
use crate::commands::generate::{Generate, HandOver, NewPassphrase, Place, profile};
use crate::exit::Exit;

/// What completions offer for a type.
const TYPES: [&str; 4] = ["ed25519", "rsa", "ecdsa", "mldsa44-ed25519"];

/// The profile that is none.
const LIST: &str = "list";

/// What completions offer for a profile.
const PROFILES: [&str; 10] = [
    LIST,
    "aws-ec2",
    "azure",
    "cisco-csr1000v",
    "enscale",
    "github",
    "gitlab",
    "openstack",
    "vk-cloud",
    "yandex-cloud",
];

/// What concerns a key in a file, and means nothing with the store. Said of each flag of the store:
/// one that conflicts with what another requires makes clap forget the requirement.
const OF_FILES: [&str; 8] =
    ["file", "passphrase_file", "no_passphrase", "format", "rounds", "cipher", "rfc4716", "force"];

/// Without arguments, on a terminal, it asks; every answer is a flag too.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("keeper").args(["add", "save"])))]
#[command(mut_arg("store_passphrase_file", |arg| {
    arg.requires("save").conflicts_with_all(OF_FILES).conflicts_with("add")
}))]
#[allow(clippy::struct_excessive_bools, reason = "they are flags")]
pub(in crate::cli) struct GenerateArguments {
    /// ed25519 [default], rsa, ecdsa or mldsa44-ed25519
    #[arg(short = 't', long = "type", value_name = "TYPE", value_parser = Offered(|| TYPES.to_vec()), hide_possible_values = true)]
    kind: Option<String>,
    /// Bits: rsa 2048 to 16384 [default: 3072], ecdsa 256, 384 or 521 [default: 256]
    #[arg(short = 'b', long, value_name = "BITS")]
    bits: Option<u32>,
    /// What a place needs that is picky about keys; list shows them
    #[arg(long = "for", value_name = "PROFILE", value_parser = Offered(|| PROFILES.to_vec()), hide_possible_values = true, conflicts_with = "weak")]
    profile: Option<String>,
    /// Save it here instead; missing folders are made
    #[arg(short = 'f', long, value_name = "PATH", value_hint = ValueHint::FilePath, conflicts_with = "name")]
    file: Option<PathBuf>,
    /// A comment to know it by [default: user@host]
    #[arg(short = 'C', long, value_name = "COMMENT")]
    comment: Option<OsString>,
    /// Take the passphrase from the first line of this file, - for standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    passphrase_file: Option<PathBuf>,
    /// Do not encrypt the private half
    #[arg(long, conflicts_with = "passphrase_file")]
    no_passphrase: bool,
    /// The form of the private half: openssh [default], pem, pkcs8, ppk (PuTTY) or ppk2 (PuTTY before 0.75); passphrases of pem and ppk2 are quick to guess
    #[arg(long, value_name = "FORMAT", value_parser = FORMS.map(|(name, _)| name))]
    format: Option<String>,
    /// Rounds that make guessing the passphrase slow, 6 ms each [default: 24]
    #[arg(short = 'a', long, value_name = "ROUNDS", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: Option<u32>,
    /// The cipher of the private half, as ssh -Q cipher lists them [default: aes256-ctr]
    #[arg(short = 'Z', long, value_name = "CIPHER", value_parser = Offered(|| OPENSSH_CIPHERS.to_vec()), hide_possible_values = true)]
    cipher: Option<String>,
    /// Write the public half in the form of RFC 4716 too (NAME.pub.rfc4716)
    #[arg(long)]
    rfc4716: bool,
    /// Add it to the agent as well
    #[arg(long)]
    add: bool,
    /// Make it in the key store, under this name: its private half never is a file
    #[arg(long, requires = "name", conflicts_with_all = OF_FILES)]
    save: bool,
    /// With --add: the agent forgets it after this time (30, 10m, 1h30m, 2d, 1w); with --save: so does an unlocked store
    #[arg(long, value_name = "LIFE", value_parser = lifetime, requires = "keeper")]
    lifetime: Option<u32>,
    /// With --add or --save: the agent asks before each use
    #[arg(long, requires = "keeper")]
    confirm: bool,
    #[command(flatten)]
    store: StoreOpening,
    /// Replace files of this name without a question
    #[arg(long)]
    force: bool,
    /// Make an RSA key of 1024 to 2047 bits
    #[arg(long)]
    weak: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    /// Say nothing when all went well
    #[arg(short = 'q', long, conflicts_with = "json")]
    quiet: bool,
    /// A name in ~/.ssh, or a path [default: ~/.ssh/id_TYPE]
    #[arg(value_name = "NAME", value_hint = ValueHint::FilePath)]
    name: Option<OsString>,
}

impl GenerateArguments {
    pub(in crate::cli) fn run(self, environment: &Environment) -> Exit {
        if self.profile.as_deref() == Some(LIST) {
            profile::list(self.json);
            return Exit::Success;
        }
        let done = match self.save {
            true => self.into_stored().map(|command| command.run(environment)),
            false => self.into_command().map(|command| command.run(environment)),
        };
        done.unwrap_or_else(|exit| exit)
    }

    fn into_stored(self) -> Result<GenerateStored, Exit> {
        let rules = self.rules();
        let wish = Wish {
            name: self.kind,
            bits: self.bits,
            weak: self.weak,
            profile: self.profile,
            form: None,
        };
        let settled = wish.settle(VOICE)?;
        Ok(GenerateStored {
            voice: VOICE,
            wanted: settled.wanted,
            name: self.name.unwrap_or_default().to_string_lossy().into_owned(),
            comment: self.comment.map(OsString::into_vec),
            rules,
            store: self.store.source(),
            quiet: self.quiet,
            json: self.json,
            next: settled.next,
        })
    }

    fn rules(&self) -> HandOver {
        HandOver { lifetime: self.lifetime.filter(|seconds| *seconds != 0), confirm: self.confirm }
    }

    fn into_command(self) -> Result<Generate, Exit> {
        let conversation = self.is_silent();
        let add = self.add.then(|| self.rules());
        let place = match (self.file, self.name) {
            (Some(path), _) => Place::At(path),
            (None, Some(name)) => Place::Named(name),
            (None, None) => Place::Usual,
        };
        let passphrase = match self.passphrase_file {
            Some(path) => NewPassphrase::File(path),
            None if self.no_passphrase => NewPassphrase::None,
            None => NewPassphrase::Ask,
        };
        let wish = Wish {
            name: self.kind,
            bits: self.bits,
            weak: self.weak,
            profile: self.profile,
            form: self.format.as_deref().and_then(form_named),
        };
        let settled = wish.settle(VOICE)?;
        Ok(Generate {
            voice: VOICE,
            wanted: settled.wanted,
            place,
            comment: self.comment.map(OsString::into_vec),
            passphrase,
            form: settled.form,
            cipher: self.cipher,
            rounds: self.rounds,
            rfc4716: self.rfc4716,
            hash: keyfob_keys::HashKind::Sha256,
            overwrite: self.force,
            quiet: self.quiet,
            json: self.json,
            conversation,
            add,
            next: settled.next,
        })
    }

    /// Whether nothing was said about the key: then everything is asked.
    fn is_silent(&self) -> bool {
        let said = [
            self.kind.is_some(),
            self.bits.is_some(),
            self.profile.is_some(),
            self.file.is_some(),
            self.name.is_some(),
            self.comment.is_some(),
            self.passphrase_file.is_some(),
            self.no_passphrase,
            self.format.is_some(),
        ];
        !said.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::generate::kind::Family;
    use crate::commands::generate::profile::Profile;

    #[test]
    fn every_profile_and_type_is_offered_and_is_one() {
        let names: Vec<String> = Profile::all().into_iter().map(|profile| profile.name).collect();
        assert_eq!(PROFILES[0], LIST);
        assert_eq!(PROFILES[1..], names);
        for name in TYPES {
            assert!(Family::named(name).is_ok(), "{name}");
        }
    }
}
