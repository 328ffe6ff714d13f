//! `ssh-add`, flag for flag as in OpenSSH 10.5.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use keyfob_config::duration;
use keyfob_config::env::Environment;
use keyfob_keyfile::Limits;
use keyfob_keys::HashKind;
use keyfob_sys::os_text::OsStrExt as _;

use super::getopt::{Flags, Step, fatal, usage};
use crate::commands::add::{Add, Halves};
use crate::commands::extensions::Extensions;
use crate::commands::hardware::Hardware;
use crate::commands::list::{Form, List};
use crate::commands::lock::Lock;
use crate::commands::remove::{Remove, What};
use crate::commands::test::Test;
use crate::exit::Exit;
use crate::output;
use crate::passphrases::Source;
use crate::voice::locking::Turn;
use crate::voice::{Voice, shown};

const FLAGS: &str = "vkKlLNPCcdDTxXE:e:h:H:M:m:Qqs:S:t:";

const USAGE: &str = "\
usage: ssh-add [-CcDdKkLlqvXx] [-E fingerprint_hash] [-H hostkey_file]
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

/// What the flags said.
#[derive(Debug, Default)]
struct Given {
    /// `-l` or `-L`.
    list: Option<char>,
    /// `-x` or `-X`.
    lock: Option<char>,
    /// The rest of those without a value.
    letters: String,
    hash: HashKind,
    lifetime: Option<u32>,
    destinations: Vec<Vec<u8>>,
    known_hosts: Vec<PathBuf>,
    /// `-s LIB` or `-e LIB`, whichever came last.
    library: Option<OsString>,
}

fn parse(arguments: Vec<OsString>) -> Result<Asked, Exit> {
    let mut given = Given::default();
    let mut flags = Flags::new(FLAGS, arguments);
    for step in flags.by_ref() {
        given.take(step)?;
    }
    let files = flags.operands();
    let actions = [given.list.is_some(), given.lock.is_some(), given.has('D'), given.has('Q')];
    if actions.into_iter().filter(|action| *action).count() > 1 {
        return Err(fatal("Invalid combination of actions"));
    }
    let quiet = given.has('q');
    Ok(match (given.lock, given.list) {
        (Some('x'), _) => {
            Asked::Lock(Lock { voice: VOICE, turn: Turn::Lock, source: Source::Person })
        }
        (Some(_), _) => {
            Asked::Lock(Lock { voice: VOICE, turn: Turn::Unlock, source: Source::Person })
        }
        (_, Some(letter)) => {
            let form = if letter == 'l' { Form::Fingerprints } else { Form::PublicKeys };
            Asked::List(List { voice: VOICE, form, hash: given.hash })
        }
        _ if given.has('D') => Asked::Remove(Remove { voice: VOICE, what: What::All, quiet }),
        _ if given.has('Q') => Asked::Extensions(Extensions { voice: VOICE }),
        _ => given.with_files(files),
    })
}

impl Given {
    fn take(&mut self, step: Step) -> Result<(), Exit> {
        let Step::Flag(letter, value) = step else {
            step.complain();
            return Err(usage(USAGE));
        };
        match letter {
            'l' | 'L' => once(&mut self.list, letter)?,
            'x' | 'X' => once(&mut self.lock, letter)?,
            'E' => self.hash = hash_named(&value).ok_or_else(|| fatal(&bad_hash(&value)))?,
            't' => self.lifetime = lifetime(&value)?,
            'h' => self.destinations.push(value.as_bytes().to_vec()),
            'H' => self.known_hosts.push(value.into()),
            's' => self.library = Some(value),
            'e' => {
                self.library = Some(value);
                self.letters.push('d');
            }
            // Of XMSS keys, which are gone; and of FIDO keys, which are yet to come.
            'm' | 'M' | 'S' => {}
            letter => self.letters.push(letter),
        }
        Ok(())
    }

    fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }

    /// The actions that take files.
    fn with_files(self, files: Vec<OsString>) -> Asked {
        let halves = Halves::from_flags(self.has('C'), self.has('k'));
        let quiet = self.has('q');
        if self.has('T') {
            return Asked::Test(Test { voice: VOICE, names: files });
        }
        if self.library.is_none() && self.has('d') && !self.has('K') {
            return Asked::Remove(Remove { voice: VOICE, what: What::Files(files, halves), quiet });
        }
        let deleting = self.has('d');
        match self.library {
            Some(library) if deleting => Asked::Hardware(Hardware::RemoveLibrary(library)),
            Some(library) => Asked::Hardware(Hardware::AddLibrary(library)),
            None if self.letters.contains('K') => Asked::Hardware(Hardware::ResidentKeys),
            None => Asked::Add(Add {
                voice: VOICE,
                paths: files.into_iter().map(Into::into).collect(),
                halves,
                lifetime: self.lifetime,
                idle: None,
                certificates_expire: !self.letters.contains('N'),
                confirm: self.letters.contains('c'),
                destinations: self.destinations,
                known_hosts: self.known_hosts,
                passphrase: Source::Person,
                limits: Limits::default(),
                quiet,
            }),
        }
    }
}

/// Of two flags one may be given, and once.
fn once(flag: &mut Option<char>, letter: char) -> Result<(), Exit> {
    match flag.replace(letter) {
        None => Ok(()),
        Some(first) => Err(fatal(&format!("-{first} flag already specified"))),
    }
}

/// `-t`; zero is what it is without the flag: for ever.
fn lifetime(text: &OsStr) -> Result<Option<u32>, Exit> {
    match text.to_str().and_then(|text| duration::parse(text).ok()) {
        Some(seconds) => Ok(Some(seconds).filter(|seconds| *seconds != 0)),
        None => {
            output::note("Invalid lifetime");
            Err(Exit::Failure)
        }
    }
}

/// A hash for fingerprints by its name, in any case.
pub(super) fn hash_named(name: &OsStr) -> Option<HashKind> {
    match name.to_str()?.to_ascii_lowercase().as_str() {
        "sha256" => Some(HashKind::Sha256),
        "md5" => Some(HashKind::Md5),
        "sha1" => Some(HashKind::Sha1),
        "sha384" => Some(HashKind::Sha384),
        "sha512" => Some(HashKind::Sha512),
        _ => None,
    }
}

/// What is said of another one.
pub(super) fn bad_hash(name: &OsStr) -> String {
    format!("Invalid hash algorithm \"{}\"", shown(name.as_bytes()))
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
        for arguments in
            [&["-lL", "-Z"][..], &["-ll"], &["-xX"], &["-lD"], &["-xQ"], &["-E", "rot13"]]
        {
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
