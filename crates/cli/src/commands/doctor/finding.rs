//! One fact that was found, and what can be done about it.

use std::path::{Path, PathBuf};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// As it should be.
    Fine,
    /// To know.
    Note,
    /// To be changed some day, or wrong in some cases.
    Warning,
    /// To be changed.
    Wrong,
}

/// One of them. Texts are safe to show.
#[derive(Debug, Clone)]
pub(crate) struct Finding {
    /// Which check, by a name that stays the same.
    pub(crate) check: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) fact: String,
    pub(crate) hint: Option<String>,
    /// The file it is about.
    pub(crate) file: Option<PathBuf>,
    /// And the line in it, from 1.
    pub(crate) line: Option<usize>,
    /// Whether it says that there is no agent.
    pub(crate) lacks_agent: bool,
}

impl Finding {
    fn new(check: &'static str, verdict: Verdict, fact: impl Into<String>) -> Self {
        let fact = fact.into();
        Self { check, verdict, fact, hint: None, file: None, line: None, lacks_agent: false }
    }

    pub(super) fn fine(check: &'static str, fact: impl Into<String>) -> Self {
        Self::new(check, Verdict::Fine, fact)
    }

    pub(super) fn note(check: &'static str, fact: impl Into<String>) -> Self {
        Self::new(check, Verdict::Note, fact)
    }

    pub(super) fn warning(check: &'static str, fact: impl Into<String>) -> Self {
        Self::new(check, Verdict::Warning, fact)
    }

    pub(super) fn wrong(check: &'static str, fact: impl Into<String>) -> Self {
        Self::new(check, Verdict::Wrong, fact)
    }

    /// With what can be done about it.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// About this file.
    pub(super) fn at(self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }

    /// About this line of a file.
    pub(super) fn line(self, file: &Path, line: usize) -> Self {
        Self { line: Some(line), ..self.at(file) }
    }

    /// It says that there is no agent.
    pub(super) fn lacking_agent(self) -> Self {
        Self { lacks_agent: true, ..self }
    }
}
