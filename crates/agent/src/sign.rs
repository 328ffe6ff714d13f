//! One sign request: from the question whether it may, to the signature.
//!
//! Whatever was decided before a wait is decided again after it: while a person
//! thinks, or heavier signatures are made first, the key may be removed, replaced,
//! expire, or the agent be locked.

use std::sync::Arc;
use std::time::Duration;

use keyfob_keys::PublicKey;
use keyfob_keys::shield::{Sealed, Shield};
use keyfob_keys::signer::{Cost, SignatureScheme, Signer};
use keyfob_protocol::{Response, SignRequest};

use crate::agent::{Agent, State};
use crate::clock::{Moment, Now};
use crate::destination::{Forbidden, Judge};
use crate::identity::{Half, Identity, IdentityId, Prepared};
use crate::keyring::Keyring;
use crate::proved::Destination;
use crate::question::Asked;
use crate::record::{KeyName, Record, SignRefusal};
use crate::rules::{self, Ruling};
use crate::session::Session;
use crate::step::{Reply, Step};
use crate::stored::Wanted;

/// A sign request that waits for an answer.
#[derive(Debug)]
#[must_use]
pub struct PendingSign {
    pub(crate) id: IdentityId,
    pub(crate) key: KeyName,
    pub(crate) scheme: SignatureScheme,
    pub(crate) data: Vec<u8>,
    pub(crate) destination: Arc<Destination>,
    /// What it was told to fetch is good only with a passphrase given after this.
    pub(crate) passphrase_since: Option<Moment>,
    pub(crate) asked: Asked,
    /// A person has allowed it, now or before.
    pub(crate) confirmed: bool,
}

/// The right to make one signature. Only the agent makes one; signing uses it
/// up.
#[must_use]
pub struct Permit {
    id: IdentityId,
    key: KeyName,
    scheme: SignatureScheme,
    data: Vec<u8>,
    destination: Arc<Destination>,
    confirmed: bool,
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
        pending: PendingSign,
        shield: &Arc<Shield>,
    ) -> Self {
        let source = match (&identity.prepared, sealed) {
            (Some(prepared), _) => Source::Prepared(Arc::clone(&prepared.signer)),
            (None, sealed) => Source::Sealed(sealed, Arc::clone(shield)),
        };
        let PendingSign { scheme, data, destination, confirmed, .. } = pending;
        Self { id: identity.id, key: identity.name(), scheme, data, destination, confirmed, source }
    }

    /// Whether the signature takes so long that others must not wait behind
    /// it: then it belongs on a thread of its own.
    pub fn is_heavy(&self) -> bool {
        Signer::cost_of(self.key.public.algorithm()) == Cost::Heavy
    }

    /// Gives the permission back because the signature has to wait; for
    /// [`Agent::resumed`](crate::Agent::resumed).
    pub fn queue(self) -> Queued {
        let Self { id, key, scheme, data, destination, confirmed, source: _ } = self;
        let (passphrase_since, asked) = (None, Asked::default());
        Queued(PendingSign {
            id,
            key,
            scheme,
            data,
            destination,
            passphrase_since,
            asked,
            confirmed,
        })
    }

    /// Makes the signature. Hold nothing meanwhile.
    pub fn sign(self) -> Signed {
        let (signer, is_fresh) = match self.source {
            Source::Prepared(signer) => (signer, false),
            Source::Sealed(sealed, shield) => {
                match shield.open(&sealed).and_then(|key| Signer::prepare(&key)) {
                    Ok(signer) => (Arc::new(signer), true),
                    Err(_) if shield.is_locked() => {
                        return refused(self.key, self.destination, SignRefusal::Locked);
                    }
                    Err(_) => return refused(self.key, self.destination, SignRefusal::Failed),
                }
            }
        };
        let Ok(blob) = signer.sign(&self.data, self.scheme) else {
            return refused(self.key, self.destination, SignRefusal::Failed);
        };
        let fresh = is_fresh.then(|| Fresh { id: self.id, key: self.key.public.clone(), signer });
        let Self { key, scheme, data, destination, .. } = self;
        let record = Record::Signed { key, scheme, data, destination };
        Signed { reply: Reply::now(Response::Signature(blob), record), fresh }
    }
}

fn refused(key: KeyName, destination: Arc<Destination>, why: SignRefusal) -> Signed {
    Signed { reply: refuse(Some(key), destination, why), fresh: None }
}

/// The answer to a refused sign request.
fn refuse(key: Option<KeyName>, destination: Arc<Destination>, why: SignRefusal) -> Reply {
    Reply::failure(Record::SignRefused { key, destination, why })
}

impl PendingSign {
    /// The key it wants a signature of.
    pub fn key(&self) -> &KeyName {
        &self.key
    }

    /// What it wants it for.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    pub(crate) fn refuse(self, why: SignRefusal) -> Reply {
        refuse(Some(self.key), self.destination, why)
    }
}

