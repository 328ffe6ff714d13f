//! From a question to its answer: what is asked, what was answered before, what follows.
//!
//! Whatever the answer, and whether a person gave it now or before: the decision is made anew.

use std::sync::Arc;

use keyfob_keys::signer::SignatureScheme;
use sha2::{Digest as _, Sha256};

use crate::agent::{Agent, State};
use crate::clock::Now;
use crate::consent::{Answer, RequesterId, Scope, Use};
use crate::identity::IdentityId;
use crate::policy::Policy;
use crate::proved::Destination;
use crate::record::{KeyName, SignRefusal};
use crate::rules::Ruling;
use crate::session::Session;
use crate::sign::PendingSign;
use crate::step::Step;

/// What a person is asked before a key is used.
#[derive(Debug, Clone)]
pub struct Question {
    /// The key that would sign.
    pub key: KeyName,
    /// What is proved of where it would be good, and where the request comes from.
    pub destination: Arc<Destination>,
    /// Whether a "yes" for longer than once would be remembered, for a requester that is known.
    pub remembers: bool,
}

/// What a question is about: one answer is enough for all that are about the same. Only what could
/// be answered from memory is the same when the signed data is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    key: IdentityId,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Use(Use),
    Data { digest: [u8; 32], scheme: SignatureScheme, destination: Arc<Destination> },
}

/// What came of looking into what is remembered.
#[must_use]
pub enum Recalled {
    /// It was answered before.
    Answered(Step),
    /// Ask, then [`Agent::answered`].
    Unanswered(Question, PendingSign),
}

/// What is kept of a question until it is answered.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// What an answer may be remembered for.
    memorable: Option<Use>,
    requester: Option<RequesterId>,
    era: u64,
}

impl Asked {
    /// About this request, by these rules. A rule that wants each use confirmed means each.
    pub(crate) fn new(
        policy: &Policy,
        session: &Session,
        destination: &Destination,
        ruling: Ruling,
    ) -> Self {
        let memorable = Use::of(session, destination)
            .filter(|used| !ruling.confirm && (policy.remember_forwarded || !used.is_remote()));
        Self { memorable, ..Self::default() }
    }
}

impl PendingSign {
    pub(crate) fn question(&self) -> Question {
        Question {
            key: self.key.clone(),
            destination: Arc::clone(&self.destination),
            remembers: self.asked.memorable.is_some(),
        }
    }

    /// What its question is about.
    pub fn subject(&self) -> Subject {
        let what = match &self.asked.memorable {
            Some(used) => What::Use(used.clone()),
            None => What::Data {
                digest: Sha256::digest(&self.data).into(),
                scheme: self.scheme,
                destination: Arc::clone(&self.destination),
            },
        };
        Subject { key: self.id, what }
    }
}

impl Agent {
    /// Looks whether this question was answered before, for this requester; `None` is one whose
    /// answers are not remembered.
    pub fn recalled(
        &self,
        session: &Session,
        mut pending: PendingSign,
        requester: Option<RequesterId>,
        now: Now,
    ) -> Recalled {
        let mut state = self.state(now.moment);
        let remembered = match (&requester, &pending.asked.memorable) {
            (Some(requester), Some(used)) => {
                state.consent.allows(pending.id, requester, used, now.moment)
            }
            _ => false,
        };
        pending.asked.requester = requester;
        pending.asked.era = state.consent.era();
        if !remembered {
            return Recalled::Unanswered(pending.question(), pending);
        }
        let (identity, ruling) = match self.judged(&mut state, session, &pending, now) {
            Ok(judged) => judged,
            Err(why) => return Recalled::Answered(Step::Reply(pending.refuse(why))),
        };
        // The settings may have changed since it was asked for, and since it was remembered.
        pending.asked.memorable =
            Asked::new(&self.policy(), session, &pending.destination, ruling).memorable;
        if pending.asked.memorable.is_none() {
            return Recalled::Unanswered(pending.question(), pending);
        }
        pending.confirmed = true;
        Recalled::Answered(self.step(identity, pending, now))
    }

    /// Goes on with a sign request after the question it waited for.
    pub fn answered(
        &self,
        session: &Session,
        mut pending: PendingSign,
        answer: Answer,
        now: Now,
    ) -> Step {
        let scope = match answer {
            Answer::Allowed(scope) => scope,
            Answer::No => return Step::Reply(pending.refuse(SignRefusal::Denied)),
            Answer::TimedOut => return Step::Reply(pending.refuse(SignRefusal::Unanswered)),
            Answer::CannotAsk(why) => {
                return Step::Reply(pending.refuse(SignRefusal::CannotAsk(why)));
            }
            Answer::ClientGone => return Step::Reply(pending.refuse(SignRefusal::ClientGone)),
        };
        let mut state = self.state(now.moment);
        let asked = std::mem::take(&mut pending.asked);
        pending.confirmed = true;
        let (identity, ruling) = match self.judged(&mut state, session, &pending, now) {
            Ok(judged) => judged,
            Err(why) => return Step::Reply(pending.refuse(why)),
        };
        let id = pending.id;
        let still = Asked::new(&self.policy(), session, &pending.destination, ruling).memorable;
        let step = self.step(identity, pending, now);
        if let (Step::Sign(_), true) = (&step, still.is_some()) {
            remember(&mut state, id, asked, scope, now);
        }
        step
    }
}

/// What was forgotten while the question stood there is not remembered again by its answer.
fn remember(state: &mut State, key: IdentityId, asked: Asked, scope: Scope, now: Now) {
    if asked.era != state.consent.era() {
        return;
    }
    if let (Some(requester), Some(used)) = (asked.requester, asked.memorable) {
        state.consent.remember(key, requester, used, scope, now.moment);
    }
}
