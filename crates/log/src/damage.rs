//! What is wrong with a log, and where.

use std::fmt;
use std::path::PathBuf;

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// In this file,
    pub file: PathBuf,
    /// this line of it, from 1; 0 is the file as a whole.
    pub line: u64,
    /// What.
    pub kind: Kind,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// It is not as it was written, or was not written by the agent.
    Changed,
    /// It is no line of a log at all.
    Foreign,
    /// Lines before it are missing: the first and the last of them.
    Removed(u64, u64),
    /// The end of the run before it is missing.
    CutOff(u64, u64),
    /// The agent that writes the log has written more: the first and the last that are missing.
    EndCutOff(u64, u64),
    /// It stands where another one belongs.
    OutOfOrder,
    /// What was written before it was something else.
    OtherBefore,
    /// The files before it are missing, from this line on.
    FilesMissing(u64),
    /// The key of its run is missing or damaged.
    KeyMissing,
}

impl Kind {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Foreign => "foreign",
            Self::Removed(..) => "removed",
            Self::CutOff(..) => "cut-off",
            Self::EndCutOff(..) => "end-cut-off",
            Self::OutOfOrder => "out-of-order",
            Self::OtherBefore => "other-before",
            Self::FilesMissing(_) => "files-missing",
            Self::KeyMissing => "key-missing",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("it was changed, or the agent did not write it"),
            Self::Foreign => f.write_str("it was changed: it is no line of a log"),
            Self::Removed(from, to) if from == to => write!(f, "line {from} before it was removed"),
            Self::Removed(from, to) => write!(f, "lines {from} to {to} before it were removed"),
            Self::CutOff(from, to) if from == to => {
                write!(f, "line {from}, the end of what was written before it, was cut off")
            }
            Self::CutOff(from, to) => {
                write!(
                    f,
                    "lines {from} to {to}, the end of what was written before it, were cut off"
                )
            }
            Self::EndCutOff(from, to) if from == to => {
                write!(f, "line {from}, which the agent has written, was cut off")
            }
            Self::EndCutOff(from, to) => {
                write!(f, "lines {from} to {to}, which the agent has written, were cut off")
            }
            Self::OutOfOrder => f.write_str("it is out of order"),
            Self::OtherBefore => {
                f.write_str("what stands before it is not what was written before it")
            }
            Self::FilesMissing(from) => {
                write!(f, "files before it were removed, from line {from} on")
            }
            Self::KeyMissing => f.write_str("the key that proves it is missing or damaged"),
        }
    }
}
