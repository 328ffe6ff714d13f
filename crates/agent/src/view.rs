//! Which keys a connection may know of: the profile of its socket, the rules for where it leads,
//! the constraints of each key.
//!
//! What a client must not see, it must not remove or replace either.

use crate::clock::Now;
use crate::destination::{Forbidden, Judge};
use crate::identity::Identity;
use crate::policy::Policy;
use crate::rules;
use crate::session::Session;

/// One request's look at the keys.
pub(crate) struct View<'a> {
    judge: Judge,
    session: &'a Session,
    by_rules: Result<(), Forbidden>,
}

impl<'a> View<'a> {
    pub(crate) fn new(policy: &Policy, session: &'a Session, now: Now) -> Self {
        let by_rules = rules::shows_any(&policy.hosts, session);
        Self { judge: Judge::new(now.unix), session, by_rules }
    }

    /// Whether nothing but the constraints of a key can hide it.
    pub(crate) fn is_wide(&self) -> bool {
        self.by_rules.is_ok() && self.session.profile().is_none()
    }

    /// May the connection know of this key?
    pub(crate) fn shows(&mut self, identity: &Identity) -> Result<(), Forbidden> {
        self.by_rules?;
        if self.session.profile().is_some_and(|profile| !profile.shows(identity)) {
            return Err(Forbidden::NotInProfile);
        }
        if identity.has_unknown_rules() && self.session.is_remote() {
            return Err(Forbidden::RulesUnknown);
        }
        self.judge.visible(&identity.destinations, self.session)
    }
}
