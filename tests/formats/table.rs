//! The table: a line for each key in each form, a column for each way between two programs.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use crate::key::Subject;
use crate::{keyfob, tools};

/// From one program to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Column {
    FromSshKeygen,
    FromPuttygen,
    FromOpenssl,
    ToSshKeygen,
    ToPuttygen,
    ToOpenssl,
    Own,
}

/// Makes or reads a key file and tells its public key (`type base64`), unless the program does
/// not know the form.
pub(crate) type Way = fn(Subject, &Path) -> Result<Option<String>, String>;

/// What came of the cells: the way exists, it does not, or it failed.
#[derive(Default)]
pub(crate) struct Table {
    cells: BTreeMap<(Subject, Column), Option<bool>>,
}

impl Column {
    pub(crate) const ALL: [Self; 7] = [
        Self::FromSshKeygen,
        Self::FromPuttygen,
        Self::FromOpenssl,
        Self::ToSshKeygen,
        Self::ToPuttygen,
        Self::ToOpenssl,
        Self::Own,
    ];

    /// Who makes the file and who reads it.
    pub(crate) fn ways(self) -> (Way, Way) {
        match self {
            Self::FromSshKeygen => (tools::ssh_keygen::make, keyfob::read),
            Self::FromPuttygen => (tools::puttygen::make, keyfob::read),
            Self::FromOpenssl => (tools::openssl::make, keyfob::read),
            Self::ToSshKeygen => (keyfob::make, tools::ssh_keygen::read),
            Self::ToPuttygen => (keyfob::make, tools::puttygen::read),
            Self::ToOpenssl => (keyfob::make, tools::openssl::read),
            Self::Own => (keyfob::make, keyfob::read),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FromSshKeygen => "ssh-keygen>",
            Self::FromPuttygen => "puttygen>",
            Self::FromOpenssl => "openssl>",
            Self::ToSshKeygen => ">ssh-keygen",
            Self::ToPuttygen => ">puttygen",
            Self::ToOpenssl => ">openssl",
            Self::Own => ">keyfob",
        })
    }
}

impl Table {
    /// Notes a cell; `None` for one that failed.
    pub(crate) fn note(&mut self, subject: Subject, column: Column, outcome: Option<bool>) {
        self.cells.insert((subject, column), outcome);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.cells.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "\nwho made it> and >who read it, beside keyfob; the same key in every cell:\n"
        )?;
        write!(f, "{:36}", "")?;
        for column in Column::ALL {
            write!(f, " {column:>11}")?;
        }
        let mut last = None;
        for ((subject, _), outcome) in &self.cells {
            if last != Some(subject) {
                write!(f, "\n{:36}", subject.to_string())?;
                last = Some(subject);
            }
            let word = match outcome {
                Some(true) => "yes",
                Some(false) => "-",
                None => "FAILED",
            };
            write!(f, " {word:>11}")?;
        }
        writeln!(f, "\n")
    }
}
