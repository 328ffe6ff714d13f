//! Whether the agent that `ssh` asks is keyfob's, by the socket it is told of.

#[cfg_attr(unix, path = "socket/unix.rs")]
#[cfg_attr(windows, path = "socket/windows.rs")]
mod system;

use std::path::Path;

use super::finding::Finding;
use super::listener::{self, Kind, Listener, Silence};
use super::place::{Place, is_same};
use super::turns::Teller;
use crate::ssh_config::{Configuration, Line, expanded};
use crate::voice::doctor as words;
use crate::voice::shown_path;

const CHECK: &str = "socket";

/// Looks at the socket of the environment and at keyfob's own.
pub(super) fn check(place: &Place, tell: &Teller) {
    let own = place.own.as_deref().map(|path| (path, place.meet(path)));
    let own_answers = matches!(&own, Some((_, Ok(agent))) if agent.kind == Kind::Keyfob);
    let Some(named) = place.environment.auth_sock() else {
        tell.found(system::unset(place, own_answers));
        return;
    };
    tell.looks_at(&named);
    if named.is_relative() {
        let fact = format!("SSH_AUTH_SOCK names {}, from no folder", shown_path(&named));
        tell.found(Finding::warning(CHECK, fact).hint(words::RELATIVE));
    }
    match place.meet(&named) {
        Ok(agent) => met(place, tell, agent, own_answers),
        Err(silence) => tell.found(silent(place, &named, &silence, own_answers)),
    }
    if let Some((path, Err(Silence::Nobody))) = &own
        && !is_same(path, &named)
    {
        let fact = "the socket of keyfob's own agent is there, and nobody listens any more";
        tell.found(Finding::note(CHECK, fact).at(path).hint(words::START));
    }
}

/// The line that leads every connection of `ssh` to keyfob's agent.
fn configured(place: &Place) -> Option<Line> {
    let home = place.home.as_deref()?;
    let lines = Configuration::of_user(home).lines.into_iter();
    let mut lines =
        lines.filter(|line| line.keyword == "identityagent" && line.block.condition.is_none());
    lines.find(|line| {
        let path = line.values.first().and_then(|value| expanded(value, home));
        path.is_some_and(|path| place.is_own(&path))
    })
}

fn silent(place: &Place, named: &Path, silence: &Silence, own_answers: bool) -> Finding {
    let path = shown_path(named);
    let what = match silence {
        Silence::Missing => "which is not there".to_owned(),
        Silence::Nobody => "where nobody listens any more".to_owned(),
        Silence::NotASocket => "which is no socket".to_owned(),
        Silence::Mute => {
            format!("which does not answer within {} s", listener::PATIENCE.as_secs())
        }
        Silence::Other(reason) => format!("which cannot be asked: {reason}"),
    };
    let fact = format!("SSH_AUTH_SOCK names {path}, {what}");
    if own_answers {
        let fact = format!("{fact}; keyfob's own agent answers");
        return Finding::wrong(CHECK, fact).hint(words::EVALUATE);
    }
    let hint = if place.is_own(named) { words::START } else { words::EVALUATE };
    Finding::wrong(CHECK, fact).hint(hint).lacking_agent()
}

fn met(place: &Place, tell: &Teller, mut agent: Listener, own_answers: bool) {
    let path = shown_path(&agent.path);
    let process = agent.pid.map(|pid| format!(", process {pid}")).unwrap_or_default();
    let foreign = agent.uid.or_else(|| listener::owner(&agent.path));
    if let Some(uid) = foreign.filter(|uid| *uid != place.uid) {
        let fact = format!("SSH_AUTH_SOCK names {path}, which belongs to user {uid}");
        tell.found(Finding::wrong(CHECK, fact).hint(words::FOREIGN));
    }
    tell.found(match &agent.kind {
        Kind::Keyfob => keyfob(place, &agent, &process, own_answers),
        Kind::Forwarded => {
            let fact = format!("ssh is served by {}, at {path}", agent.kind);
            Finding::note(CHECK, fact)
        }
        other => {
            let fact = format!("ssh is served by {other} at {path}{process}");
            match own_answers {
                true => Finding::wrong(CHECK, format!("{fact}; keyfob's own agent answers too"))
                    .hint(words::EVALUATE),
                false => Finding::warning(CHECK, fact).hint(words::START),
            }
        }
    });
    if agent.kind == Kind::Keyfob && agent.connection.is_locked() == Some(true) {
        let fact = "the agent is locked with a passphrase of its own: it shows no keys";
        tell.found(Finding::note(CHECK, fact).hint("keyfob unlock"));
    }
}

fn keyfob(place: &Place, agent: &Listener, process: &str, own_answers: bool) -> Finding {
    let path = shown_path(&agent.path);
    if place.is_own(&agent.path) || !own_answers {
        return Finding::fine(CHECK, format!("keyfob answers at {path}{process}"));
    }
    let own = place.own.as_deref().and_then(|own| place.meet(own).ok());
    match own.and_then(|own| own.pid) {
        pid if pid == agent.pid => {
            Finding::fine(CHECK, format!("keyfob answers at {path}, the socket of a profile"))
        }
        pid => {
            let other = pid.map(|pid| format!(" (process {pid})")).unwrap_or_default();
            let fact = format!(
                "two agents of keyfob: ssh asks the one at {path}{process}, and another{other} \
                 has the usual socket"
            );
            Finding::warning(CHECK, fact).hint(words::EVALUATE)
        }
    }
}