impl Agent {
    pub(crate) fn sign(&self, session: &Session, request: &SignRequest<'_>, now: Now) -> Step {
        let destination = Arc::new(Destination::of(session, request.data, request.key));
        let mut state = self.state(now.moment);
        let unknown = |why, destination| Step::Reply(refuse(None, destination, why));
        if state.lock.locked {
            return unknown(SignRefusal::Locked, destination);
        }
        let sealed = state.sealed;
        let Some(identity) = state.keyring.find(request.key) else {
            return unknown(SignRefusal::NoSuchKey, destination);
        };
        let wanted = wanted(identity, &state.keyring, self.policy().key_idle, now);
        let Some(identity) = state.keyring.find_mut(request.key) else {
            return unknown(SignRefusal::NoSuchKey, destination);
        };
        let known = |name, destination, why| Step::Reply(refuse(Some(name), destination, why));
        let scheme = match self.policy().scheme(identity.public.algorithm(), request.flags) {
            Ok(scheme) => scheme,
            Err(why) => return known(identity.name(), destination, why.into()),
        };
        let ruling = match self.may_sign(identity, session, request.data, &destination, now) {
            Ok(ruling) => ruling,
            Err(why) => return known(identity.name(), destination, why),
        };
        let data = request.data.to_vec();
        let mut pending = PendingSign {
            id: identity.id,
            key: identity.name(),
            scheme,
            data,
            destination,
            passphrase_since: wanted.passphrase_since,
            asked: Asked::default(),
            confirmed: false,
        };
        if sealed || identity.is_away() {
            // What it is sealed under comes first.
            let file = wanted.file.filter(|_| !sealed);
            return Step::Fetch(Wanted { file, ..wanted }, pending);
        }
        if identity.confirm || ruling.confirm {
            pending.asked = Asked::new(&self.policy(), session, &pending.destination, ruling);
            return Step::Ask(pending.question(), pending);
        }
        self.step(identity, pending, now)
    }

    /// Goes on with a sign request whose key was fetched: decided once more, as if it came now,
    /// because its rules may not have been known before.
    pub(crate) fn go_on(&self, session: &Session, mut pending: PendingSign, now: Now) -> Step {
        let mut state = self.state(now.moment);
        let (identity, ruling) = match self.judged(&mut state, session, &pending, now) {
            Ok(judged) => judged,
            Err(why) => return Step::Reply(pending.refuse(why)),
        };
        if let (Half::InFile, Some(file)) = (&identity.half, &identity.file) {
            let file = Some(Arc::clone(file));
            return Step::Fetch(Wanted { item: None, passphrase_since: None, file }, pending);
        }
        if (identity.confirm || ruling.confirm) && !identity.is_away() {
            pending.asked = Asked::new(&self.policy(), session, &pending.destination, ruling);
            return Step::Ask(pending.question(), pending);
        }
        self.step(identity, pending, now)
    }

    /// The signature, if the key is here.
    pub(crate) fn step(&self, identity: &mut Identity, pending: PendingSign, now: Now) -> Step {
        match self.permit(identity, pending, now) {
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
        let mut state = self.state(now.moment);
        match self.judged(&mut state, session, &pending, now) {
            // Nobody was asked, and a rule that came meanwhile wants that.
            Ok((identity, ruling))
                if !pending.confirmed && (identity.confirm || ruling.confirm) =>
            {
                Err(pending.refuse(SignRefusal::RulesChanged))
            }
            Ok((identity, _)) => self.permit(identity, pending, now),
            Err(why) => Err(pending.refuse(why)),
        }
    }

    /// The key of a request that waited, and the rules' word on it, as they are now.
    pub(crate) fn judged<'a>(
        &self,
        state: &'a mut State,
        session: &Session,
        pending: &PendingSign,
        now: Now,
    ) -> Result<(&'a mut Identity, Ruling), SignRefusal> {
        if state.lock.locked || state.sealed {
            return Err(SignRefusal::Locked);
        }
        let Some(identity) = state.keyring.find_mut(pending.key.public.blob()) else {
            return Err(SignRefusal::Removed);
        };
        if identity.id != pending.id {
            return Err(SignRefusal::Replaced);
        }
        let ruling = self.may_sign(identity, session, &pending.data, &pending.destination, now)?;
        Ok((identity, ruling))
    }

    /// Keeps a signing object for the key's next signature, if that key is
    /// still the same and the agent open.
    pub fn keep(&self, fresh: Fresh, now: Now) {
        let idle = self.policy().rests_after();
        let mut state = self.state(now.moment);
        if state.lock.locked || state.sealed || idle.is_zero() {
            return;
        }
        let ready = Prepared { signer: fresh.signer, last_used: now.moment };
        state.keyring.prepare(fresh.id, fresh.key.blob(), ready, idle);
    }

    /// May the key sign this, and what do the rules for hosts want beside?
    fn may_sign(
        &self,
        identity: &Identity,
        session: &Session,
        data: &[u8],
        destination: &Destination,
        now: Now,
    ) -> Result<Ruling, SignRefusal> {
        if session.profile().is_some_and(|profile| !profile.shows(identity)) {
            return Err(Forbidden::NotInProfile.into());
        }
        if identity.has_unknown_rules() && destination.remote {
            return Err(Forbidden::RulesUnknown.into());
        }
        let key = &identity.public;
        Judge::new(now.unix).may_sign(&identity.destinations, session, key, data)?;
        Ok(rules::ruling(&self.policy().hosts, session, identity, data)?)
    }

    fn permit(
        &self,
        identity: &mut Identity,
        pending: PendingSign,
        now: Now,
    ) -> Result<Permit, Reply> {
        // Forgotten while the request waited: the store was locked.
        let Half::Sealed(sealed) = identity.half.clone() else {
            return Err(pending.refuse(SignRefusal::Locked));
        };
        identity.last_used = now.moment;
        if let Some(prepared) = &mut identity.prepared {
            prepared.last_used = now.moment;
        }
        Ok(Permit::new(identity, sealed, pending, &self.shield))
    }
}

/// What has to be fetched before this key can sign.
fn wanted(
    identity: &Identity,
    keyring: &Keyring,
    default_idle: Option<Duration>,
    now: Now,
) -> Wanted {
    let item = identity.origin.as_ref().map(|origin| origin.item);
    let passphrase_since =
        item.and_then(|item| keyring.ended(item, identity.idle.or(default_idle), now.moment));
    let file = identity.file.clone().filter(|_| identity.is_away());
    Wanted { item, passphrase_since, file }
}
