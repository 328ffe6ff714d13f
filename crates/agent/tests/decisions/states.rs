//! The state machine: {locked, unlocked} × {list, add, remove, sign, bind} ×
//! {yes, no, timeout, disconnect}, against a model that is too simple to be
//! wrong. A failure here means that some order of requests gives away a key.

use std::collections::BTreeMap;

use crate::kit::{add, agent, at, blob, handle, key, list, lock, reply, sign, unlock};
use keyfob_agent::{Agent, Answer, PendingSign, Scope, Session, Step};
use keyfob_protocol::{Constraints, Request, Response};
use proptest::prelude::*;

const KEYS: std::ops::Range<u8> = 0..4;

#[derive(Debug, Clone)]
enum Act {
    List,
    Add { key: u8, confirm: bool, lifetime: Option<u8> },
    Remove(u8),
    RemoveAll,
    Sign(u8),
    AnswerOldest(Answer),
    Lock,
    Unlock { right: bool },
    DropAll,
    Wait(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let answer = prop_oneof![
        Just(Answer::Allowed(Scope::Once)),
        Just(Answer::No),
        Just(Answer::TimedOut),
        Just(Answer::ClientGone),
    ];
    prop_oneof![
        2 => Just(Act::List),
        4 => (KEYS, any::<bool>(), proptest::option::of(1..20_u8))
            .prop_map(|(key, confirm, lifetime)| Act::Add { key, confirm, lifetime }),
        2 => KEYS.prop_map(Act::Remove),
        1 => Just(Act::RemoveAll),
        6 => KEYS.prop_map(Act::Sign),
        6 => answer.prop_map(Act::AnswerOldest),
        1 => Just(Act::Lock),
        2 => any::<bool>().prop_map(|right| Act::Unlock { right }),
        1 => Just(Act::DropAll),
        3 => (1..10_u8).prop_map(Act::Wait),
    ]
}

/// What the agent should hold: key → (number of its addition, confirm, end).
#[derive(Default)]
struct Model {
    keys: BTreeMap<u8, (u64, bool, Option<u64>)>,
    order: Vec<u8>,
    additions: u64,
    locked: bool,
    now: u64,
}

impl Model {
    fn expire(&mut self) {
        let now = self.now;
        self.keys.retain(|_, (_, _, end)| end.is_none_or(|end| now < end));
        self.order.retain(|key| self.keys.contains_key(key));
    }

    fn listed(&self) -> Vec<Vec<u8>> {
        if self.locked { Vec::new() } else { self.order.iter().map(|key| blob(*key)).collect() }
    }
}

struct Run {
    agent: Agent,
    session: Session,
    model: Model,
    questions: Vec<(u8, u64, PendingSign)>,
}

impl Run {
    fn expect(&mut self, request: &Request<'_>, success: bool) {
        let wanted = if success { Response::Success } else { Response::Failure };
        let now = at(self.model.now);
        assert_eq!(reply(&self.agent, &mut self.session, request, now).response, wanted);
    }

    fn signed(&mut self, n: u8, step: Step) {
        let Step::Sign(permit) = step else { panic!("refused, the model allows it") };
        let Response::Signature(signature) = permit.sign().reply.response else { panic!("failed") };
        key(n).public().verify(b"data", &signature).unwrap();
    }

    fn act(&mut self, act: &Act) {
        self.model.expire();
        let open = !self.model.locked;
        let now = at(self.model.now);
        match act.clone() {
            Act::List => {
                assert_eq!(list(&self.agent, &mut self.session, now), self.model.listed());
            }
            Act::Add { key, confirm, lifetime } => {
                let lifetime = lifetime.map(u32::from);
                let constraints = Constraints { confirm, lifetime, ..Constraints::default() };
                self.expect(&add(key, constraints), open);
                if open {
                    let end = lifetime.map(|span| self.model.now + u64::from(span));
                    self.model.additions += 1;
                    if self.model.keys.insert(key, (self.model.additions, confirm, end)).is_none() {
                        self.model.order.push(key);
                    }
                }
            }
            Act::Remove(key) => {
                let there = open && self.model.keys.remove(&key).is_some();
                self.model.order.retain(|held| !there || *held != key);
                self.expect(&Request::Remove(&blob(key)), there);
            }
            Act::RemoveAll => {
                self.expect(&Request::RemoveAll, open);
                if open {
                    self.model.keys.clear();
                    self.model.order.clear();
                }
            }
            Act::Sign(n) => {
                let step = handle(&self.agent, &mut self.session, &sign(&blob(n), b"data"), now);
                match (open, self.model.keys.get(&n)) {
                    (true, Some((addition, true, _))) => {
                        let Step::Ask(_, pending) = step else { panic!("not asked") };
                        self.questions.push((n, *addition, pending));
                    }
                    (true, Some(_)) => self.signed(n, step),
                    _ => {
                        let Step::Reply(reply) = step else { panic!("a key that is not there") };
                        assert_eq!(reply.response, Response::Failure);
                    }
                }
            }
            Act::AnswerOldest(answer) => {
                if self.questions.is_empty() {
                    return;
                }
                let (n, addition, pending) = self.questions.remove(0);
                let step = self.agent.answered(&self.session, pending, answer.clone(), now);
                let same = self.model.keys.get(&n).is_some_and(|held| held.0 == addition);
                if open && same && answer == Answer::Allowed(Scope::Once) {
                    self.signed(n, step);
                } else {
                    let Step::Reply(reply) = step else { panic!("signed without leave") };
                    assert_eq!(reply.response, Response::Failure);
                }
            }
            Act::Lock => {
                self.expect(&lock("right"), open);
                self.model.locked = true;
            }
            Act::Unlock { right } => {
                let word = if right { "right" } else { "wrong" };
                self.expect(&unlock(word), !open && right);
                self.model.locked &= !right;
            }
            Act::DropAll => {
                self.agent.drop_all();
                self.model.keys.clear();
                self.model.order.clear();
            }
            Act::Wait(seconds) => self.model.now += u64::from(seconds),
        }
    }
}

proptest! {
    // Locking derives a key with Argon2id, a tenth of a second each time.
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_requests_gives_away_a_key(acts in proptest::collection::vec(act(), 1..60)) {
        let mut run = Run {
            agent: agent(),
            session: Session::new(),
            model: Model::default(),
            questions: Vec::new(),
        };
        for act in &acts {
            run.act(act);
        }
    }
}
