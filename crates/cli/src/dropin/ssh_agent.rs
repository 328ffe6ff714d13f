//! `ssh-agent`, flag for flag as in OpenSSH 10.5.
//!
//! `-P` and `-O` speak of PKCS#11 and FIDO libraries. No library is ever
//! loaded, so they are checked and then have nothing to change.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use keyfob_config::duration;
use keyfob_config::env::{Environment, Name};
use keyfob_keys::HashKind;

use super::getopt::{Flags, Step, fatal, usage};
use super::ssh_add::{bad_hash, hash_named};
use crate::commands::agent::{Kill, Place, Start, Stay, Tidy};
use crate::exit::Exit;
use crate::output;
use crate::shell::Shell;
use crate::voice::Voice;

const FLAGS: &str = "cDdksTuUVE:a:O:P:t:";

const USAGE: &str = "\
usage: ssh-agent [-c | -s] [-DdTU] [-a bind_address] [-E fingerprint_hash]
                 [-O option] [-P allowed_providers] [-t life]
       ssh-agent [-TU] [-a bind_address] [-E fingerprint_hash] [-O option]
                 [-P allowed_providers] [-t life] command [arg ...]
       ssh-agent [-c | -s] -k
       ssh-agent -u
       ssh-agent -V";

const VOICE: Voice = Voice::OpenSsh;

/// Parses and runs.
pub(crate) fn run(arguments: Vec<OsString>, environment: &Environment) -> Exit {
    match parse(arguments, environment.get(Name::Shell)) {
        Ok(Asked::Version) => {
            output::note(concat!(
                "keyfob ",
                env!("CARGO_PKG_VERSION"),
                ", behaves as OpenSSH_10.5p1"
            ));
            Exit::Success
        }
        Ok(Asked::Kill(kill)) => kill.run(environment),
        Ok(Asked::Tidy(tidy)) => tidy.run(environment),
        Ok(Asked::Start(start)) => start.run(environment),
        Err(exit) => exit,
    }
}

/// What the flags ask for.
#[derive(Debug)]
enum Asked {
    Version,
    Kill(Kill),
    Tidy(Tidy),
    Start(Start),
}

/// What the flags said.
#[derive(Debug, Default)]
struct Given {
    letters: String,
    address: Option<PathBuf>,
    lifetime: Option<u32>,
    hash: Option<HashKind>,
    providers: bool,
    websafe: bool,
}

fn parse(arguments: Vec<OsString>, login_shell: Option<&OsStr>) -> Result<Asked, Exit> {
    let mut given = Given::default();
    let mut flags = Flags::new(FLAGS, arguments);
    for step in flags.by_ref() {
        given.take(step)?;
        if given.has('V') {
            return Ok(Asked::Version);
        }
    }
    let command = flags.operands();
    if !command.is_empty() && ['c', 'k', 's', 'd', 'D', 'u'].into_iter().any(|flag| given.has(flag))
    {
        return Err(usage(USAGE));
    }
    let shell = match (given.has('c'), given.has('s')) {
        (true, _) => Shell::Csh,
        (_, true) => Shell::Sh,
        _ => Shell::by_ending(login_shell),
    };
    if given.has('k') {
        return Ok(Asked::Kill(Kill { voice: VOICE, shell }));
    }
    if given.has('u') {
        let all_hosts = given.letters.matches('u').count() > 1;
        return Ok(Asked::Tidy(Tidy { voice: VOICE, all_hosts }));
    }
    Ok(Asked::Start(Start {
        voice: VOICE,
        stay: given.stay(command),
        shell,
        lifetime: given.lifetime,
        hash: given.hash,
        place: given.place(),
    }))
}

impl Given {
    fn take(&mut self, step: Step) -> Result<(), Exit> {
        let Step::Flag(letter, value) = step else {
            step.complain();
            return Err(usage(USAGE));
        };
        match letter {
            'c' if self.has('s') => return Err(usage(USAGE)),
            's' if self.has('c') => return Err(usage(USAGE)),
            'd' | 'D' if self.has('d') || self.has('D') => return Err(usage(USAGE)),
            'E' => self.hash = Some(hash_named(&value).ok_or_else(|| fatal(&bad_hash(&value)))?),
            'a' => self.address = Some(value.into()),
            't' => self.lifetime = Some(lifetime(&value)?),
            'O' => self.option(&value)?,
            'P' if std::mem::replace(&mut self.providers, true) => {
                return Err(fatal("-P option already specified"));
            }
            'P' => {}
            letter => self.letters.push(letter),
        }
        Ok(())
    }

