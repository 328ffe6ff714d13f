//! One sign request: from the question whether it may, to the signature.
//!
//! Whatever was decided before a wait is decided again after it: while a person
//! thinks, or heavier signatures are made first, the key may be removed, replaced,
//! expire, or the agent be locked.

use std::sync::Arc;

use keyfob_keys::PublicKey;
use keyfob_keys::shield::{Sealed, Shield};
use keyfob_keys::signer::{Cost, SignatureScheme, Signer};
use keyfob_protocol::{Response, SignRequest};

use crate::agent::Agent;
use crate::clock::{Moment, Now};
use crate::destination::{Forbidden, Judge};
use crate::identity::{Half, Identity, IdentityId, Prepared};
use crate::keyring::Keyring;
use crate::record::{KeyName, Record, SignRefusal};
use crate::session::Session;
use crate::step::{Reply, Step};
use crate::stored::Wanted;

/// What a person is asked before a key is used.
#[derive(Debug, Clone)]
pub struct Question {
    /// The key that would sign.
    pub key: KeyName,
    /// The data it would sign, which tells what it is for.
    pub data: Vec<u8>,
    /// The request may come from beyond this machine.
    pub remote: bool,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// A person allowed it.
    Yes,
    /// A person denied it.
    No,
    /// Nobody answered in time.
    TimedOut,
    /// The question could not be put to anybody.
    CannotAsk,
    /// The client closed its connection meanwhile.
    ClientGone,
}

impl Answer {
    pub(crate) fn refusal(self) -> Option<SignRefusal> {
        match self {
            Self::Yes => None,
            Self::No => Some(SignRefusal::Denied),
            Self::TimedOut => Some(SignRefusal::Unanswered),
            Self::CannotAsk => Some(SignRefusal::CannotAsk),
            Self::ClientGone => Some(SignRefusal::ClientGone),
        }
    }
}

/// A sign request that waits for an answer.
#[derive(Debug)]
#[must_use]
pub struct PendingSign {
    pub(crate) id: IdentityId,
    pub(crate) key: KeyName,
    pub(crate) scheme: SignatureScheme,
    pub(crate) data: Vec<u8>,
    /// What it was told to fetch is good only with a passphrase given after this.
    pub(crate) passphrase_since: Option<Moment>,
}

/// The right to make one signature. Only the agent makes one; signing uses it
/// up.
#[must_use]
pub struct Permit {
    id: IdentityId,
    key: KeyName,
    scheme: SignatureScheme,
    data: Vec<u8>,
    source: Source,
}

/// A signature that was permitted and waits for its turn. It holds no key, and
/// it is decided again when its turn comes.
#[must_use]
pub struct Queued(PendingSign);

/// Where the private half comes from.
enum Source {
    /// A signing object that is still there from the last use.
    Prepared(Arc<Signer>),
    /// The sealed key; opening it fails once the agent is locked.
    Sealed(Arc<Sealed>, Arc<Shield>),
}

/// A signing object made for one signature, worth keeping for the next.
#[must_use]
pub struct Fresh {
    pub(crate) id: IdentityId,
    pub(crate) key: PublicKey,
    pub(crate) signer: Arc<Signer>,
}

/// The end of a sign request.
#[must_use]
pub struct Signed {
    /// The answer.
    pub reply: Reply,
    /// For [`Agent::keep`](crate::Agent::keep).
    pub fresh: Option<Fresh>,
}

impl Permit {
    pub(crate) fn new(
        identity: &Identity,
        sealed: Arc<Sealed>,
        scheme: SignatureScheme,
        data: Vec<u8>,
        shield: &Arc<Shield>,
    ) -> Self {
        let source = match (&identity.prepared, sealed) {
            (Some(prepared), _) => Source::Prepared(Arc::clone(&prepared.signer)),
            (None, sealed) => Source::Sealed(sealed, Arc::clone(shield)),
        };
        Self { id: identity.id, key: identity.name(), scheme, data, source }
    }

    /// Whether the signature takes so long that others must not wait behind
    /// it: then it belongs on a thread of its own.
    pub fn is_heavy(&self) -> bool {
        Signer::cost_of(self.key.public.algorithm()) == Cost::Heavy
    }

