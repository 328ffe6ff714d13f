//! The exit codes, each written once.
//!
//! They are those of OpenSSH's programs, for the drop-in names and for
//! `keyfob` alike: a script that checks them needs to know one table.

use std::process::ExitCode;

/// How a program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Everything asked for was done.
    Success,
    /// Something asked for was not done, or asked for in a wrong way. (clap's own
    /// code for the latter, 2, means "no agent" here.)
    Failure,
    /// There is no agent to talk to.
    NoAgent,
    /// An agent ended by a signal, or with the process it was started for.
    Ended,
    /// The request makes no sense: what `ssh-add` and `ssh-agent` call fatal.
    Fatal,
}

impl Exit {
    /// The number the shell sees.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::NoAgent | Self::Ended => 2,
            Self::Fatal => 255,
        }
    }

    /// The worse of two results, for commands that go on after a failure.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        if self == Self::Success { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_scripts_know_from_openssh() {
        let codes =
            [Exit::Success, Exit::Failure, Exit::NoAgent, Exit::Ended, Exit::Fatal].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 2, 255]);
    }

    #[test]
    fn a_failure_is_not_forgotten_by_a_later_success() {
        assert_eq!(Exit::Failure.and(Exit::Success), Exit::Failure);
        assert_eq!(Exit::Success.and(Exit::Failure), Exit::Failure);
    }
}
