//! Stored keys in every order: fetched, expired, sealed, removed, replaced, against a model that is
//! too simple to be wrong. A failure here means that some order of requests gives away a stored key.

use std::collections::{BTreeMap, BTreeSet};

use keyfob_agent::{Agent, Fetched, ItemId, Moment, PendingSign, Rules, Session, Step, StoredKey};
use keyfob_keys::shield::Derived;
use keyfob_protocol::{Request, Response};
use proptest::prelude::*;
use std::time::Duration;

use crate::kit::{agent, at, blob, handle, key, list, plain, reply, sign};

/// Each with its lifetime once fetched.
const LIVES: [Option<u64>; 3] = [None, Some(5), Some(12)];
const KEYS: std::ops::Range<u8> = 0..3;

#[derive(Debug, Clone)]
enum Act {
    List,
    Sign(u8),
    /// The oldest request gets this key.
    Come(u8),
    Add(u8),
    Remove(u8),
    RemoveAll,
    Renew(u8),
    ShowAll,
    Seal,
    Unseal,
    Wait(u8),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::List),
        8 => KEYS.prop_map(Act::Sign),
        8 => KEYS.prop_map(Act::Come),
        2 => KEYS.prop_map(Act::Add),
        2 => KEYS.prop_map(Act::Remove),
        1 => Just(Act::RemoveAll),
        2 => KEYS.prop_map(Act::Renew),
        2 => Just(Act::ShowAll),
        2 => Just(Act::Seal),
        3 => Just(Act::Unseal),
        4 => (1..8_u8).prop_map(Act::Wait),
    ]
}

/// What the agent should hold of one key.
#[derive(Clone, Copy)]
struct Held {
    /// Grows when it is put there anew.
    number: u64,
    is_session: bool,
    /// A stored one that was fetched.
    is_here: bool,
    end: Option<u64>,
}

#[derive(Default)]
struct Model {
    held: BTreeMap<u8, Held>,
    generations: [u64; 3],
    /// The version that is in the agent.
    shown: [u64; 3],
    hidden: BTreeSet<u8>,
    /// When the time of an item that was fetched is up, or was: it outlasts a removal.
    ends: BTreeMap<u8, u64>,
    sealed: bool,
    numbers: u64,
    now: u64,
}

impl Model {
    /// Puts in what is in the store, and not there in this version.
    fn show(&mut self) {
        for n in KEYS {
            let place = usize::from(n);
            let held = self.held.get(&n);
            let is_new = held.is_none_or(|held| {
                !held.is_session && self.shown[place] != self.generations[place]
            });
            if !self.hidden.contains(&n) && is_new {
                self.shown[place] = self.generations[place];
                self.put(n, false);
            }
        }
    }

    fn put(&mut self, n: u8, is_session: bool) {
        self.numbers += 1;
        let number = self.numbers;
        self.held.insert(n, Held { number, is_session, is_here: is_session, end: None });
    }

    fn expire(&mut self) {
        for (n, held) in &mut self.held {
            if let Some(end) = held.end.filter(|end| *end <= self.now) {
                self.ends.insert(*n, end);
                (held.is_here, held.end) = (false, None);
            }
        }
    }

    /// After when the passphrase must have been given for an item.
    fn ended(&self, n: u8) -> Option<u64> {
        self.ends.get(&n).copied().filter(|end| *end <= self.now)
    }

    /// Until when an item stays that is fetched now: no longer than was left of its time.
    fn lives_until(&mut self, n: u8) -> Option<u64> {
        let whole = self.now + LIVES[usize::from(n)]?;
        let left = self.ends.get(&n).copied().filter(|end| *end > self.now);
        let end = left.map_or(whole, |left| left.min(whole));
        self.ends.insert(n, end);
        Some(end)
    }

    fn remove(&mut self, n: u8) -> bool {
        let was_there = self.held.remove(&n).is_some();
        if was_there {
            self.hidden.insert(n);
        }
        was_there
    }
}

struct Waiting {
    n: u8,
    number: u64,
    since: Option<u64>,
    pending: PendingSign,
}

struct Run {
    agent: Agent,
    session: Session,
    model: Model,
    waiting: Vec<Waiting>,
}

fn seal_key() -> Derived {
    Derived::of_key(&[7; 32]).unwrap()
}

impl Run {
    fn new() -> Self {
        let mut run = Self {
            agent: agent(),
            session: Session::new(),
            model: Model::default(),
            waiting: Vec::new(),
        };
        run.refresh();
        run
    }

    fn refresh(&mut self) {
        let stored = KEYS.map(|n| StoredKey {
            item: ItemId([n; 16]),
            generation: self.model.generations[usize::from(n)],
            public: key(n).public().clone(),
            comment: b"stored".as_slice().into(),
            rules: Some(Rules {
                lifetime: LIVES[usize::from(n)].map(Duration::from_secs),
                ..Rules::default()
            }),
        });
        self.agent.set_stored(stored.collect(), at(self.model.now));
        self.model.show();
    }

