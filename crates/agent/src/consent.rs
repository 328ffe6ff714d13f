//! Answers a person gave to "may this key be used", and for how long they count.
//!
//! Pure: time is an argument. An answer is remembered for one key, one requester and one use of it;
//! where any of them cannot be told from others, nothing is. Whether a question is asked at all,
//! and what else forbids the signature, is decided elsewhere: a remembered answer stands for a
//! person's "yes" and for nothing more.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::identity::IdentityId;
use crate::limits::{MAX_APPROVALS, MAX_APPROVED_TEXT};
use crate::print::Print;
use crate::proved::{Aim, Destination};
use crate::session::Session;

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// A person allowed it.
    Allowed(Scope),
    /// A person denied it.
    No,
    /// Nobody answered in time.
    TimedOut,
    /// The question could not be put to anybody, because of this.
    CannotAsk(Arc<str>),
    /// The client closed its connection meanwhile.
    ClientGone,
}

/// How far a "yes" goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This one signature.
    Once,
    /// The same use by the same requester, as long as its session lasts.
    Session,
    /// The same, for so long.
    For(Duration),
}

/// Who asks, as far as an answer can be remembered for them: whatever the driver says makes two
/// processes the same requester, in bytes that mean nothing here.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequesterId(Arc<[u8]>);

impl RequesterId {
    /// Equal bytes are the same requester.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

/// One use of a key that can be told from every other: what for, and over which hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Use {
    aim: UsedFor,
    /// The keys of the hosts the request came over, nearest first.
    way: Box<[Print]>,
    remote: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum UsedFor {
    Login { host: Print, user: Arc<[u8]> },
    Signature { namespace: Arc<[u8]> },
}

impl Use {
    /// `None` where it is not known what the signature would be good for: an answer to such a
    /// question is for this one signature.
    pub(crate) fn of(session: &Session, destination: &Destination) -> Option<Self> {
        let bindings = session.bindings();
        if session.failed() {
            return None;
        }
        let (aim, text) = match &destination.aim {
            Aim::Login(login) => {
                let host = Print::of(&login.host.as_ref()?.key);
                (UsedFor::Login { host, user: Arc::clone(&login.user) }, &login.user)
            }
            // A connection bound for a login has no use for anything else: who asks there is not
            // who it seems to be.
            Aim::Signature { namespace } if bindings.iter().all(|one| one.forwarding) => {
                (UsedFor::Signature { namespace: Arc::clone(namespace) }, namespace)
            }
            _ => return None,
        };
        let hops = bindings.iter().filter(|binding| binding.forwarding);
        let way = hops.map(|binding| Print::of(&binding.host_key)).collect();
        let is_short = text.len() <= MAX_APPROVED_TEXT;
        is_short.then_some(Self { aim, way, remote: destination.remote })
    }

    /// Whether it comes from beyond this machine.
    pub(crate) fn is_remote(&self) -> bool {
        self.remote
    }
}

/// A remembered "yes".
#[derive(Debug, PartialEq, Eq)]
struct Approval {
    key: IdentityId,
    requester: RequesterId,
    what: Use,
    /// As long as the requester's session, when there is no end.
    until: Option<Moment>,
}

/// What is remembered.
#[derive(Debug, Default)]
pub(crate) struct Consent {
    /// The oldest first.
    approvals: VecDeque<Approval>,
    /// How often everything was forgotten.
    era: u64,
}

impl Consent {
    /// Grows when everything is forgotten. The answer to a question from before that counts once.
    pub(crate) fn era(&self) -> u64 {
        self.era
    }

    /// Whether a person allowed this before, for longer than once.
    pub(crate) fn allows(
        &self,
        key: IdentityId,
        requester: &RequesterId,
        what: &Use,
        now: Moment,
    ) -> bool {
        self.approvals.iter().any(|one| {
            one.key == key
                && one.requester == *requester
                && one.what == *what
                && one.until.is_none_or(|until| now < until)
        })
    }

    /// Remembers a "yes". Of the same question only the newest counts, and where there is no more
    /// room the oldest goes: it is asked again.
    pub(crate) fn remember(
        &mut self,
        key: IdentityId,
        requester: RequesterId,
        what: Use,
        scope: Scope,
        now: Moment,
    ) {
        let until = match scope {
            Scope::Once => return,
            Scope::Session => None,
            // At the end of time it is as good as that.
            Scope::For(span) => now.after(span),
        };
        self.approvals.retain(|one| {
            let is_same = one.key == key && one.requester == requester && one.what == what;
            !is_same && one.until.is_none_or(|until| now < until)
        });
        if self.approvals.len() >= MAX_APPROVALS {
            self.approvals.pop_front();
        }
        self.approvals.push_back(Approval { key, requester, what, until });
    }

    /// Forgets everything: it was locked, or emptied.
    pub(crate) fn forget_all(&mut self) {
        self.approvals.clear();
        self.era += 1;
    }

