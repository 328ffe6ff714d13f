//! Parses as `getopt(3)` does, with clap: clustered short flags, values glued
//! or apart, everything from the first other word on taken as it is.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::exit::Exit;
use crate::output;

/// Everything behind the flags.
pub(super) const OPERANDS: &str = "operands";

/// A program with one-letter flags: `flags` as in a `getopt` string, a colon
/// behind a letter that takes a value.
pub(super) fn command(name: &'static str, flags: &'static [&'static str]) -> Command {
    let operands = Arg::new(OPERANDS)
        .num_args(0..)
        .trailing_var_arg(true)
        .value_parser(value_parser!(OsString));
    let command = Command::new(name)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args_override_self(false)
        .arg(operands);
    flags.iter().fold(command, |command, flag| command.arg(option(flag)))
}

/// Reads the arguments, or prints what is wrong and how the program is used.
pub(super) fn parse(
    command: Command,
    arguments: Vec<OsString>,
    usage: &str,
) -> Result<ArgMatches, Exit> {
    command.try_get_matches_from(arguments).map_err(|error| {
        if let Some(words) = words(&error) {
            output::note(words);
        }
        output::note(usage);
        Exit::Failure
    })
}

/// How often a flag was given.
pub(super) fn count(matches: &ArgMatches, flag: &str) -> u8 {
    matches.get_count(flag)
}

/// Whether a flag was given.
pub(super) fn given(matches: &ArgMatches, flag: &str) -> bool {
    count(matches, flag) > 0
}

/// The values of a flag, in their order.
pub(super) fn values(matches: &ArgMatches, flag: &str) -> Vec<OsString> {
    matches.get_many(flag).map(|values| values.cloned().collect()).unwrap_or_default()
}

/// The value of a flag that is to be given once: the last one.
pub(super) fn value(matches: &ArgMatches, flag: &str) -> Option<OsString> {
    values(matches, flag).pop()
}

/// The words behind the flags.
pub(super) fn operands(matches: &ArgMatches) -> Vec<OsString> {
    values(matches, OPERANDS)
}

fn option(flag: &'static str) -> Arg {
    let name = flag.trim_end_matches(':');
    let letter = name.chars().next().unwrap_or('?');
    let arg = Arg::new(name).short(letter);
    if name.len() == flag.len() {
        return arg.action(ArgAction::Count);
    }
    arg.action(ArgAction::Append)
        // As the next word, whatever it begins with.
        .allow_hyphen_values(true)
        .num_args(1)
        .value_parser(value_parser!(OsString))
}

/// What `getopt` would say.
fn words(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let letter = argument.chars().nth(1)?;
    match error.kind() {
        ErrorKind::UnknownArgument => Some(format!("unknown option -- {letter}")),
        _ => Some(format!("option requires an argument -- {letter}")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<ArgMatches, String> {
        let command = command("p", &["l", "q", "t:", "h:"]);
        let arguments = std::iter::once(&"p").chain(arguments);
        command.try_get_matches_from(arguments).map_err(|error| words(&error).unwrap_or_default())
    }

    fn operand_list(arguments: &[&str]) -> Vec<OsString> {
        operands(&parsed(arguments).unwrap())
    }

    #[test]
    fn flags_cluster_and_values_may_be_glued_on() {
        for arguments in [&["-qlt", "10"][..], &["-qlt10"], &["-q", "-l", "-t", "10"], &["-lqt10"]]
        {
            let matches = parsed(arguments).unwrap();
            assert!(given(&matches, "q") && given(&matches, "l"), "{arguments:?}");
            assert_eq!(value(&matches, "t"), Some("10".into()), "{arguments:?}");
        }
    }

    #[test]
    fn a_value_may_look_like_a_flag_and_the_last_one_counts() {
        assert_eq!(value(&parsed(&["-t", "-q"]).unwrap(), "t"), Some("-q".into()));
        assert_eq!(value(&parsed(&["-t1", "-t", "2"]).unwrap(), "t"), Some("2".into()));
        assert_eq!(values(&parsed(&["-h", "a", "-hb"]).unwrap(), "h"), ["a", "b"]);
        assert_eq!(value(&parsed(&["-t", "--"]).unwrap(), "t"), Some("--".into()));
    }

    #[test]
    fn after_the_first_other_word_nothing_is_a_flag() {
        assert_eq!(operand_list(&["-q", "file", "-l", "--", "-x"]), ["file", "-l", "--", "-x"]);
        assert_eq!(operand_list(&["--", "-l"]), ["-l"]);
        assert_eq!(operand_list(&["-"]), ["-"]);
        assert_eq!(operand_list(&["-l"]), Vec::<OsString>::new());
    }

    #[test]
    fn mistakes_are_named_as_getopt_names_them() {
        assert_eq!(parsed(&["-Z"]).unwrap_err(), "unknown option -- Z");
        assert_eq!(parsed(&["-lZ"]).unwrap_err(), "unknown option -- Z");
        assert_eq!(parsed(&["--help"]).unwrap_err(), "unknown option -- -");
        assert_eq!(parsed(&["-t"]).unwrap_err(), "option requires an argument -- t");
        assert_eq!(parsed(&["-qt"]).unwrap_err(), "option requires an argument -- t");
    }
}
