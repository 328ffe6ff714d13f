//! Which keys a host is offered, in which order, and why.
//!
//! A server ends a login after a few keys it does not take, so the right one has to come early.
//! Decided when the keys are listed; what may be used is decided again when it is.

use std::cmp::Reverse;
use std::collections::HashSet;

use crate::identity::{Identity, IdentityId};
use crate::memory::{Known, Memory};
use crate::rules::{HostRule, Target, candidates};

/// Which keys a host is shown that is known to take one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offer {
    /// The one it took first, then the others, the last used first.
    #[default]
    KnownFirst,
    /// Only the one it took.
    KnownOnly,
    /// All, in the order they were added.
    All,
}

/// Why a key has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// This rule of the settings names it.
    Rule(u32),
    /// The host took it.
    Remembered(Known),
    /// It was last used then, in seconds since 1970, whatever for.
    Used(u64),
    /// It was not used yet; those come in the order they were added.
    Unused,
}

/// What the order comes from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) rules: &'a [HostRule],
    pub(crate) offer: Offer,
    pub(crate) memory: &'a Memory,
}

/// What a host is offered.
pub(crate) struct Offered<'k> {
    pub(crate) keys: Vec<(&'k Identity, Why)>,
    /// Only what is remembered, and there is more.
    pub(crate) narrowed: bool,
    /// The rules that decided, or may.
    pub(crate) rules: Vec<u32>,
}

/// The keys in the order they are offered: of these, which are in the order they were added.
/// Without `may_narrow` nothing is hidden that only the memory would hide.
pub(crate) fn offered<'k>(
    source: Source<'_>,
    target: &Target<'_>,
    keys: &[&'k Identity],
    may_narrow: bool,
) -> Offered<'k> {
    let mut order = Order { keys, taken: HashSet::new(), chosen: Vec::new() };
    let mut rules = Vec::new();
    for (number, rule) in candidates(source.rules, target) {
        rules.push(number);
        for selector in rule.keys.iter().flatten() {
            order.take(|key| key.is_meant(selector), || Why::Rule(number));
        }
        let is_sure = rule.users.is_none() || target.user.is_some();
        if rule.keys.is_some() && is_sure {
            return Offered { keys: order.chosen, narrowed: false, rules };
        }
    }
    let by_rule = order.chosen.len();
    if source.offer != Offer::All {
        for known in source.memory.of(target.hosts, target.user) {
            order.take(|key| key.print == known.key, || Why::Remembered(known.clone()));
        }
    }
    let is_known = order.chosen.len() > by_rule;
    let narrowed = source.offer == Offer::KnownOnly && is_known && order.chosen.len() < keys.len();
    if !(narrowed && may_narrow) {
        order.take_rest(source);
    }
    Offered { keys: order.chosen, narrowed, rules }
}

struct Order<'s, 'k> {
    keys: &'s [&'k Identity],
    taken: HashSet<IdentityId>,
    chosen: Vec<(&'k Identity, Why)>,
}

impl<'k> Order<'_, 'k> {
    /// Takes those that are meant and not yet taken; certificates first: the plain key would be
    /// one more attempt (K2).
    fn take(&mut self, is_meant: impl Fn(&Identity) -> bool, why: impl Fn() -> Why) {
        let meant = self.keys.iter().filter(|key| is_meant(key));
        let mut meant: Vec<_> = meant.filter(|key| self.taken.insert(key.id)).collect();
        meant.sort_by_key(|key| key.public.certificate().is_none());
        self.chosen.extend(meant.into_iter().map(|key| (*key, why())));
    }

    fn take_rest(&mut self, source: Source<'_>) {
        let rest = self.keys.iter().filter(|key| self.taken.insert(key.id));
        let mut rest: Vec<_> = rest.map(|key| (*key, source.memory.last_use(key.print))).collect();
        if source.offer != Offer::All {
            rest.sort_by_key(|(key, used)| {
                (Reverse(*used), *used > 0 && key.public.certificate().is_none())
            });
        }
        let why = |used| if used > 0 { Why::Used(used) } else { Why::Unused };
        self.chosen.extend(rest.into_iter().map(|(key, used)| (key, why(used))));
    }
}
