//! No sequence of answers, timeouts, disconnects and locks yields a signature that a rule forbids,
//! or that nobody allowed: the agent against a model that reads the whole history each time.

use std::time::Duration;

use keyfob_agent::{
    Agent, Answer, Forwarded, HostRule, KeySelector, PendingSign, Policy, Print, Recalled,
    RequesterId, Scope, Session, Step,
};
use keyfob_keys::shield::Derived;
use keyfob_protocol::{Constraints, Request, Response};
use proptest::prelude::*;

use crate::consents_model::{Data, Event, History, Place, Rules, User, Verdict, Wish, Yes};
use crate::destinations::{HOST_A, HOST_B, bound, step};
use crate::hosts::login;
use crate::kit::{add, agent, at, blob, handle, key, lock, policy, reply, sign, unlock};
use crate::remembered::sshsig;

const PLACES: [Place; 7] = [
    Place::Here,
    Place::LoginAtA,
    Place::LoginAtB,
    Place::OverA,
    Place::OverB,
    Place::OverAToB,
    Place::Refused,
];

/// The session of each connection's newest binding.
const SESSION: &[u8] = b"the session of it";

#[derive(Debug, Clone)]
enum Act {
    Add {
        key: u8,
        confirm: bool,
        only_at_a: bool,
        lifetime: Option<u8>,
    },
    Remove(u8),
    RemoveAll,
    DropAll,
    EndSession,
    Seal,
    Unseal,
    Lock,
    Unlock,
    Rest,
    Set(Rules),
    Wait(u8),
    Want(Wish),
    /// The same as one before, that was asked about.
    WantAgain(usize),
    Say(usize, Answer),
}

fn data() -> impl Strategy<Value = Data> {
    let user = prop_oneof![Just(User::Root), Just(User::Git)];
    prop_oneof![
        (0..2_u8).prop_map(Data::Git),
        Just(Data::File),
        user.clone().prop_map(Data::Login),
        user.clone().prop_map(Data::OldLogin),
        user.prop_map(Data::LoginElsewhere),
        Just(Data::Noise),
    ]
}

/// What is mostly wanted there.
fn usual(place: Place, other: Data) -> Data {
    match (place, other) {
        (_, Data::Noise) => Data::Noise,
        (Place::Here | Place::OverA | Place::OverB, Data::Login(_) | Data::OldLogin(_)) => {
            Data::Git(0)
        }
        (Place::LoginAtA | Place::LoginAtB | Place::OverAToB, Data::Git(_) | Data::File) => {
            Data::Login(User::Root)
        }
        _ => other,
    }
}

fn act() -> impl Strategy<Value = Act> {
    let keys = 1..3_u8;
    let who = prop_oneof![8 => Just(Some(0_u8)), 1 => Just(Some(1)), 1 => Just(None)];
    let place = prop_oneof![
        2 => prop::sample::select(&PLACES[..3]),
        1 => prop::sample::select(&PLACES[..]),
    ];
    let wish = (place, keys.clone(), data(), prop::bool::weighted(0.7), who).prop_map(
        |(place, key, data, is_usual, who)| {
            let data = if is_usual { usual(place, data) } else { data };
            Act::Want(Wish { place, key, data, who })
        },
    );
    let answer = prop_oneof![
        1 => Just(Answer::Allowed(Scope::Once)),
        5 => Just(Answer::Allowed(Scope::Session)),
        2 => (1..30_u8).prop_map(|n| {
            Answer::Allowed(Scope::For(Duration::from_secs(n.into())))
        }),
        1 => Just(Answer::No),
        1 => Just(Answer::TimedOut),
        1 => Just(Answer::ClientGone),
        1 => Just(Answer::CannotAsk("nobody is there".into())),
    ];
    let rules = prop::sample::select(&[
        Rules::None,
        Rules::ConfirmAtA,
        Rules::RememberForwarded,
        Rules::OnlyKey1AtA,
        Rules::DenyFromA,
        Rules::AskFromAAndRemember,
        Rules::ConfirmRootAtA,
    ]);
    prop_oneof![
        3 => (keys.clone(), prop::bool::weighted(0.8), prop::bool::weighted(0.2), prop::option::weighted(0.3, 5..60_u8))
            .prop_map(|(key, confirm, only_at_a, lifetime)| Act::Add { key, confirm, only_at_a, lifetime }),
        1 => keys.prop_map(Act::Remove),
        1 => prop_oneof![Just(Act::RemoveAll), Just(Act::DropAll), Just(Act::EndSession)],
        1 => Just(Act::Seal),
        4 => Just(Act::Unseal),
        1 => prop_oneof![5 => Just(Act::Rest), 1 => Just(Act::Lock)],
        3 => Just(Act::Unlock),
        2 => rules.prop_map(Act::Set),
        4 => (1..15_u8).prop_map(Act::Wait),
        12 => wish,
        30 => (0..4_usize).prop_map(Act::WantAgain),
        25 => (0..3_usize, answer).prop_map(|(which, answer)| Act::Say(which, answer)),
    ]
}