    /// Forgets what is about keys that are not here any more.
    pub(crate) fn keep(&mut self, is_here: impl Fn(IdentityId) -> bool) {
        self.approvals.retain(|one| is_here(one.key));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.approvals.is_empty()
    }

    /// The keys they are about.
    #[cfg(fuzzing)]
    pub(crate) fn keys(&self) -> impl Iterator<Item = IdentityId> {
        self.approvals.iter().map(|one| one.key)
    }
}

#[cfg(test)]
mod tests {
    use keyfob_keys::PrivateKey;

    use super::*;
    use crate::proved::{Login, ProvedHost};

    const KEY: IdentityId = IdentityId(1);

    fn at(seconds: u64) -> Moment {
        Moment(Duration::from_secs(seconds))
    }

    fn who(name: &str) -> RequesterId {
        RequesterId::new(name.as_bytes())
    }

    fn signing(namespace: &str) -> Use {
        Use {
            aim: UsedFor::Signature { namespace: namespace.as_bytes().into() },
            way: Box::default(),
            remote: false,
        }
    }

    fn allowed(scope: Scope) -> Consent {
        let mut consent = Consent::default();
        consent.remember(KEY, who("me"), signing("git"), scope, at(10));
        consent
    }

    #[test]
    fn once_is_not_remembered() {
        assert!(allowed(Scope::Once).is_empty());
    }

    #[test]
    fn a_yes_is_for_this_key_this_requester_and_this_use() {
        let consent = allowed(Scope::Session);
        assert!(consent.allows(KEY, &who("me"), &signing("git"), at(11)));
        assert!(!consent.allows(IdentityId(2), &who("me"), &signing("git"), at(11)));
        assert!(!consent.allows(KEY, &who("you"), &signing("git"), at(11)));
        assert!(!consent.allows(KEY, &who("me"), &signing("file"), at(11)));
        let remote = Use { remote: true, ..signing("git") };
        assert!(!consent.allows(KEY, &who("me"), &remote, at(11)));
        let over = Use { way: [Print([7; 32])].into(), ..signing("git") };
        assert!(!consent.allows(KEY, &who("me"), &over, at(11)));
    }

    #[test]
    fn a_while_ends_and_a_session_does_not() {
        let consent = allowed(Scope::For(Duration::from_secs(5)));
        assert!(consent.allows(KEY, &who("me"), &signing("git"), at(14)));
        assert!(!consent.allows(KEY, &who("me"), &signing("git"), at(15)));
        let consent = allowed(Scope::Session);
        assert!(consent.allows(KEY, &who("me"), &signing("git"), at(1 << 40)));
    }

    /// Lost otherwise: who has said "for this session" cannot say "for a minute" any more.
    #[test]
    fn the_last_answer_to_a_question_counts() {
        let mut consent = allowed(Scope::Session);
        let minute = Scope::For(Duration::from_secs(60));
        consent.remember(KEY, who("me"), signing("git"), minute, at(20));
        assert!(!consent.allows(KEY, &who("me"), &signing("git"), at(80)));
    }

    #[test]
    fn it_is_bounded_and_the_oldest_go_first() {
        let mut consent = allowed(Scope::Session);
        for n in 0..MAX_APPROVALS {
            let name = n.to_string();
            consent.remember(KEY, who(&name), signing("git"), Scope::Session, at(20));
        }
        assert_eq!(consent.approvals.len(), MAX_APPROVALS);
        assert!(!consent.allows(KEY, &who("me"), &signing("git"), at(21)));
        assert!(consent.allows(KEY, &who("0"), &signing("git"), at(21)));
    }

    #[test]
    fn what_is_forgotten_is_gone_and_a_new_era_begins() {
        let mut consent = allowed(Scope::Session);
        let era = consent.era();
        consent.keep(|key| key == KEY);
        assert!(!consent.is_empty());
        consent.keep(|_| false);
        assert!(consent.is_empty() && consent.era() == era);
        consent.forget_all();
        assert_ne!(consent.era(), era);
    }

    #[test]
    fn what_is_not_known_in_full_is_no_use_that_can_be_remembered() {
        let host = ProvedHost {
            key: PrivateKey::ed25519_from_seed(&[1; 32]).public().clone(),
            names: Arc::default(),
        };
        let of = |session: &Session, aim| {
            let destination = Destination { aim, via: Arc::default(), remote: false };
            Use::of(session, &destination).is_some()
        };
        let login = |user: &[u8], host| Aim::Login(Login { user: user.into(), host });
        let (local, mut failed) = (Session::new(), Session::new());
        failed.bind_failed();
        assert!(of(&local, login(b"me", Some(host.clone()))));
        assert!(!of(&local, login(b"me", None)), "an unproved login");
        assert!(!of(&local, login(&[b'x'; MAX_APPROVED_TEXT + 1], Some(host.clone()))));
        assert!(!of(&failed, login(b"me", Some(host))), "a bind was refused");
        let signature = || Aim::Signature { namespace: b"git"[..].into() };
        assert!(of(&local, signature()));
        assert!(!of(&failed, signature()));
        assert!(!of(&local, Aim::Unknown));
    }
}
