//! `ssh-add`, flag for flag as in OpenSSH 10.5.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use clap::ArgMatches;
use keyfob_config::duration;
use keyfob_config::env::Environment;
use keyfob_keys::HashKind;

use super::getopt::{self, count, given, operands, value, values};
use crate::commands::add::{Add, Halves};
use crate::commands::extensions::Extensions;
use crate::commands::hardware::Hardware;
use crate::commands::list::{Form, List};
use crate::commands::lock::Lock;
use crate::commands::remove::{Remove, What};
use crate::commands::test::Test;
use crate::exit::Exit;
use crate::output;
use crate::voice::Voice;
use crate::voice::locking::Turn;

const FLAGS: &[&str] = &[
    "v", "k", "K", "l", "L", "N", "C", "c", "d", "D", "T", "x", "X", "E:", "e:", "h:", "H:", "M:",
    "m:", "Q", "q", "s:", "S:", "t:",
];

const USAGE: &str = "\
usage: ssh-add [-CcDdKkLlNQqvXx] [-E fingerprint_hash] [-H hostkey_file]
               [-h destination_constraint] [-S provider] [-t life]
               [file ...]
       ssh-add -s pkcs11 [-Cv] [certificate ...]
       ssh-add -e pkcs11
       ssh-add -T pubkey ...";

/// Parses and runs.
pub(crate) fn run(arguments: Vec<OsString>, environment: &Environment) -> Exit {
    match parse(arguments) {
        Ok(command) => command.run(environment),
        Err(exit) => exit,
    }
}

/// What the flags ask for.
#[derive(Debug)]
enum Asked {
    Lock(Lock),
    List(List),
    Remove(Remove),
    Extensions(Extensions),
    Test(Test),
    Hardware(Hardware),
    Add(Add),
}

const VOICE: Voice = Voice::OpenSsh;

impl Asked {
    fn run(self, environment: &Environment) -> Exit {
        match self {
            Self::Lock(lock) => lock.run(environment),
            Self::List(list) => list.run(environment),
            Self::Remove(remove) => remove.run(environment),
            Self::Extensions(extensions) => extensions.run(environment),
            Self::Test(test) => test.run(environment),
            Self::Hardware(hardware) => hardware.run(environment, VOICE),
            Self::Add(add) => add.run(environment),
        }
    }
}

fn parse(arguments: Vec<OsString>) -> Result<Asked, Exit> {
    let matches = getopt::parse(getopt::command("ssh-add", FLAGS), arguments, USAGE)?;
    let hash = hash(&matches)?;
    once(&matches, ["l", "L"])?;
    once(&matches, ["x", "X"])?;
    let lifetime = lifetime(&matches)?;
    let listing = given(&matches, "l") || given(&matches, "L");
    let locking = given(&matches, "x") || given(&matches, "X");
    let (all, query) = (given(&matches, "D"), given(&matches, "Q"));
    if [locking, listing, all, query].into_iter().filter(|flag| *flag).count() > 1 {
        return Err(fatal("Invalid combination of actions"));
    }
    let quiet = given(&matches, "q");
    Ok(if locking {
        let turn = if given(&matches, "x") { Turn::Lock } else { Turn::Unlock };
        Asked::Lock(Lock { voice: VOICE, turn })
    } else if listing {
        let form = if given(&matches, "l") { Form::Fingerprints } else { Form::PublicKeys };
        Asked::List(List { voice: VOICE, form, hash })
    } else if all {
        Asked::Remove(Remove { voice: VOICE, what: What::All, quiet })
    } else if query {
        Asked::Extensions(Extensions { voice: VOICE })
    } else {
        with_files(&matches, lifetime, quiet)
    })
}

/// The actions that take files.
fn with_files(matches: &ArgMatches, lifetime: Option<u32>, quiet: bool) -> Asked {
    let files = operands(matches);
    let halves = Halves::from_flags(given(matches, "C"), given(matches, "k"));
    if given(matches, "T") {
        Asked::Test(Test { voice: VOICE, names: files })
    } else if let Some(library) = value(matches, "e") {
        Asked::Hardware(Hardware::RemoveLibrary(library))
    } else if let Some(library) = value(matches, "s") {
        Asked::Hardware(match given(matches, "d") {
            true => Hardware::RemoveLibrary(library),
            false => Hardware::AddLibrary(library),
        })
    } else if given(matches, "K") {
        Asked::Hardware(Hardware::ResidentKeys)
    } else if given(matches, "d") {
        Asked::Remove(Remove { voice: VOICE, what: What::Files(files, halves), quiet })
    } else {
        Asked::Add(Add {
            voice: VOICE,
            paths: files.into_iter().map(Into::into).collect(),
            halves,
            lifetime,
            certificates_expire: !given(matches, "N"),
            confirm: given(matches, "c"),
            destinations: values(matches, "h")
                .iter()
                .map(|text| text.as_bytes().to_vec())
                .collect(),
            known_hosts: values(matches, "H").into_iter().map(Into::into).collect(),
            quiet,
        })
    }
}

/// `-t`; zero is what it is without the flag: for ever.
fn lifetime(matches: &ArgMatches) -> Result<Option<u32>, Exit> {
    let mut lifetime = None;
    for text in values(matches, "t") {
        let seconds = text.to_str().and_then(|text| duration::parse(text).ok());
        lifetime = Some(seconds.ok_or_else(|| {
            output::note("Invalid lifetime");
            Exit::Failure
        })?);
    }
    Ok(lifetime.filter(|seconds| *seconds != 0))
}

