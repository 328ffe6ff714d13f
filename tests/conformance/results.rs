//! What the runs of the suites said.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::requirements::Requirement;

/// What a cell begins with.
pub(crate) const WORDS: &[&str] = &["yes", "no", "differs", "not there", "not run"];

/// The outcomes of all trials by `subject::module::case`.
pub(crate) struct Results {
    /// What ran.
    pub(crate) versions: String,
    outcomes: BTreeMap<String, String>,
}

impl Results {
    /// Reads the outputs of the test programs in this folder, and the file `versions`.
    pub(crate) fn read(folder: &Path) -> Self {
        let read = |name| fs::read_to_string(folder.join(name)).unwrap_or_default();
        let lines = ["compliance", "abuse", "hardening", "pageant"].map(read).join("\n");
        let trials = lines.lines().filter_map(|line| {
            let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
            Some((name.trim_end().to_owned(), outcome.to_owned()))
        });
        let outcomes = trials.collect();
        Self { versions: read("versions"), outcomes }
    }

    /// What a cell says of this subject.
    pub(crate) fn of(&self, subject: &str, requirement: &Requirement) -> String {
        match self.outcome(subject, requirement.case) {
            Some("ok") if !self.has(subject, requirement.given) => "not there".to_owned(),
            Some("ok") if requirement.kept => "yes".to_owned(),
            Some("ok") => "no".to_owned(),
            Some("FAILED") if self.has(subject, requirement.given) && requirement.kept => {
                "no".to_owned()
            }
            Some("FAILED") => "not there".to_owned(),
            Some(other) if other.contains("known gap") => "no".to_owned(),
            Some(other) => format!("not run{}", other.strip_prefix("ignored").unwrap_or_default()),
            None => "not run".to_owned(),
        }
    }

    /// Whether it passes this case, if there is one.
    fn has(&self, subject: &str, case: Option<&str>) -> bool {
        case.is_none_or(|case| self.outcome(subject, case) == Some("ok"))
    }

    fn outcome(&self, subject: &str, case: &str) -> Option<&str> {
        let (_, name) = case.split_once('/')?;
        self.outcomes.get(&format!("{subject}::{name}")).map(String::as_str)
    }
}