    /// What concerns libraries has to make sense, though none is loaded.
    fn option(&mut self, option: &OsStr) -> Result<(), Exit> {
        match option.to_str() {
            Some("no-restrict-websafe" | "allow-remote-pkcs11") => Ok(()),
            Some(option) if option.starts_with("websafe-allow=") => {
                match std::mem::replace(&mut self.websafe, true) {
                    true => Err(fatal("websafe-allow already set")),
                    false => Ok(()),
                }
            }
            _ => Err(fatal("Unknown -O option")),
        }
    }

    fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }

    fn stay(&self, command: Vec<OsString>) -> Stay {
        if self.has('d') || self.has('D') {
            Stay::Foreground { debug: self.has('d') }
        } else if command.is_empty() {
            Stay::Background
        } else {
            Stay::While(command)
        }
    }

    fn place(self) -> Place {
        let tidy = !self.has('U');
        match self.address {
            Some(path) => Place::At(path),
            None if self.letters.contains('T') => Place::Temporary,
            None => Place::InHome { tidy },
        }
    }
}

fn lifetime(text: &OsStr) -> Result<u32, Exit> {
    text.to_str().and_then(|text| duration::parse(text).ok()).ok_or_else(|| {
        output::note("Invalid lifetime");
        usage(USAGE)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn asked(arguments: &[&str]) -> Result<Asked, Exit> {
        let arguments = std::iter::once(&"ssh-agent").chain(arguments);
        parse(arguments.map(OsString::from).collect(), Some(OsStr::new("/bin/bash")))
    }

    fn start(arguments: &[&str]) -> Start {
        match asked(arguments) {
            Ok(Asked::Start(start)) => start,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn without_flags_it_goes_to_the_background_and_listens_in_the_home() {
        let start = start(&[]);
        assert_eq!(start.stay, Stay::Background);
        assert_eq!(start.place, Place::InHome { tidy: true });
        assert_eq!((start.shell, start.lifetime, start.hash), (Shell::Sh, None, None));
    }

    #[test]
    fn flags_cluster() {
        let start = start(&["-DUt10", "-a", "/tmp/s"]);
        assert_eq!(start.stay, Stay::Foreground { debug: false });
        assert_eq!(start.place, Place::At("/tmp/s".into()));
        assert_eq!(start.lifetime, Some(10));
    }

    #[test]
    fn a_command_is_taken_verbatim_from_its_first_word() {
        let words = ["ssh-add", "-l", "--", "-k"].map(OsString::from).to_vec();
        assert_eq!(start(&["-T", "ssh-add", "-l", "--", "-k"]).stay, Stay::While(words));
        assert_eq!(start(&["--", "-x"]).stay, Stay::While(vec!["-x".into()]));
    }

    #[test]
    fn what_does_not_go_together_is_wrong_usage() {
        let wrong = [
            &["-cs"][..],
            &["-dD"],
            &["-DD"],
            &["-c", "cmd"],
            &["-k", "cmd"],
            &["-D", "cmd"],
            &["-u", "cmd"],
            &["-t", "x"],
            &["-Z"],
        ];
        for arguments in wrong {
            assert_eq!(asked(arguments).unwrap_err(), Exit::Failure, "{arguments:?}");
        }
    }

    #[test]
    fn what_libraries_may_do_is_checked_though_none_is_loaded() {
        start(&[
            "-O",
            "allow-remote-pkcs11",
            "-Ono-restrict-websafe",
            "-Owebsafe-allow=ssh:*",
            "-P",
            "/usr/lib/*",
        ]);
        for arguments in [
            &["-O", "x"][..],
            &["-Pa", "-Pb"],
            &["-Owebsafe-allow=a", "-Owebsafe-allow=b"],
            &["-E", "x"],
        ] {
            assert_eq!(asked(arguments).unwrap_err(), Exit::Fatal, "{arguments:?}");
        }
    }

    #[test]
    fn the_other_actions_are_understood() {
        assert!(matches!(asked(&["-ck"]), Ok(Asked::Kill(Kill { shell: Shell::Csh, .. }))));
        assert!(matches!(asked(&["-u"]), Ok(Asked::Tidy(Tidy { all_hosts: false, .. }))));
        assert!(matches!(asked(&["-uu"]), Ok(Asked::Tidy(Tidy { all_hosts: true, .. }))));
        assert!(matches!(asked(&["-V"]), Ok(Asked::Version)));
    }
}