struct Run {
    agent: Agent,
    connections: Vec<Session>,
    history: History,
    /// The questions that are open.
    open: Vec<(usize, Wish, PendingSign)>,
    /// What was ever asked about.
    wishes: Vec<Wish>,
    now: u64,
    signed: usize,
    from_memory: usize,
}

fn connection(agent: &Agent, place: Place) -> Session {
    let mut session = Session::new();
    let mut bind = |host, id: &[u8], forwarding| {
        assert_eq!(bound(&mut session, agent, host, id, forwarding), Response::Success);
    };
    match place {
        Place::Here | Place::Refused => {}
        Place::LoginAtA => bind(HOST_A, SESSION, false),
        Place::LoginAtB => bind(HOST_B, SESSION, false),
        Place::OverA => bind(HOST_A, SESSION, true),
        Place::OverB => bind(HOST_B, SESSION, true),
        Place::OverAToB => {
            bind(HOST_A, b"the first hop", true);
            bind(HOST_B, SESSION, false);
        }
    }
    if place == Place::Refused {
        session.bind_failed();
    }
    session
}

/// What a request of this place would have signed.
fn bytes(wish: Wish) -> Vec<u8> {
    let name = |user| match user {
        User::Root => "root",
        User::Git => "git",
    };
    let host = match wish.place {
        Place::LoginAtA | Place::OverA => HOST_A,
        _ => HOST_B,
    };
    match wish.data {
        Data::Git(n) => {
            sshsig(b"git").into_iter().map(|byte| if byte == 7 { 8 + n } else { byte }).collect()
        }
        Data::File => sshsig(b"file"),
        Data::Login(user) => login(wish.key, SESSION, name(user), Some(host)),
        Data::OldLogin(user) => login(wish.key, SESSION, name(user), None),
        Data::LoginElsewhere(user) => login(wish.key, b"another", name(user), Some(host)),
        Data::Noise => b"noise".to_vec(),
    }
}

fn settings(rules: Rules) -> Policy {
    let print = |n: u8| Print::of(key(n).public()).to_string();
    let at_a = HostRule { matches: vec![print(HOST_A)], ..HostRule::default() };
    let hosts = |rule| [rule].into();
    match rules {
        Rules::None => policy(),
        Rules::ConfirmAtA => {
            Policy { hosts: hosts(HostRule { confirm: true, ..at_a }), ..policy() }
        }
        Rules::RememberForwarded => Policy { remember_forwarded: true, ..policy() },
        Rules::OnlyKey1AtA => {
            let keys = Some(vec![KeySelector::new(&print(1))]);
            Policy { hosts: hosts(HostRule { keys, ..at_a }), ..policy() }
        }
        Rules::DenyFromA => {
            let forwarded = Some(Forwarded::Deny);
            Policy { hosts: hosts(HostRule { forwarded, ..at_a }), ..policy() }
        }
        Rules::AskFromAAndRemember => {
            let forwarded = Some(Forwarded::Ask);
            let hosts = hosts(HostRule { forwarded, ..at_a });
            Policy { hosts, remember_forwarded: true, ..policy() }
        }
        Rules::ConfirmRootAtA => {
            let users = Some(vec!["root".to_owned()]);
            Policy { hosts: hosts(HostRule { users, confirm: true, ..at_a }), ..policy() }
        }
    }
}

fn root() -> Derived {
    Derived::of_key(&[5; 32]).unwrap()
}

impl Run {
    fn new() -> Self {
        let agent = agent();
        let connections = PLACES.map(|place| connection(&agent, place)).into();
        let (history, open, wishes) = (History::default(), Vec::new(), Vec::new());
        Self { agent, connections, history, open, wishes, now: 0, signed: 0, from_memory: 0 }
    }

    fn note(&mut self, event: Event) -> usize {
        self.history.add(self.now, event)
    }

    fn does(&self, request: &Request<'_>) -> bool {
        let done = reply(&self.agent, &mut Session::new(), request, at(self.now));
        done.response == Response::Success
    }

    /// What comes of a step, and whether that is what the model says.
    fn judge(&mut self, wish: Wish, step: Step, verdict: Verdict) {
        let found = match step {
            Step::Sign(permit) => {
                let Response::Signature(signature) = permit.sign().reply.response else {
                    panic!("failed")
                };
                key(wish.key).public().verify(&bytes(wish), &signature).unwrap();
                self.signed += 1;
                Verdict::Signs
            }
            // Sealed: without the passphrase of the store nothing comes of it.
            Step::Reply(_) | Step::Fetch(..) => Verdict::Refuses,
            _ => panic!("what is this?"),
        };
        assert_eq!(found, verdict, "{wish:?}\n{:#?}", self.history);
    }

