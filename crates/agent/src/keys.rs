//! What clients do to the keys: list, add, remove. Which of them this
//! connection may see decides `destination`.

use std::sync::Arc;
use std::time::Duration;

use keyfob_protocol::limits::MAX_FRAME;
use keyfob_protocol::{AddIdentity, Details, Response, extension};

use crate::agent::Agent;
use crate::clock::Now;
use crate::destination::{Forbidden, Judge};
use crate::identity::{Half, Identity};
use crate::keyring::{self, Keyring};
use crate::record::{Record, Refusal};
use crate::session::Session;
use crate::step::Reply;

impl Agent {
    pub(crate) fn list(&self, session: &Session, now: Now) -> Reply {
        let mut state = self.state(now.moment);
        if state.lock.locked {
            let none = keyring::answer(std::iter::empty());
            return Reply::now(Response::Identities(none), Record::ListedLocked);
        }
        let sees_all = session.bindings().is_empty() && !session.failed();
        let answer = if sees_all || !state.keyring.has_destinations() {
            state.keyring.listing()
        } else {
            let mut judge = Judge::new(now.unix);
            keyring::answer(
                state
                    .keyring
                    .iter()
                    .filter(|identity| visible(&mut judge, identity, session).is_ok()),
            )
        };
        Reply::now(Response::Identities(answer), Record::Listed)
    }

    pub(crate) fn details(&self, session: &Session, now: Now) -> Reply {
        let state = self.state(now.moment);
        let details = if state.lock.locked {
            Details { locked: true, ..Details::default() }
        } else {
            let mut judge = Judge::new(now.unix);
            // No more is copied than fits into an answer: five bytes of a request must not make
            // us take the memory of all keys a second time.
            let mut room = MAX_FRAME;
            let identities = state
                .keyring
                .iter()
                .filter(|identity| visible(&mut judge, identity, session).is_ok())
                .filter_map(|identity| {
                    let size = identity.public.blob().len() + identity.comment.len();
                    room = room.checked_sub(size)?;
                    Some(identity.detail(now.moment))
                })
                .collect();
            Details { locked: false, sealed: state.sealed, identities }
        };
        Reply::now(Response::Details(details), Record::Listed)
    }

    pub(crate) fn query(&self, now: Now) -> Reply {
        if self.state(now.moment).lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        Reply::now(Response::Extensions(extension::SERVED), Record::Queried)
    }

    pub(crate) fn add(&self, session: &Session, addition: AddIdentity, now: Now) -> Reply {
        if addition.constraints.lifetime == Some(0) {
            // OpenSSH says yes and forgets the key at once: a success that is not true (C1).
            return Reply::failure(Record::Refused(Refusal::NoLifetime));
        }
        let Ok(sealed) = self.shield.seal(&addition.key) else {
            let why = if self.shield.is_locked() { Refusal::Locked } else { Refusal::CannotSeal };
            return Reply::failure(Record::Refused(why));
        };
        let public = addition.key.public().clone();
        drop(addition.key);
        let lifetime = addition
            .constraints
            .lifetime
            .map(|seconds| Duration::from_secs(seconds.into()))
            .or(self.policy.default_lifetime);
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        if let Err(why) = hidden(&state.keyring, session, public.blob(), now) {
            return Reply::failure(Record::Refused(why));
        }
        let identity = Identity {
            id: state.keyring.fresh_id(),
            public,
            comment: addition.comment.into(),
            half: Half::Sealed(Arc::new(sealed)),
            origin: None,
            expires: lifetime.and_then(|span| now.moment.after(span)),
            confirm: addition.constraints.confirm,
            destinations: addition.constraints.destinations.into(),
            prepared: None,
        };
        let key = identity.name();
        let replaced = state.keyring.put(identity);
        Reply::success(Record::Added { key, replaced })
    }

    pub(crate) fn remove(&self, session: &Session, blob: &[u8], now: Now) -> Reply {
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        if let Err(why) = hidden(&state.keyring, session, blob, now) {
            return Reply::failure(Record::Refused(why));
        }
        match state.keyring.remove(blob) {
            Some(identity) => {
                state.hide(blob);
                Reply::success(Record::Removed(identity.name()))
            }
            None => Reply::failure(Record::Refused(Refusal::NoSuchKey)),
        }
    }

    pub(crate) fn remove_all(&self, now: Now) -> Reply {
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        let count = self.remove_all_from(&mut state);
        Reply::success(Record::RemovedAll { count })
    }
}

/// May this connection know of this key?
pub(crate) fn visible(
    judge: &mut Judge,
    identity: &Identity,
    session: &Session,
) -> Result<(), Forbidden> {
    if identity.has_unknown_rules() && session.is_remote() {
        return Err(Forbidden::RulesUnknown);
    }
    judge.visible(&identity.destinations, session)
}

/// Is this key there but hidden from this connection? What a forwarded client
/// must not see, it must not remove or replace either.
fn hidden(keyring: &Keyring, session: &Session, blob: &[u8], now: Now) -> Result<(), Refusal> {
    match keyring.find(blob) {
        Some(identity) => Ok(visible(&mut Judge::new(now.unix), identity, session)?),
        None => Ok(()),
    }
}
