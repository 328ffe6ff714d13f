//! `getopt(3)`: clustered one-letter flags, values glued on or apart, and
//! everything from the first other word on taken as it is.
//!
//! Not clap, which reads a whole line before it reports anything: the
//! originals act from left to right, so the first fault decides the exit code,
//! and `-t=5` has the value `=5`. Bytes, not text: a path may be anything.

use std::ffi::OsString;

use keyfob_sys::os_text::{OsStrExt as _, OsStringExt as _};

use crate::exit::Exit;
use crate::output;

/// One step through a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A flag, with its value if it takes one.
    Flag(char, OsString),
    /// Not a flag of this program.
    Unknown(char),
    /// A flag at the end of the line that needs a value.
    Incomplete(char),
}

impl Step {
    /// Says what is wrong with a step that is no flag.
    pub(super) fn complain(&self) {
        match self {
            Self::Flag(..) => {}
            Self::Unknown(letter) => output::note(format!("unknown option -- {letter}")),
            Self::Incomplete(letter) => {
                output::note(format!("option requires an argument -- {letter}"));
            }
        }
    }
}

/// A command line being read.
#[derive(Debug)]
pub(super) struct Flags {
    /// Letters, a colon behind those that take a value.
    known: &'static str,
    words: std::vec::IntoIter<OsString>,
    /// What is left of a cluster.
    cluster: Vec<u8>,
    operands: Vec<OsString>,
}

impl Flags {
    /// At the first word behind the program's name.
    pub(super) fn new(known: &'static str, arguments: Vec<OsString>) -> Self {
        let mut words = arguments.into_iter();
        words.next();
        Self { known, words, cluster: Vec::new(), operands: Vec::new() }
    }

    /// The words behind the flags, once there are no more flags.
    pub(super) fn operands(self) -> Vec<OsString> {
        self.operands
    }

    /// Takes the next word; `false` when the flags are over.
    fn open_cluster(&mut self) -> bool {
        let Some(word) = self.words.next() else {
            return false;
        };
        match word.as_bytes() {
            b"--" => {}
            [b'-', letters @ ..] if !letters.is_empty() => {
                self.cluster = letters.to_vec();
                return true;
            }
            _ => self.operands.push(word),
        }
        self.operands.extend(self.words.by_ref());
        false
    }

    fn step(&mut self, letter: char) -> Step {
        let mut behind = self.known.split(letter);
        let (Some(_), Some(behind), true) = (behind.next(), behind.next(), letter != ':') else {
            return Step::Unknown(letter);
        };
        if !behind.starts_with(':') {
            return Step::Flag(letter, OsString::new());
        }
        let glued = std::mem::take(&mut self.cluster);
        if !glued.is_empty() {
            return Step::Flag(letter, OsString::from_vec(glued));
        }
        match self.words.next() {
            Some(value) => Step::Flag(letter, value),
            None => Step::Incomplete(letter),
        }
    }
}

impl Iterator for Flags {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.cluster.is_empty() && !self.open_cluster() {
            return None;
        }
        let letter = char::from(self.cluster.remove(0));
        Some(self.step(letter))
    }
}

/// Wrong usage: the complaint is printed, the usage follows.
pub(super) fn usage(text: &str) -> Exit {
    output::note(text);
    Exit::Failure
}

/// What makes no sense ends the originals with 255.
pub(super) fn fatal(words: &str) -> Exit {
    output::log_line(words);
    Exit::Fatal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> (Vec<Step>, Vec<OsString>) {
        let arguments = std::iter::once(&"p").chain(words).map(OsString::from).collect();
        let mut flags = Flags::new("lqt:h:", arguments);
        let steps = flags.by_ref().collect();
        (steps, flags.operands())
    }

    fn flag(letter: char, value: &str) -> Step {
        Step::Flag(letter, value.into())
    }

    #[test]
    fn flags_cluster_and_values_may_be_glued_on() {
        let expected = vec![flag('q', ""), flag('l', ""), flag('t', "10")];
        for words in [&["-qlt", "10"][..], &["-qlt10"], &["-q", "-l", "-t", "10"], &["-ql", "-t10"]]
        {
            assert_eq!(read(words).0, expected, "{words:?}");
        }
    }

    #[test]
    fn a_value_is_the_next_word_whatever_it_begins_with() {
        assert_eq!(read(&["-t", "-q"]).0, [flag('t', "-q")]);
        assert_eq!(read(&["-t", "--", "x"]), (vec![flag('t', "--")], vec!["x".into()]));
        assert_eq!(read(&["-t=5"]).0, [flag('t', "=5")]);
    }

    #[test]
    fn after_the_first_other_word_nothing_is_a_flag() {
        let operands = |words: &[&str]| read(words).1;
        assert_eq!(operands(&["-q", "file", "-l", "--", "-x"]), ["file", "-l", "--", "-x"]);
        assert_eq!(operands(&["--", "-l"]), ["-l"]);
        assert_eq!(operands(&["-"]), ["-"]);
        assert!(operands(&["-l"]).is_empty());
    }

    #[test]
    fn mistakes_are_met_in_their_order() {
        assert_eq!(read(&["-lZ"]).0, [flag('l', ""), Step::Unknown('Z')]);
        assert_eq!(read(&["--help"]).0.first(), Some(&Step::Unknown('-')));
        assert_eq!(read(&["-:"]).0, [Step::Unknown(':')]);
        assert_eq!(read(&["-qt"]).0, [flag('q', ""), Step::Incomplete('t')]);
    }
}