    fn expect(&mut self, request: &Request<'_>, success: bool) {
        let wanted = if success { Response::Success } else { Response::Failure };
        let now = at(self.model.now);
        assert_eq!(reply(&self.agent, &mut self.session, request, now).response, wanted);
    }

    fn signed(n: u8, step: Step) {
        let Step::Sign(permit) = step else { panic!("refused, the model allows it") };
        let Response::Signature(signature) = permit.sign().reply.response else { panic!("failed") };
        key(n).public().verify(b"data", &signature).unwrap();
    }

    fn sign(&mut self, n: u8) {
        let now = at(self.model.now);
        let step = handle(&self.agent, &mut self.session, &sign(&blob(n), b"data"), now);
        match self.model.held.get(&n) {
            None => {
                let Step::Reply(reply) = step else { panic!("a key that is not there") };
                assert_eq!(reply.response, Response::Failure);
            }
            Some(held) if held.is_here && !self.model.sealed => Self::signed(n, step),
            Some(held) => {
                let Step::Fetch(wanted, pending) = step else { panic!("signs without the store") };
                let since = self.model.ended(n).filter(|_| !held.is_session);
                let moment: Option<Moment> = since.map(|second| at(second).moment);
                assert_eq!(wanted.passphrase_since, moment);
                assert_eq!(wanted.item.is_none(), held.is_session);
                let number = held.number;
                self.waiting.push(Waiting { n, number, since, pending });
            }
        }
    }

    /// What comes is the right key or another one; of a session key, the open agent.
    fn come(&mut self, other: u8) {
        if self.waiting.is_empty() {
            return;
        }
        let Waiting { n, number, since, pending } = self.waiting.remove(0);
        let model = &mut self.model;
        let (sealed, now, ended) = (model.sealed, model.now, model.ended(n));
        let held = model.held.get(&n).copied().filter(|held| held.number == number);
        let fetched = match &held {
            Some(held) if held.is_session => Fetched::Open,
            _ => Fetched::Key(key(other)),
        };
        let is_right = match &held {
            Some(held) => held.is_session || other == n,
            None => false,
        };
        let step = self.agent.fetched(&self.session, pending, fetched, at(now));
        match held {
            Some(held) if is_right && !sealed && (held.is_here || ended <= since) => {
                if !held.is_here {
                    let end = model.lives_until(n);
                    model.held.insert(n, Held { is_here: true, end, ..held });
                }
                Self::signed(n, step);
            }
            _ => {
                let Step::Reply(reply) = step else { panic!("signed without leave") };
                assert_eq!(reply.response, Response::Failure);
            }
        }
    }

    fn act(&mut self, act: &Act) {
        self.model.expire();
        let now = at(self.model.now);
        // Ends are noted when somebody looks: now, as in the model.
        let _ended = self.agent.tick(now.moment);
        match *act {
            Act::List => {
                let listed = list(&self.agent, &mut self.session, now);
                let listed: BTreeSet<_> = listed.into_iter().collect();
                assert_eq!(listed, self.model.held.keys().map(|n| blob(*n)).collect());
            }
            Act::Sign(n) => self.sign(n),
            Act::Come(other) => self.come(other),
            Act::Add(n) => {
                let open = !self.model.sealed;
                self.expect(&plain(n), open);
                if open {
                    self.model.put(n, true);
                }
            }
            Act::Remove(n) => {
                let there = self.model.remove(n);
                self.expect(&Request::Remove(&blob(n)), there);
            }
            Act::RemoveAll => {
                self.expect(&Request::RemoveAll, true);
                self.model.held.clear();
                self.model.hidden.extend(KEYS);
                self.model.sealed = false;
            }
            Act::Renew(n) => {
                self.model.generations[usize::from(n)] += 1;
                self.refresh();
            }
            Act::ShowAll => {
                self.agent.show_all_stored(now);
                self.model.hidden.clear();
                self.model.show();
            }
            Act::Seal => {
                let sealed = self.agent.seal(seal_key(), now).is_ok();
                assert_eq!(sealed, !self.model.sealed);
                self.model.sealed = true;
                let unload = |held: &mut Held| {
                    if !held.is_session {
                        (held.is_here, held.end) = (false, None);
                    }
                };
                self.model.held.values_mut().for_each(unload);
            }
            Act::Unseal => {
                assert!(self.agent.unseal(seal_key(), now));
                let now = self.model.now;
                self.model.ends.retain(|_, end| *end <= now);
                self.model.sealed = false;
            }
            Act::Wait(seconds) => self.model.now += u64::from(seconds),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_requests_gives_away_a_stored_key(
        acts in proptest::collection::vec(act(), 1..80)
    ) {
        let mut run = Run::new();
        for act in &acts {
            run.act(act);
        }
    }
}
