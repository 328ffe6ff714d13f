//! What clients do to the keys: list, add, remove. Which of them this
//! connection may see decides `destination`.

use std::sync::Arc;
use std::time::Duration;

use keyfob_protocol::limits::MAX_FRAME;
use keyfob_protocol::{AddIdentity, Details, Response, extension};

use crate::agent::Agent;
use crate::clock::Now;
use crate::destination::Forbidden;
use crate::identity::{Half, Identity};
use crate::keyring::{self, Keyring};
use crate::learning::listing_for_host;
use crate::policy::Policy;
use crate::print::Print;
use crate::proved::Destination;
use crate::record::{Record, Refusal};
use crate::rules;
use crate::session::Session;
use crate::step::Reply;
use crate::view::View;

impl Agent {
    pub(crate) fn list(&self, session: &mut Session, now: Now) -> Reply {
        let policy = self.policy();
        let mut state = self.state(now.moment);
        if state.lock.locked {
            let none = keyring::answer(std::iter::empty());
            return Reply::now(Response::Identities(none), Record::ListedLocked);
        }
        let record = listed(&policy, session);
        let session = &*session;
        let mut view = View::new(&policy, session, now);
        if let Some(answer) = listing_for_host(&policy, &mut state, session, &mut view, now) {
            return Reply::now(Response::Identities(answer), record);
        }
        let sees_all = session.bindings().is_empty() && !session.failed();
        let answer = if view.is_wide() && (sees_all || !state.keyring.has_destinations()) {
            state.keyring.listing()
        } else {
            keyring::answer(state.keyring.iter().filter(|identity| view.shows(identity).is_ok()))
        };
        Reply::now(Response::Identities(answer), record)
    }

    pub(crate) fn details(&self, session: &mut Session, now: Now) -> Reply {
        let state = self.state(now.moment);
        let mut record = Record::Listed;
        let details = if state.lock.locked {
            Details { locked: true, ..Details::default() }
        } else {
            let policy = self.policy();
            record = listed(&policy, session);
            let mut view = View::new(&policy, session, now);
            // No more is copied than fits into an answer: five bytes of a request must not make
            // us take the memory of all keys a second time.
            let mut room = MAX_FRAME;
            let idle = policy.key_idle;
            let identities = state
                .keyring
                .iter()
                .filter(|identity| view.shows(identity).is_ok())
                .filter_map(|identity| {
                    let size = identity.public.blob().len() + identity.comment.len();
                    room = room.checked_sub(size)?;
                    Some(identity.detail(now.moment, idle))
                })
                .collect();
            Details { locked: false, sealed: state.sealed, identities }
        };
        Reply::now(Response::Details(details), record)
    }

    pub(crate) fn query(&self, now: Now) -> Reply {
        if self.state(now.moment).lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        Reply::now(Response::Extensions(extension::SERVED), Record::Queried)
    }

    pub(crate) fn add(&self, session: &Session, addition: AddIdentity, now: Now) -> Reply {
        if addition.constraints.lifetime == Some(0) || addition.constraints.idle == Some(0) {
            // OpenSSH says yes and forgets the key at once: a success that is not true (C1).
            return Reply::failure(Record::Refused(Refusal::NoLifetime));
        }
        let Ok(sealed) = self.shield.seal(&addition.key) else {
            let why = if self.shield.is_locked() { Refusal::Locked } else { Refusal::CannotSeal };
            return Reply::failure(Record::Refused(why));
        };
        let public = addition.key.public().clone();
        drop(addition.key);
        let policy = self.policy();
        let span = |seconds: u32| Duration::from_secs(seconds.into());
        let lifetime = addition.constraints.lifetime.map(span).or(policy.default_lifetime);
        // Nothing brings it back but adding it, so this is where its session begins.
        let lifetime = [lifetime, policy.session].into_iter().flatten().min();
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        let mut view = View::new(&self.policy(), session, now);
        if let Err(why) = hidden(&mut view, &state.keyring, public.blob()) {
            return Reply::failure(Record::Refused(why));
        }
        // Added once more, it can still be closed.
        let file = state.keyring.find(public.blob()).and_then(|known| known.file.clone());
        let identity = Identity {
            id: state.keyring.fresh_id(),
            print: Print::of(&public),
            public,
            comment: addition.comment.into(),
            half: Half::Sealed(Arc::new(sealed)),
            origin: None,
            file,
            expires: lifetime.and_then(|span| now.moment.after(span)),
            idle: addition.constraints.idle.map(span),
            last_used: now.moment,
            confirm: addition.constraints.confirm,
            destinations: addition.constraints.destinations.into(),
            prepared: None,
        };
        // Added where it would not be seen, it would look lost.
        if session.profile().is_some_and(|profile| !profile.shows(&identity)) {
            return Reply::failure(Record::Refused(Forbidden::NotInProfile.into()));
        }
        let key = identity.name();
        state.keyring.note_expiry(identity.idle_end(policy.key_idle));
        let replaced = state.keyring.put(identity);
        state.forget_stale();
        Reply::success(Record::Added { key, replaced })
    }

    pub(crate) fn remove(&self, session: &Session, blob: &[u8], now: Now) -> Reply {
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return Reply::failure(Record::Refused(Refusal::Locked));
        }
        let mut view = View::new(&self.policy(), session, now);
        if let Err(why) = hidden(&mut view, &state.keyring, blob) {
            return Reply::failure(Record::Refused(why));
        }
        match state.keyring.remove(blob) {
            Some(identity) => {
                state.hide(blob);
                state.forget_stale();
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

/// Over there an empty list looks like an agent without keys; here somebody may ask why.
fn listed(policy: &Policy, session: &mut Session) -> Record {
    match rules::shows_any(&policy.hosts, session) {
        Err(why) if session.is_first_denial() => {
            Record::ListDenied { way: Arc::new(Destination::of(session, b"", b"")), why }
        }
        _ => Record::Listed,
    }
}

/// Is this key there but hidden from this connection? What a forwarded client
/// must not see, it must not remove or replace either.
pub(crate) fn hidden(view: &mut View<'_>, keyring: &Keyring, blob: &[u8]) -> Result<(), Refusal> {
    match keyring.find(blob) {
        Some(identity) => Ok(view.shows(identity)?),
        None => Ok(()),
    }
}