    /// Gives the permission back because the signature has to wait; for
    /// [`Agent::resumed`](crate::Agent::resumed).
    pub fn queue(self) -> Queued {
        let Self { id, key, scheme, data, source: _ } = self;
        Queued(PendingSign { id, key, scheme, data, passphrase_since: None })
    }

    /// Makes the signature. Hold nothing meanwhile.
    pub fn sign(self) -> Signed {
        let (signer, is_fresh) = match self.source {
            Source::Prepared(signer) => (signer, false),
            Source::Sealed(sealed, shield) => {
                match shield.open(&sealed).and_then(|key| Signer::prepare(&key)) {
                    Ok(signer) => (Arc::new(signer), true),
                    Err(_) if shield.is_locked() => {
                        return refused(self.key, SignRefusal::Locked);
                    }
                    Err(_) => return refused(self.key, SignRefusal::Failed),
                }
            }
        };
        let Ok(blob) = signer.sign(&self.data, self.scheme) else {
            return refused(self.key, SignRefusal::Failed);
        };
        let fresh = is_fresh.then(|| Fresh { id: self.id, key: self.key.public.clone(), signer });
        let record = Record::Signed { key: self.key, scheme: self.scheme, data: self.data };
        Signed { reply: Reply::now(Response::Signature(blob), record), fresh }
    }
}

fn refused(key: KeyName, why: SignRefusal) -> Signed {
    Signed { reply: refuse(Some(key), why), fresh: None }
}

/// The answer to a refused sign request.
pub(crate) fn refuse(key: Option<KeyName>, why: SignRefusal) -> Reply {
    Reply::failure(Record::SignRefused { key, why })
}

impl PendingSign {
    /// The key it wants a signature of.
    pub fn key(&self) -> &KeyName {
        &self.key
    }

    pub(crate) fn question(&self, remote: bool) -> Question {
        Question { key: self.key.clone(), data: self.data.clone(), remote }
    }
}

impl Agent {
    pub(crate) fn sign(&self, session: &Session, request: &SignRequest<'_>, now: Now) -> Step {
        let mut state = self.state(now.moment);
        if state.lock.locked {
            return Step::Reply(refuse(None, SignRefusal::Locked));
        }
        let sealed = state.sealed;
        let Some(identity) = state.keyring.find(request.key) else {
            return Step::Reply(refuse(None, SignRefusal::NoSuchKey));
        };
        let wanted = wanted(identity, &state.keyring, now);
        let Some(identity) = state.keyring.find_mut(request.key) else {
            return Step::Reply(refuse(None, SignRefusal::NoSuchKey));
        };
        let scheme = match self.policy.scheme(identity.public.algorithm(), request.flags) {
            Ok(scheme) => scheme,
            Err(why) => return Step::Reply(refuse(Some(identity.name()), why.into())),
        };
        if let Err(why) = may_sign(identity, session, request.data, now) {
            return Step::Reply(refuse(Some(identity.name()), why));
        }
        let data = request.data.to_vec();
        let (id, key, passphrase_since) = (identity.id, identity.name(), wanted.passphrase_since);
        let pending = PendingSign { id, key, scheme, data, passphrase_since };
        if sealed || identity.is_away() {
            return Step::Fetch(wanted, pending);
        }
        if identity.confirm {
            return Step::Ask(pending.question(session.is_remote()), pending);
        }
        self.step(identity, pending, now)
    }

    /// Goes on with a sign request whose key was fetched: decided once more, as if it came now,
    /// because its rules may not have been known before.
    pub(crate) fn go_on(&self, session: &Session, pending: PendingSign, now: Now) -> Step {
        let mut state = self.state(now.moment);
        if state.lock.locked || state.sealed {
            return Step::Reply(refuse(Some(pending.key), SignRefusal::Locked));
        }
        let Some(identity) = state.keyring.find_mut(pending.key.public.blob()) else {
            return Step::Reply(refuse(Some(pending.key), SignRefusal::Removed));
        };
        if identity.id != pending.id {
            return Step::Reply(refuse(Some(pending.key), SignRefusal::Replaced));
        }
        if let Err(why) = may_sign(identity, session, &pending.data, now) {
            return Step::Reply(refuse(Some(pending.key), why));
        }
        if identity.confirm && !identity.is_away() {
            return Step::Ask(pending.question(session.is_remote()), pending);
        }
        self.step(identity, pending, now)
    }

