//! Whether the agent that runs is older than this program.
//!
//! No agent tells its version. What it does not serve is a proof; that it was started before this
//! program was put in place is a sign.

use keyfob_protocol::extension::SERVED;
use keyfob_sys::local_time;

use super::finding::Finding;
use super::listener::Listener;
use super::place::Place;
use super::processes;
use super::turns::Teller;
use crate::voice::shown;

const CHECK: &str = "version";

/// Both clocks are those of the kernel, one in whole seconds after its start, which is known to the
/// second.
const SLACK: u64 = 2;

/// Compares them.
pub(super) fn check(place: &Place, tell: &Teller) {
    let Some(agent) = place.keyfob() else {
        return;
    };
    tell.looks_at(&agent.path);
    let older = missing(&agent).or_else(|| started_before(&agent));
    tell.found(match older {
        Some(finding) => finding.hint(agent.restart()),
        None => Finding::fine(CHECK, "the agent that runs is of this program"),
    });
}

fn missing(agent: &Listener) -> Option<Finding> {
    let is_served = |name: &&&str| agent.extensions.iter().any(|it| it == name.as_bytes());
    let missing: Vec<&str> = SERVED.iter().filter(|name| !is_served(name)).copied().collect();
    let names = shown(missing.join(", ").as_bytes());
    let fact = format!("the agent that runs is older than this program: it does not know {names}");
    let is_telling = !agent.extensions.is_empty();
    (is_telling && !missing.is_empty()).then(|| Finding::warning(CHECK, fact))
}

fn started_before(agent: &Listener) -> Option<Finding> {
    let pid = agent.pid?;
    let started = processes::started(pid)?;
    let program = std::env::current_exe().ok()?;
    let changed = processes::put_in_place(&program)?;
    if started + SLACK >= changed {
        return None;
    }
    let time = |at| local_time::at(at).map(|time| time.to_string()).unwrap_or_default();
    let fact = format!(
        "the agent that runs (process {pid}) began at {}, before this program was put in place at {}",
        time(started),
        time(changed)
    );
    Some(Finding::warning(CHECK, fact).at(&program))
}
