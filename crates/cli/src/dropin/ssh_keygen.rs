//! `ssh-keygen`, flag for flag as in OpenSSH 10.5: generation and everything
//! about key files.
//!
//! Generation is `keyfob generate` in OpenSSH's words. The other modes have
//! their own code: what they ask, read and print, and in which order, has no
//! counterpart in `keyfob`'s commands. Signing, revocation lists, `known_hosts`
//! and tokens are not done yet, and say so.

mod certificate;
mod change;
mod convert;
mod flags;
mod generate;
mod host_keys;
mod line;
mod missing;
mod private;
mod public;
mod questions;
mod show;

use std::ffi::OsString;

use keyfob_config::env::Environment;

use super::getopt::{fatal, usage};
use crate::exit::Exit;
use crate::output;
use crate::voice::Voice;
use flags::{Given, USAGE};

const VOICE: Voice = Voice::OpenSsh;

/// Parses and runs.
pub(crate) fn run(arguments: Vec<OsString>, environment: &Environment) -> Exit {
    match Given::parse(arguments) {
        Ok((mut given, operands)) => match act(&mut given, &operands, environment) {
            Ok(()) => Exit::Success,
            Err(exit) => exit,
        },
        Err(exit) => exit,
    }
}

/// Of several modes the first in the original's order wins.
fn act(given: &mut Given, operands: &[OsString], environment: &Environment) -> Result<(), Exit> {
    check_words(given, operands)?;
    missing::before_certificates(given)?;
    if given.has('L') {
        return certificate::show(given);
    }
    missing::before_fingerprints(given)?;
    if given.has('l') || given.has('B') {
        return show::show(given);
    }
    if given.has('p') {
        return change::passphrase(given, environment);
    }
    if given.has('c') {
        return change::comment(given, environment);
    }
    if given.has('e') {
        return convert::export(given, environment);
    }
    if given.has('i') {
        return convert::import(given);
    }
    if given.has('y') {
        return convert::public(given, environment);
    }
    missing::before_generation(given)?;
    if given.has('A') {
        return host_keys::make(given);
    }
    generate::make(given, environment)
}

/// What is wrong with the line as a whole is found before anything is done.
fn check_words(given: &Given, operands: &[OsString]) -> Result<(), Exit> {
    if let Some(operation) = &given.signature_operation {
        missing::signatures(operation)?;
    }
    let takes_words = ['k', 'Q', 'M'].into_iter().any(|mode| given.has(mode));
    if given.has('s') && operands.is_empty() && !given.has('k') {
        return Err(wrong("Too few arguments."));
    }
    if !given.has('s') && !operands.is_empty() && !takes_words {
        return Err(wrong("Too many arguments."));
    }
    if given.has('p') && given.has('c') {
        return Err(wrong("Can only have one of -p and -c."));
    }
    if given.has('l') && (given.has('H') || given.has('R')) {
        return Err(wrong("Cannot use -l with -H or -R."));
    }
    Ok(())
}

/// A reason, and the usage below it.
fn wrong(reason: &str) -> Exit {
    output::log_line(reason);
    usage(USAGE)
}