    /// The signature, if the key is here.
    fn step(&self, identity: &mut Identity, pending: PendingSign, now: Now) -> Step {
        let PendingSign { key, scheme, data, .. } = pending;
        match self.permit(identity, scheme, data, now) {
            Ok(permit) => Step::Sign(permit),
            Err(why) => Step::Reply(refuse(Some(key), why)),
        }
    }

    /// Goes on with a sign request after the question it waited for.
    pub fn answered(
        &self,
        session: &Session,
        pending: PendingSign,
        answer: Answer,
        now: Now,
    ) -> Step {
        if let Some(why) = answer.refusal() {
            return Step::Reply(refuse(Some(pending.key), why));
        }
        match self.renewed(session, pending, now) {
            Ok(permit) => Step::Sign(permit),
            Err(reply) => Step::Reply(reply),
        }
    }

    /// Goes on with a signature whose turn has come.
    ///
    /// # Errors
    ///
    /// The answer, when it may no longer be made.
    pub fn resumed(&self, session: &Session, queued: Queued, now: Now) -> Result<Permit, Reply> {
        self.renewed(session, queued.0, now)
    }

    /// Decides again what was decided before a wait.
    fn renewed(&self, session: &Session, pending: PendingSign, now: Now) -> Result<Permit, Reply> {
        let PendingSign { id, key, scheme, data, .. } = pending;
        let mut state = self.state(now.moment);
        let why = if state.lock.locked || state.sealed {
            SignRefusal::Locked
        } else if let Some(identity) = state.keyring.find_mut(key.public.blob()) {
            if identity.id == id {
                match may_sign(identity, session, &data, now) {
                    Ok(()) => match self.permit(identity, scheme, data, now) {
                        Ok(permit) => return Ok(permit),
                        Err(why) => why,
                    },
                    Err(why) => why,
                }
            } else {
                SignRefusal::Replaced
            }
        } else {
            SignRefusal::Removed
        };
        Err(refuse(Some(key), why))
    }

    /// Keeps a signing object for the key's next signature, if that key is
    /// still the same and the agent open.
    pub fn keep(&self, fresh: Fresh, now: Now) {
        let mut state = self.state(now.moment);
        if state.lock.locked || state.sealed || self.policy.idle_wipe.is_zero() {
            return;
        }
        let Some(identity) = state.keyring.find_mut(fresh.key.blob()) else {
            return;
        };
        if identity.id == fresh.id && !identity.is_away() {
            identity.prepared = Some(Prepared { signer: fresh.signer, last_used: now.moment });
        }
    }

    fn permit(
        &self,
        identity: &mut Identity,
        scheme: SignatureScheme,
        data: Vec<u8>,
        now: Now,
    ) -> Result<Permit, SignRefusal> {
        // Forgotten while the request waited: the store was locked.
        let Half::Sealed(sealed) = identity.half.clone() else {
            return Err(SignRefusal::Locked);
        };
        if let Some(prepared) = &mut identity.prepared {
            prepared.last_used = now.moment;
        }
        Ok(Permit::new(identity, sealed, scheme, data, &self.shield))
    }
}

/// What has to be fetched before this key can sign.
fn wanted(identity: &Identity, keyring: &Keyring, now: Now) -> Wanted {
    let item = identity.origin.as_ref().map(|origin| origin.item);
    let passphrase_since = item.and_then(|item| keyring.ended(item, now.moment));
    Wanted { item, passphrase_since }
}

fn may_sign(
    identity: &Identity,
    session: &Session,
    data: &[u8],
    now: Now,
) -> Result<(), SignRefusal> {
    if identity.has_unknown_rules() && session.is_remote() {
        return Err(Forbidden::RulesUnknown.into());
    }
    let key = &identity.public;
    Ok(Judge::new(now.unix).may_sign(&identity.destinations, session, key, data)?)
}
