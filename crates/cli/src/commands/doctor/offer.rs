//! Whether a host is shown more keys than it looks at.
//!
//! A server counts each key it does not take as a failed try, and hangs up.

use std::path::PathBuf;

use keyfob_protocol::hosts::{HostsReply, HostsRequest, Subject};

use super::finding::Finding;
use super::listener::{Kind, Listener};
use super::place::Place;
use super::turns::Teller;
use crate::commands::explain;
use crate::voice::doctor as words;
use crate::voice::shown;

const CHECK: &str = "offer";

/// `MaxAuthTries` of sshd, where nobody has changed it.
const TRIES: usize = 6;

/// Counts them for the host that was asked about, or for one that is not known yet.
pub(super) fn check(place: &Place, tell: &Teller) {
    let sockets: Vec<PathBuf> = place.environment.auth_sock().into_iter().collect();
    let asked = sockets.iter().find_map(|path| place.meet(path).ok());
    let Some(mut agent) = asked.or_else(|| place.keyfob()) else {
        return;
    };
    tell.looks_at(&agent.path);
    let host = place.host.as_deref().map(|host| shown(host.as_encoded_bytes()));
    let Some(offered) = offered(place, &mut agent) else {
        return;
    };
    let keys = if offered == 1 { "1 key".to_owned() } else { format!("{offered} keys") };
    let whom = host.unwrap_or_else(|| "a host that is not known yet".to_owned());
    tell.found(if offered > TRIES {
        let fact = format!("{whom} is offered {keys}; most servers look at {TRIES} and hang up");
        let ours = agent.kind == Kind::Keyfob;
        Finding::warning(CHECK, fact).hint(if ours { words::FEWER } else { words::FEWER_BY_SSH })
    } else {
        Finding::fine(CHECK, format!("{whom} is offered {keys}"))
    });
}

fn offered(place: &Place, agent: &mut Listener) -> Option<usize> {
    if agent.kind == Kind::Keyfob {
        let subject = match &place.host {
            Some(host) => explain::subject(host)?,
            None => Subject::default(),
        };
        if let Ok(Some(HostsReply::Explained(told))) =
            agent.connection.hosts(HostsRequest::Explain(subject))
        {
            return Some(told.keys.len());
        }
    }
    agent.connection.identities().ok().map(|keys| keys.len())
}
