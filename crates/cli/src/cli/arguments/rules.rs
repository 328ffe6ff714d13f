//! The flags of `keyfob set`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};
use keyfob_sys::os_text::OsStringExt as _;

use crate::commands::set::{Changes, Set};

use super::lifetime;
use super::store::StoreOpening;

/// What takes a rule away.
const NONE: &str = "none";
const ANY: &str = "any";

#[derive(Debug, Args)]
#[command(group(
    ArgGroup::new("change")
        .args(["lifetime", "idle", "confirm", "no_confirm", "host", "comment", "certificate"])
        .required(true)
        .multiple(true)
))]
pub(in crate::cli) struct SetArguments {
    /// Ask for the passphrase of the store again when it was open so long (30, 10m, 1h30m, 2d, 1w), or none
    #[arg(short = 't', long, value_name = "LIFE", value_parser = lifetime_or_none)]
    lifetime: Option<Lifetime>,
    /// Ask for it again when the key was not used for so long, or none
    #[arg(long, value_name = "TIME", value_parser = lifetime_or_none)]
    idle: Option<Lifetime>,
    /// Ask before each use
    #[arg(short = 'c', long, conflicts_with = "no_confirm")]
    confirm: bool,
    /// Do not ask before each use
    #[arg(long)]
    no_confirm: bool,
    // Not a doc comment: there the brackets would be links.
    #[arg(
        long, value_name = "DESTINATION", value_hint = ValueHint::Hostname,
        help = "Use it only for this host ([USER@]HOST), or from one host to the next \
                (FROM>[USER@]TO); may be repeated, and replaces all there were; or any",
    )]
    host: Vec<OsString>,
    /// Look host keys up in this known hosts file; may be repeated
    #[arg(short = 'H', long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    known_hosts: Vec<PathBuf>,
    /// The comment; '' for none
    #[arg(short = 'C', long, value_name = "TEXT")]
    comment: Option<OsString>,
    /// The certificate in this file, or none
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    certificate: Option<PathBuf>,
    #[command(flatten)]
    opening: StoreOpening,
    /// The key, as keyfob list --store calls it
    name: String,
}

/// A lifetime, or that there is none.
#[derive(Debug, Clone, Copy)]
struct Lifetime(Option<u32>);

fn lifetime_or_none(text: &str) -> Result<Lifetime, String> {
    match text {
        NONE => Ok(Lifetime(None)),
        text => match lifetime(text)? {
            0 => Err(format!("a key cannot be there for no time; {NONE} takes the limit away")),
            seconds => Ok(Lifetime(Some(seconds))),
        },
    }
}

impl SetArguments {
    pub(in crate::cli) fn into_command(self) -> Set {
        let confirm = match (self.confirm, self.no_confirm) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        let hosts = match self.host.as_slice() {
            [] => None,
            [any] if any == ANY => Some(Vec::new()),
            _ => Some(self.host.into_iter().map(OsString::into_vec).collect()),
        };
        let certificate = self.certificate.map(|file| (file.as_os_str() != NONE).then_some(file));
        Set {
            name: self.name,
            store: self.opening.source(),
            known_hosts: self.known_hosts,
            changes: Changes {
                lifetime: self.lifetime.map(|Lifetime(life)| life),
                idle: self.idle.map(|Lifetime(time)| time),
                confirm,
                hosts,
                comment: self.comment.map(OsString::into_vec),
                certificate,
            },
        }
    }
}
