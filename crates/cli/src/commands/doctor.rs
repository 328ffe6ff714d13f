//! Looks for what keeps SSH programs from the agent, and for keys that are not safe where they are.
//!
//! It changes nothing, unlocks nothing and asks nobody. Each check runs beside the others and for a
//! bounded time: what does not answer is a finding like any other.

mod agents;
mod asked;
pub(crate) mod finding;
mod key_files;
mod listener;
mod log;
mod measures;
mod offer;
mod permissions;
mod place;
mod processes;
mod report;
#[cfg_attr(windows, path = "doctor/account.rs")]
mod services;
mod settings;
mod shells;
mod socket;
mod ssh_config;
mod ssh_host;
mod ssh_values;
mod store;
mod turns;
mod version;

use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use keyfob_config::env::Environment;

use crate::exit::Exit;
use crate::output;
use crate::voice::doctor as words;
use finding::{Finding, Verdict};
use place::Place;
pub(in crate::commands) use ssh_host::destination;
use turns::Turn;

/// How long all checks together may take: longer than each thing they ask is waited for.
const PATIENCE: Duration = Duration::from_secs(12);

/// What is looked at, and how it is told.
#[derive(Debug, Clone)]
pub(crate) struct Doctor {
    /// Whether what is fine is told too.
    pub(crate) all: bool,
    /// Whether a program reads it.
    pub(crate) json: bool,
    /// Whether a warning is something wrong.
    pub(crate) strict: bool,
    /// For this host in particular, by `ssh` itself.
    pub(crate) host: Option<OsString>,
}

/// What was found under one heading.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) findings: Vec<Finding>,
}

impl Doctor {
    /// Looks at everything and tells it.
    pub(crate) fn run(self, environment: &Environment) -> Exit {
        let place = Arc::new(Place::new(environment, self.host));
        let groups = turns::take(checks(&place), PATIENCE);
        if self.json {
            output::data(&report::json(&groups));
        } else {
            output::styled_data(&report::text(&groups, self.all, place.home.as_deref()));
        }
        exit(&groups, self.strict)
    }
}

fn checks(place: &Arc<Place>) -> Vec<Turn> {
    let turn = |title, check: turns::Check| Turn { title, check, place: Arc::clone(place) };
    vec![
        turn(words::SOCKET, socket::check),
        turn(words::VARIABLES, |place, tell| {
            shells::check(place, tell);
            services::check(place, tell);
        }),
        turn(words::AGENTS, agents::check),
        turn(words::AGENT, |place, tell| {
            version::check(place, tell);
            measures::check(place, tell);
            offer::check(place, tell);
        }),
        turn(words::SSH, ssh_config::check),
        turn(words::PERMISSIONS, permissions::check),
        turn(words::KEYS, key_files::check),
        turn(words::STORE, |place, tell| {
            store::check(place, tell);
            settings::check(place, tell);
            log::check(place, tell);
        }),
    ]
}

/// A script that only wants to know whether there is an agent sees that nothing else is wrong.
fn exit(groups: &[Group], strict: bool) -> Exit {
    let counts = |finding: &&Finding| match finding.verdict {
        Verdict::Wrong => true,
        Verdict::Warning => strict,
        Verdict::Note | Verdict::Fine => false,
    };
    let wrong: Vec<&Finding> =
        groups.iter().flat_map(|group| &group.findings).filter(counts).collect();
    match wrong.is_empty() {
        true => Exit::Success,
        false if wrong.iter().all(|finding| finding.lacks_agent) => Exit::NoAgent,
        false => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_agent_has_its_code_only_where_nothing_else_is_wrong() {
        let none = || Finding::wrong("socket", "none").lacking_agent();
        let group = |findings| vec![Group { title: "", findings }];
        let warning = || Finding::warning("keys", "weak");
        for (findings, strict, code) in [
            (vec![], true, 0),
            (vec![Finding::fine("keys", "good"), Finding::note("keys", "odd")], true, 0),
            (vec![warning()], false, 0),
            (vec![warning()], true, 1),
            (vec![none(), warning()], false, 2),
            (vec![none(), warning()], true, 1),
            (vec![none(), Finding::wrong("keys", "open")], false, 1),
        ] {
            assert_eq!(exit(&group(findings), strict).code(), code);
        }
    }
}
