//! Where a connection leads, and whether a key may go there: the rules of OpenSSH's PROTOCOL.agent,
//! read once more and written without a look at the agent's own.

use keyfob_agent::limits::MAX_BINDINGS;
use keyfob_keys::{CertificateKind, PublicKey};
use keyfob_protocol::destination::{Constraint, Hop};
use keyfob_protocol::limits::{MAX_USER_NAME, MAX_USER_PATTERN};
use keyfob_protocol::{SessionBind, Userauth};

/// One proved hop.
pub(crate) struct Bound {
    pub(crate) host: PublicKey,
    id: Vec<u8>,
    pub(crate) forwards: bool,
}

/// What is known of a connection.
#[derive(Default)]
pub(crate) struct Path {
    pub(crate) hops: Vec<Bound>,
    pub(crate) failed: bool,
    /// It comes through a socket that shows only keys with such a comment.
    pub(crate) shows_only: Option<u8>,
}

impl Path {
    /// Whether a request may come from another machine.
    pub(crate) fn is_remote(&self) -> bool {
        self.failed || self.hops.iter().any(|hop| hop.forwards)
    }

    /// Takes a proof, or fails for good.
    pub(crate) fn bind(&mut self, bind: &SessionBind<'_>) -> bool {
        let good = bind.verify().is_ok() && self.takes(bind);
        self.failed |= !good;
        good
    }

    fn takes(&mut self, bind: &SessionBind<'_>) -> bool {
        for hop in &self.hops {
            if !hop.forwards {
                return false;
            }
            if hop.id == bind.session_id {
                return hop.host == bind.host_key;
            }
        }
        let (host, id) = (bind.host_key.clone(), bind.session_id.to_vec());
        self.hops.push(Bound { host, id, forwards: bind.forwarding });
        self.hops.len() <= MAX_BINDINGS || self.hops.pop().is_none()
    }

    /// Whether a key with these destinations is shown.
    pub(crate) fn shows(&self, steps: &[Constraint], unix: u64) -> bool {
        let beyond = |last: &Bound| {
            !last.forwards || steps.iter().any(|step| is_at(&step.from, &last.host, unix))
        };
        steps.is_empty()
            || !self.failed && self.leads(steps, None, unix) && self.hops.last().is_none_or(beyond)
    }

    /// Whether it may sign this.
    pub(crate) fn signs(
        &self,
        steps: &[Constraint],
        key: &PublicKey,
        data: &[u8],
        unix: u64,
    ) -> bool {
        if steps.is_empty() {
            return true;
        }
        let (Some(last), Ok(login)) = (self.hops.last(), Userauth::parse(data)) else {
            return false;
        };
        let named = PublicKey::from_blob(login.key.0);
        let is_its_own = login.key.0 == key.blob()
            || named.is_ok_and(|named| named.plain().blob() == key.blob());
        let is_for_host = match &login.host_key {
            Some(named) => named.0 == last.host.blob(),
            None => self.hops.len() == 1,
        };
        !self.failed
            && is_its_own
            && is_for_host
            && !last.forwards
            && login.session_id == last.id
            && self.leads(steps, Some(login.user), unix)
    }

    /// Whether each hop is allowed from the one before it; the last for this user.
    fn leads(&self, steps: &[Constraint], user: Option<&[u8]>, unix: u64) -> bool {
        (0..self.hops.len()).all(|at| {
            let is_last = at + 1 == self.hops.len();
            let host = &self.hops[at].host;
            let from = at.checked_sub(1).map(|before| &self.hops[before].host);
            let fits = |step: &&Constraint| {
                let starts = match from {
                    None => step.from.host.is_empty() && step.from.keys.is_empty(),
                    Some(from) => is_at(&step.from, from, unix),
                };
                starts && is_at(&step.to, host, unix)
            };
            let serves = |step: &Constraint| match user.filter(|_| is_last) {
                Some(user) => step.to.user.is_empty() || is_like(&step.to.user, user),
                None => true,
            };
            (is_last || self.hops[at].forwards) && steps.iter().filter(fits).any(serves)
        })
    }
}

fn is_at(hop: &Hop, key: &PublicKey, unix: u64) -> bool {
    hop.keys.iter().any(|spec| match (key.certificate(), spec.is_authority) {
        (None, false) => spec.key == *key,
        (Some(shown), true) => {
            shown.authority == spec.key
                && shown.kind == CertificateKind::Host
                && shown.valid_after <= unix
                && unix < shown.valid_before
                && shown.critical_options.is_empty()
                && shown.principals.iter().any(|name| is_like(name, &hop.host))
        }
        _ => false,
    })
}

/// `*` is anything, `?` one of anything.
fn is_like(pattern: &[u8], text: &[u8]) -> bool {
    if pattern.len() > MAX_USER_PATTERN || text.len() > MAX_USER_NAME {
        return false;
    }
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for wanted in pattern {
        let before = fits.clone();
        for at in 0..fits.len() {
            fits[at] = match wanted {
                b'*' => before[at] || at > 0 && fits[at - 1],
                b'?' => at > 0 && before[at - 1],
                byte => at > 0 && before[at - 1] && text[at - 1] == *byte,
            };
        }
    }
    fits[text.len()]
}
