//! The flags of the log.

use super::store::StoreOpening;
use clap::{Args, ValueEnum};
use keyfob_config::env::Environment;

use crate::commands::log::{Filter, Log, LogVerify, moment};
use crate::exit::Exit;

#[derive(Debug, Args)]
#[command(mut_arg("store_passphrase_file", |arg| arg.requires("what")))]
pub(in crate::cli) struct LogArguments {
    /// As JSON: the lines as they are written, one for each event; with verify one document
    #[arg(long)]
    json: bool,
    /// Only this key: its fingerprint or the beginning of it, its comment, or a part or pattern (*, ?) of that
    #[arg(short = 'k', long, value_name = "KEY", conflicts_with = "what")]
    key: Option<String>,
    /// Only this host: one of its names or a pattern (*, ?) of them, or the fingerprint of its key
    #[arg(short = 'H', long, value_name = "HOST", conflicts_with = "what")]
    host: Option<String>,
    /// Only what this program asked for, itself or through others: its name or its path
    #[arg(short = 'p', long, value_name = "PROGRAM", conflicts_with = "what")]
    program: Option<String>,
    /// Nothing before: a length of time ago (2h), or a date with or without a time (2026-11-26T15:00)
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "what")]
    since: Option<u64>,
    /// Nothing after
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "what")]
    until: Option<u64>,
    /// Go on with what is written from now on
    #[arg(short = 'f', long, conflicts_with_all = ["what", "until"])]
    follow: bool,
    /// The last N of them, 0 for all [default: 50, with --json all]
    #[arg(short = 'n', long, value_name = "N", conflicts_with = "what")]
    last: Option<usize>,
    #[command(flatten)]
    opening: StoreOpening,
    /// What is to be done, instead of showing it
    what: Option<What>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Prove that no line was changed or taken out
    Verify,
}

impl LogArguments {
    pub(in crate::cli) fn run(self, environment: &Environment) -> Exit {
        const LAST: usize = 50;
        let Self { json, key, host, program, since, until, follow, last, opening, what } = self;
        if let Some(What::Verify) = what {
            return LogVerify { json, store: opening.source() }.run(environment);
        }
        let filter = Filter { key, host, program, since, until };
        let last = last.unwrap_or(if json { 0 } else { LAST });
        Log { json, filter, follow, last }.run(environment)
    }
}

fn time(text: &str) -> Result<u64, String> {
    moment::parse(text).ok_or_else(|| format!("{text:?} is no time\n\nhint: {}", moment::HINT))
}
