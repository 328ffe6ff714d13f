//! What a signature teaches, and what may be asked and done about what was learned.

use std::sync::Arc;

use crate::agent::{Agent, State};
use crate::clock::Now;
use crate::identity::Identity;
use crate::keyring;
use crate::memory::{Known, Login, Memory};
use crate::offer::{Offer, Offered, Source, Why, offered};
use crate::policy::Policy;
use crate::print::Print;
use crate::record::{KeyName, Record};
use crate::rules::{self, Forwarded, HostRule, RuleName, Target};
use crate::session::Session;
use crate::view::View;

/// One thing that is remembered.
#[derive(Debug, Clone)]
pub struct Remembered {
    /// What.
    pub known: Known,
    /// The key, if the agent has it.
    pub key: Option<KeyName>,
}

/// Whom a login would lead to.
#[derive(Debug, Clone, Copy)]
pub struct Host<'a> {
    /// The keys the host is known by.
    pub keys: &'a [Print],
    /// Its names.
    pub names: &'a [String],
    /// The account, if it is known.
    pub user: Option<&'a [u8]>,
}

/// What a host would be offered.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The keys in their order, and why.
    pub keys: Vec<(KeyName, Why)>,
    /// How many more there are that it would not be offered.
    pub hidden: usize,
    /// The rules that decide, or may while the account is not known.
    pub rules: Vec<(RuleName, HostRule)>,
    /// What becomes of requests that are forwarded there, and which rule says so. The account has
    /// no part in that.
    pub forwarded: Option<(Forwarded, RuleName)>,
    /// The setting.
    pub offer: Offer,
}

/// What came of a signature.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// Whether there is something new to keep.
    pub learned: bool,
    /// Whether [`Agent::tick`] is due sooner than it last said.
    pub ends_sooner: bool,
}

impl Agent {
    /// Remembers a signature that was made: when the key was used, and where it was taken.
    pub fn note_use(&self, session: &Session, record: &Record, now: Now) -> Noted {
        let Record::Signed { key, data, destination, .. } = record else {
            return Noted::default();
        };
        let print = Print::of(&key.public);
        let login = match self.policy().learn {
            true => Login::proved(destination),
            false => None,
        };
        let mut state = self.state(now.moment);
        state.memory.note_use(print, now.unix);
        if let Some(login) = login {
            state.memory.learn(&login, print, now.unix);
        }
        let before = state.keyring.earliest_expiry();
        self.shorten(&mut state, session, key, data, now);
        Noted {
            learned: state.memory.unsaved().is_some(),
            ends_sooner: state.keyring.earliest_expiry() != before,
        }
    }

    /// Where a rule says so, the key stays no longer than this from now on.
    fn shorten(&self, state: &mut State, session: &Session, key: &KeyName, data: &[u8], now: Now) {
        let Some(identity) = state.keyring.find(key.public.blob()) else {
            return;
        };
        let ruling = rules::ruling(&self.policy().hosts, session, identity, data);
        let lifetime = ruling.ok().and_then(|ruling| ruling.lifetime);
        if let Some(end) = lifetime.and_then(|lifetime| now.moment.after(lifetime)) {
            state.keyring.shorten(key.public.blob(), end);
        }
    }

    /// Everything that is remembered, the last used first.
    pub fn remembered(&self, now: Now) -> Vec<Remembered> {
        let state = self.state(now.moment);
        let all = state.memory.all().into_iter();
        // What keys there are is told to nobody while it is locked.
        let open = !state.lock.locked;
        let name = |print| state.keyring.iter().find(|key| open && key.print == print);
        all.map(|known| Remembered { key: name(known.key).map(Identity::name), known }).collect()
    }

    /// Forgets what these host keys took; says how much that was.
    pub fn forget(&self, hosts: &[Print], now: Now) -> usize {
        self.state(now.moment).memory.forget(hosts, now.unix)
    }

    /// Forgets everything it remembers; says how much that was.
    pub fn forget_all(&self, now: Now) -> usize {
        self.state(now.moment).memory.forget_all(now.unix)
    }

    /// What this host would be offered, if a client on this machine logged in there.
    pub fn explain(&self, host: Host<'_>, now: Now) -> Explained {
        let policy = self.policy();
        let state = self.state(now.moment);
        let keys: Vec<_> = match state.lock.locked {
            true => Vec::new(),
            false => state.keyring.iter().collect(),
        };
        let target = Target { hosts: host.keys, names: host.names, user: host.user };
        let source = source(&policy, &state.memory);
        let Offered { keys: order, rules: numbers, .. } = offered(source, &target, &keys, true);
        let named = |number: u32| {
            let index = usize::try_from(number).ok()?.checked_sub(1)?;
            let rule = policy.hosts.get(index)?;
            Some((rule.name(number), rule.clone()))
        };
        let through = rules::said_of_forwarded(&policy.hosts, &Target { user: None, ..target });
        Explained {
            hidden: keys.len() - order.len(),
            keys: order.into_iter().map(|(key, why)| (key.name(), why)).collect(),
            rules: numbers.into_iter().filter_map(named).collect(),
            forwarded: through.map(|(number, rule, word)| (word, rule.name(number))),
            offer: policy.offer,
        }
    }

    /// What is to be kept, and the number of this state of it; `None` when all of it is.
    pub fn to_keep(&self, now: Now) -> Option<(u64, Vec<u8>)> {
        let state = self.state(now.moment);
        Some((state.memory.unsaved()?, state.memory.encode()))
    }

    /// The state of this number is kept.
    pub fn kept(&self, number: u64, now: Now) {
        self.state(now.moment).memory.saved(number);
    }

    /// Takes in what was kept; `false` when it cannot be read.
    pub fn recall(&self, kept: &[u8], now: Now) -> bool {
        self.state(now.moment).memory.recall(kept)
    }
}

fn source<'a>(policy: &'a Policy, memory: &'a Memory) -> Source<'a> {
    Source { rules: &policy.hosts, offer: policy.offer, memory }
}

/// The answer to a list request over a connection that logs in somewhere; `None` when nothing is
/// known that would change the usual one.
pub(crate) fn listing_for_host(
    policy: &Policy,
    state: &mut State,
    session: &Session,
    view: &mut View<'_>,
    now: Now,
) -> Option<Arc<[u8]>> {
    let binding = session.bindings().last().filter(|binding| !binding.forwarding)?;
    if session.failed() || (policy.hosts.is_empty() && state.memory.is_empty()) {
        return None;
    }
    let hosts = [Print::of(&binding.host_key)];
    let target = Target { hosts: &hosts, names: &binding.names, user: None };
    let State { keyring, memory, .. } = state;
    let keys: Vec<_> = keyring.iter().filter(|key| view.shows(key).is_ok()).collect();
    let mut chosen = offered(source(policy, memory), &target, &keys, true);
    if chosen.narrowed && !memory.may_narrow(&hosts, now.moment) {
        chosen = offered(source(policy, memory), &target, &keys, false);
    }
    Some(keyring::answer(chosen.keys.into_iter().map(|(key, _)| key)))
}
