//! One line of the results.

use std::collections::BTreeMap;

use crate::contender::Who;

/// A situation that was measured.
pub(crate) struct Row {
    /// The part of the report it stands in: a name of [`crate::sections`].
    pub(crate) section: &'static str,
    /// The situation within it.
    pub(crate) case: String,
    pub(crate) metrics: Vec<Metric>,
    /// Signatures that `ssh-keygen` has found to be good.
    pub(crate) verified: usize,
}

impl Row {
    pub(crate) fn new(
        section: &'static str,
        case: impl Into<String>,
        metrics: Vec<Metric>,
    ) -> Self {
        Self { section, case: case.into(), metrics, verified: 0 }
    }

    pub(crate) fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

/// One figure of each contender.
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) values: BTreeMap<Who, f64>,
    /// To OpenSSH's in the same round.
    pub(crate) ratios: BTreeMap<Who, f64>,
}