    fn want(&mut self, wish: Wish) {
        let verdict = self.history.to_request(wish, self.now);
        let place = PLACES.iter().position(|place| *place == wish.place).unwrap();
        let (now, data, blob) = (at(self.now), bytes(wish), blob(wish.key));
        let session = &mut self.connections[place];
        let step = handle(&self.agent, session, &sign(&blob, &data), now);
        let Step::Ask(_, pending) = step else { return self.judge(wish, step, verdict) };
        let who = wish.who.map(|who| RequesterId::new(&[who]));
        match self.agent.recalled(session, pending, who, now) {
            Recalled::Answered(step) => {
                self.from_memory += 1;
                self.judge(wish, step, verdict);
            }
            Recalled::Unanswered(_, pending) => {
                assert_eq!(verdict, Verdict::Asks, "{wish:?}\n{:#?}", self.history);
                let number = self.note(Event::Asked(wish));
                self.open.push((number, wish, pending));
                self.wishes.push(wish);
            }
        }
    }

    fn say(&mut self, which: usize, answer: Answer) {
        if self.open.is_empty() {
            return;
        }
        let (number, wish, pending) = self.open.remove(which % self.open.len());
        let yes = match answer {
            Answer::Allowed(Scope::Once) => Some(Yes::Once),
            Answer::Allowed(Scope::Session) => Some(Yes::Session),
            Answer::Allowed(Scope::For(span)) => {
                Some(Yes::For(u8::try_from(span.as_secs()).unwrap()))
            }
            _ => None,
        };
        let verdict = match yes {
            Some(_) => self.history.to_yes(number, self.now),
            None => Verdict::Refuses,
        };
        let place = PLACES.iter().position(|place| *place == wish.place).unwrap();
        let step = self.agent.answered(&self.connections[place], pending, answer, at(self.now));
        self.judge(wish, step, verdict);
        if let (Some(yes), Verdict::Signs) = (yes, verdict) {
            self.note(Event::Allowed(number, yes));
        }
    }

    fn act(&mut self, act: &Act) {
        let (locked, sealed) = (self.history.is_locked(), self.history.is_sealed());
        match act.clone() {
            Act::Add { key, confirm, only_at_a, lifetime } => {
                let destinations =
                    if only_at_a { vec![step(None, HOST_A, "")] } else { Vec::new() };
                let seconds = lifetime.map(u32::from);
                let constraints = Constraints {
                    confirm,
                    destinations,
                    lifetime: seconds,
                    ..Constraints::default()
                };
                assert_eq!(self.does(&add(key, constraints)), !locked && !sealed);
                if !locked && !sealed {
                    self.note(Event::Added { key, confirm, only_at_a, lifetime });
                }
            }
            Act::Remove(key) => {
                if self.does(&Request::Remove(&blob(key))) {
                    self.note(Event::Removed(key));
                }
            }
            Act::RemoveAll => {
                if self.does(&Request::RemoveAll) {
                    self.note(Event::Emptied);
                }
            }
            Act::DropAll => {
                let _ = self.agent.drop_all();
                self.note(Event::Emptied);
            }
            Act::EndSession => {
                self.agent.end_session(at(self.now));
                self.note(Event::Emptied);
            }
            Act::Seal => {
                if !locked && !sealed {
                    self.agent.seal(root(), at(self.now)).unwrap();
                    self.note(Event::Sealed);
                }
            }
            Act::Unseal => {
                assert!(self.agent.unseal(root(), at(self.now)));
                self.note(Event::Unsealed);
            }
            Act::Lock => {
                if self.does(&lock("word")) {
                    self.note(Event::Locked);
                }
            }
            Act::Unlock => {
                if locked && self.does(&unlock("word")) {
                    self.note(Event::Unlocked);
                }
            }
            Act::Rest => {
                self.agent.rest(at(self.now));
                self.note(Event::Rested);
            }
            Act::Set(rules) => {
                self.agent.set_policy(settings(rules));
                self.note(Event::Rules(rules));
            }
            Act::Wait(seconds) => self.now += u64::from(seconds),
            Act::Want(wish) => self.want(wish),
            Act::WantAgain(back) => {
                if let Some(wish) = self.wishes.iter().rev().nth(back).copied() {
                    self.want(wish);
                }
            }
            Act::Say(which, answer) => self.say(which, answer),
        }
    }
}

fn run(acts: &[Act]) -> Run {
    let mut run = Run::new();
    // Something to ask about from the beginning.
    for key in [1, 2] {
        run.act(&Act::Add { key, confirm: true, only_at_a: false, lifetime: None });
    }
    acts.iter().for_each(|act| run.act(act));
    run
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_yields_a_signature_that_nobody_allowed(acts in prop::collection::vec(act(), 1..80)) {
        run(&acts);
    }
}

/// Lost otherwise: a generator that never comes to a remembered answer proves nothing.
#[test]
fn sequences_come_to_signatures_from_memory() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut signed, mut from_memory) = (0, 0);
    for _ in 0..40 {
        let acts = prop::collection::vec(act(), 80).new_tree(&mut runner).unwrap().current();
        let run = run(&acts);
        signed += run.signed;
        from_memory += run.from_memory;
    }
    assert!(signed > 100 && from_memory > 20, "{signed} signatures, {from_memory} from memory");
}
