//! What protects the agent's process, as it says itself.

use keyfob_protocol::security::Process;

use super::finding::Finding;
use super::place::Place;
use super::turns::Teller;
use crate::voice::doctor as words;
use crate::voice::shown;

const CHECK: &str = "security";

/// What only the kernel of Linux can do: elsewhere nobody can switch it on.
const OF_LINUX: [&[u8]; 5] =
    [b"programs-apart", b"no-new-privileges", b"landlock", b"seccomp", b"secret-memory"];

/// Asks it.
pub(super) fn check(place: &Place, tell: &Teller) {
    let Some(mut agent) = place.keyfob() else {
        return;
    };
    tell.looks_at(&agent.path);
    // Agents behind a profile's socket and those of other machines do not tell.
    let Ok(Some(Process { mut measures, .. })) = agent.connection.security() else {
        return;
    };
    measures.retain(|measure| {
        cfg!(target_os = "linux") || !OF_LINUX.contains(&measure.name.as_slice())
    });
    let all = measures.len();
    let off: Vec<_> = measures.into_iter().filter(|measure| !measure.on).collect();
    tell.found(Finding::fine(CHECK, format!("{} of {all} measures are on", all - off.len())));
    for measure in off {
        let fact = format!("{} is off: {}", shown(&measure.name), shown(&measure.reason));
        // Few kernels have it.
        let finding = match measure.name == b"secret-memory" {
            true => Finding::note(CHECK, fact),
            false => Finding::warning(CHECK, fact),
        };
        tell.found(finding.hint(words::MEASURES));
    }
}