fn hash(matches: &ArgMatches) -> Result<HashKind, Exit> {
    let mut kind = HashKind::Sha256;
    for name in values(matches, "E") {
        kind = hash_named(&name).ok_or_else(|| fatal(&bad_hash(&name)))?;
    }
    Ok(kind)
}

/// A hash for fingerprints by its name, in any case.
pub(super) fn hash_named(name: &OsStr) -> Option<HashKind> {
    match name.to_str()?.to_ascii_lowercase().as_str() {
        "sha256" => Some(HashKind::Sha256),
        "md5" => Some(HashKind::Md5),
        _ => None,
    }
}

pub(super) fn bad_hash(name: &OsStr) -> String {
    format!("Invalid hash algorithm \"{}\"", crate::voice::shown(name.as_bytes()))
}

/// Of two flags one may be given, and once.
fn once(matches: &ArgMatches, flags: [&str; 2]) -> Result<(), Exit> {
    if flags.iter().map(|flag| count(matches, flag)).sum::<u8>() < 2 {
        return Ok(());
    }
    let first = flags.into_iter().min_by_key(|flag| {
        matches
            .indices_of(flag)
            .and_then(|mut at| at.next())
            .filter(|_| given(matches, flag))
            .unwrap_or(usize::MAX)
    });
    Err(fatal(&format!("-{} flag already specified", first.unwrap_or_default())))
}

fn fatal(words: &str) -> Exit {
    output::log_line(words);
    Exit::Fatal
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn asked(arguments: &[&str]) -> Result<Asked, Exit> {
        let arguments = std::iter::once(&"ssh-add").chain(arguments);
        parse(arguments.map(OsString::from).collect())
    }

    fn add(arguments: &[&str]) -> Add {
        match asked(arguments) {
            Ok(Asked::Add(add)) => add,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_flags_it_adds() {
        let plain = add(&[]);
        assert!(plain.paths.is_empty() && plain.halves.keys && plain.halves.certificates);
        assert!(plain.certificates_expire && !plain.confirm && !plain.quiet);
        assert_eq!(plain.lifetime, None);
    }

    #[test]
    fn flags_of_adding_arrive() {
        let add = add(&["-qcNkt", "1h30m", "-h", "a>b", "-hc", "-H", "f", "--", "-x", "y z"]);
        assert!(add.quiet && add.confirm && !add.certificates_expire);
        assert!(add.halves.keys && !add.halves.certificates);
        assert_eq!(add.lifetime, Some(5400));
        assert_eq!(add.destinations, [b"a>b".to_vec(), b"c".to_vec()]);
        assert_eq!(add.known_hosts.len(), 1);
        assert_eq!(add.paths.len(), 2);
    }

    #[test]
    fn each_action_is_understood() {
        assert!(matches!(asked(&["-x"]), Ok(Asked::Lock(Lock { turn: Turn::Lock, .. }))));
        assert!(matches!(asked(&["-X"]), Ok(Asked::Lock(Lock { turn: Turn::Unlock, .. }))));
        assert!(matches!(asked(&["-l"]), Ok(Asked::List(List { form: Form::Fingerprints, .. }))));
        assert!(matches!(
            asked(&["-LE", "md5"]),
            Ok(Asked::List(List { hash: HashKind::Md5, .. }))
        ));
        assert!(matches!(
            asked(&["-qD"]),
            Ok(Asked::Remove(Remove { what: What::All, quiet: true, .. }))
        ));
        assert!(matches!(
            asked(&["-qdk"]),
            Ok(Asked::Remove(Remove { what: What::Files(..), .. }))
        ));
        assert!(matches!(asked(&["-Q"]), Ok(Asked::Extensions(_))));
        assert!(matches!(asked(&["-T", "a"]), Ok(Asked::Test(_))));
        assert!(matches!(asked(&["-qs", "LIB"]), Ok(Asked::Hardware(Hardware::AddLibrary(_)))));
        assert!(matches!(asked(&["-e", "LIB"]), Ok(Asked::Hardware(Hardware::RemoveLibrary(_)))));
        assert!(matches!(asked(&["-K"]), Ok(Asked::Hardware(Hardware::ResidentKeys))));
    }

    #[test]
    fn contradictions_are_fatal_and_a_bad_lifetime_is_not() {
        for arguments in [&["-lL"][..], &["-ll"], &["-xX"], &["-lD"], &["-xQ"], &["-E", "rot13"]] {
            assert_eq!(asked(arguments).unwrap_err(), Exit::Fatal, "{arguments:?}");
        }
        for arguments in [&["-t", "x"][..], &["-t", "-1"], &["-Z"], &["-t"]] {
            assert_eq!(asked(arguments).unwrap_err(), Exit::Failure, "{arguments:?}");
        }
    }

    #[test]
    fn the_forgotten_flags_of_xmss_still_take_their_values() {
        assert_eq!(add(&["-m", "5", "-M7", "file"]).paths.len(), 1);
    }

    #[test]
    fn a_lifetime_of_zero_is_for_ever() {
        assert_eq!(add(&["-t", "0"]).lifetime, None);
    }
}
