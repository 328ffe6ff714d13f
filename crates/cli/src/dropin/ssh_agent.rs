//! `ssh-agent`, flag for flag as in OpenSSH 10.5.
//!
//! `-P` and `-O` speak of PKCS#11 and FIDO libraries. No library is ever
//! loaded, so they are checked and then have nothing to change.

use std::ffi::{OsStr, OsString};

use clap::ArgMatches;
use keyfob_config::duration;
use keyfob_config::env::{Environment, Name};

use super::getopt::{self, count, given, operands, value, values};
use super::ssh_add::{bad_hash, hash_named};
use crate::commands::agent::{Kill, Place, Start, Stay, Tidy};
use crate::exit::Exit;
use crate::output;
use crate::shell::Shell;
use crate::voice::Voice;

const FLAGS: &[&str] = &["c", "D", "d", "k", "s", "T", "u", "U", "V", "E:", "a:", "O:", "P:", "t:"];

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

fn parse(arguments: Vec<OsString>, login_shell: Option<&OsStr>) -> Result<Asked, Exit> {
    let matches = getopt::parse(getopt::command("ssh-agent", FLAGS), arguments, USAGE)?;
    if given(&matches, "V") {
        return Ok(Asked::Version);
    }
    check_options(&matches)?;
    let hash = match value(&matches, "E") {
        Some(name) => Some(hash_named(&name).ok_or_else(|| fatal(&bad_hash(&name)))?),
        None => None,
    };
    let lifetime = lifetime(&matches)?;
    let command = operands(&matches);
    let (csh, sh) = (given(&matches, "c"), given(&matches, "s"));
    let foreground = count(&matches, "d") + count(&matches, "D");
    let alone = ["c", "k", "s", "d", "D", "u"];
    let mixed = !command.is_empty() && alone.iter().any(|flag| given(&matches, flag));
    if (csh && sh) || foreground > 1 || mixed {
        return Err(usage());
    }
    let shell = match (csh, sh) {
        (true, _) => Shell::Csh,
        (_, true) => Shell::Sh,
        _ => Shell::by_ending(login_shell),
    };
    if given(&matches, "k") {
        return Ok(Asked::Kill(Kill { voice: VOICE, shell }));
    }
    if given(&matches, "u") {
        return Ok(Asked::Tidy(Tidy { voice: VOICE, all_hosts: count(&matches, "u") > 1 }));
    }
    let stay = match (foreground, command.is_empty()) {
        (1, _) => Stay::Foreground { debug: given(&matches, "d") },
        (_, true) => Stay::Background,
        (_, false) => Stay::While(command),
    };
    Ok(Asked::Start(Start { voice: VOICE, place: place(&matches), stay, shell, lifetime, hash }))
}

fn place(matches: &ArgMatches) -> Place {
    match value(matches, "a") {
        Some(path) => Place::At(path.into()),
        None if given(matches, "T") => Place::Temporary,
        None => Place::InHome { tidy: !given(matches, "U") },
    }
}

/// What concerns libraries has to make sense, though none is loaded.
fn check_options(matches: &ArgMatches) -> Result<(), Exit> {
    let mut allow_list = false;
    for option in values(matches, "O") {
        match option.to_str() {
            Some("no-restrict-websafe" | "allow-remote-pkcs11") => {}
            Some(option) if option.starts_with("websafe-allow=") => {
                if std::mem::replace(&mut allow_list, true) {
                    return Err(fatal("websafe-allow already set"));
                }
            }
            _ => return Err(fatal("Unknown -O option")),
        }
    }
    if values(matches, "P").len() > 1 {
        return Err(fatal("-P option already specified"));
    }
    Ok(())
}

fn lifetime(matches: &ArgMatches) -> Result<Option<u32>, Exit> {
    let read = |text: OsString| {
        let seconds = text.to_str().and_then(|text| duration::parse(text).ok());
        seconds.ok_or_else(|| {
            output::note("Invalid lifetime");
            usage()
        })
    };
    value(matches, "t").map(read).transpose()
}

fn usage() -> Exit {
    output::note(USAGE);
    Exit::Failure
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
