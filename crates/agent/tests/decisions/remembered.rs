//! Answers that count for longer than once. A failure here means that a "yes" is taken for another
//! key, another place or another asker than the one it was given for, or outlives a lock.

use std::time::Duration;

use keyfob_agent::{
    Agent, Answer, Forwarded, HostRule, PendingSign, Policy, Print, Recalled, Record, RequesterId,
    Scope, Session, SignRefusal, Step,
};
use keyfob_keys::shield::Derived;
use keyfob_keys::wire::Put as _;
use keyfob_protocol::{Constraints, Request, Response};

use crate::destinations::{HOST_A, HOST_B, bound, login};
use crate::kit::{add, at, blob, confirmed, handle, key, lock, plain, policy, reply, sign, unlock};

const ME: &str = "me";

pub(crate) fn sshsig(namespace: &[u8]) -> Vec<u8> {
    let mut data = b"SSHSIG".to_vec();
    for field in [namespace, b"", b"sha512", &[7; 64]] {
        data.put_string(field);
    }
    data
}

fn with(policy: Policy) -> Agent {
    let agent = Agent::new(policy).unwrap();
    for n in [1, 2] {
        let added = reply(&agent, &mut Session::new(), &confirmed(n), at(0));
        assert_eq!(added.response, Response::Success);
    }
    agent
}

fn agent() -> Agent {
    with(policy())
}

fn who(name: &str) -> Option<RequesterId> {
    Some(RequesterId::new(name.as_bytes()))
}

/// A connection that logs in at this host, and the login.
fn at_host(agent: &Agent, host: u8) -> (Session, Vec<u8>) {
    let mut session = Session::new();
    let id = [host; 20];
    assert_eq!(bound(&mut session, agent, host, &id, false), Response::Success);
    (session, login(&id, "root", Some(host)))
}

/// What comes of a request for a key that asks: signed from memory, or a question.
fn wants(
    agent: &Agent,
    session: &mut Session,
    data: &[u8],
    who: Option<RequesterId>,
    time: u64,
) -> Option<PendingSign> {
    let step = handle(agent, session, &sign(&blob(1), data), at(time));
    let Step::Ask(_, pending) = step else { panic!("it does not ask") };
    match agent.recalled(session, pending, who, at(time)) {
        Recalled::Unanswered(_, pending) => Some(pending),
        Recalled::Answered(Step::Sign(permit)) => {
            let Response::Signature(signature) = permit.sign().reply.response else {
                panic!("failed")
            };
            key(1).public().verify(data, &signature).unwrap();
            None
        }
        Recalled::Answered(_) => panic!("refused"),
    }
}

fn allows(agent: &Agent, session: &Session, pending: PendingSign, scope: Scope, time: u64) {
    let step = agent.answered(session, pending, Answer::Allowed(scope), at(time));
    assert!(matches!(step, Step::Sign(_)));
}

fn asks(agent: &Agent, data: &[u8], time: u64) -> bool {
    wants(agent, &mut Session::new(), data, who(ME), time).is_some()
}

/// An agent that was told "for this session" about signatures for git.
fn allowed(scope: Scope) -> Agent {
    let agent = agent();
    allow(&agent, scope, 1);
    agent
}

fn allow(agent: &Agent, scope: Scope, time: u64) {
    let mut session = Session::new();
    let pending = wants(agent, &mut session, &sshsig(b"git"), who(ME), time);
    allows(agent, &session, pending.expect("it was not asked"), scope, time);
}

#[test]
fn a_yes_for_the_session_is_not_asked_about_again() {
    let agent = allowed(Scope::Session);
    assert!(!asks(&agent, &sshsig(b"git"), 100_000));
    assert!(asks(&allowed(Scope::Once), &sshsig(b"git"), 2));
}

#[test]
fn a_yes_for_a_while_ends() {
    let agent = allowed(Scope::For(Duration::from_secs(60)));
    assert!(!asks(&agent, &sshsig(b"git"), 60));
    assert!(asks(&agent, &sshsig(b"git"), 61));
}

#[test]
fn another_asker_another_use_and_another_key_are_asked_about() {
    let agent = allowed(Scope::Session);
    let mut session = Session::new();
    let git = sshsig(b"git");
    assert!(wants(&agent, &mut session, &git, who("you"), 2).is_some());
    assert!(wants(&agent, &mut session, &git, None, 2).is_some());
    assert!(asks(&agent, &sshsig(b"file"), 2));
    let step = handle(&agent, &mut session, &sign(&blob(2), &git), at(2));
    let Step::Ask(_, pending) = step else { panic!("it does not ask") };
    let recalled = agent.recalled(&session, pending, who(ME), at(2));
    assert!(matches!(recalled, Recalled::Unanswered(..)));
}

#[test]
fn a_login_is_remembered_for_its_host_and_its_account() {
    let agent = agent();
    let (mut session, root) = at_host(&agent, HOST_A);
    let pending = wants(&agent, &mut session, &root, who(ME), 1).unwrap();
    allows(&agent, &session, pending, Scope::Session, 1);
    assert!(wants(&agent, &mut session, &root, who(ME), 2).is_none());
    let git = login(&[HOST_A; 20], "git", Some(HOST_A));
    assert!(wants(&agent, &mut session, &git, who(ME), 2).is_some());
    let (mut other, login) = at_host(&agent, HOST_B);
    assert!(wants(&agent, &mut other, &login, who(ME), 2).is_some());
}

/// Lost otherwise: one yes lets whoever asked sign anything, or log in anywhere.
#[test]
fn what_nobody_can_read_is_asked_about_each_time() {
    let agent = agent();
    let mut refused = Session::new();
    refused.bind_failed();
    let unproved = login(b"id", "root", Some(HOST_A));
    for (mut session, data) in [
        (Session::new(), b"anything".to_vec()),
        (Session::new(), unproved),
        (refused, sshsig(b"git")),
        // A connection that is bound for a login has no use for it.
        (at_host(&agent, HOST_A).0, sshsig(b"git")),
    ] {
        for time in 1..3 {
            let pending = wants(&agent, &mut session, &data, who(ME), time).expect("not asked");
            allows(&agent, &session, pending, Scope::Session, time);
        }
    }
}

fn over(agent: &Agent, hop: u8) -> Session {
    let mut session = Session::new();
    assert_eq!(bound(&mut session, agent, hop, b"hop", true), Response::Success);
    session
}

#[test]
fn a_forwarded_use_is_remembered_only_by_the_setting_and_only_over_the_same_hosts() {
    let remembering = with(Policy { remember_forwarded: true, ..policy() });
    for (agent, remembers) in [(agent(), false), (remembering, true)] {
        let mut session = over(&agent, HOST_A);
        let pending = wants(&agent, &mut session, &sshsig(b"git"), who(ME), 1).unwrap();
        allows(&agent, &session, pending, Scope::Session, 1);
        let again = wants(&agent, &mut session, &sshsig(b"git"), who(ME), 2);
        assert_eq!(again.is_none(), remembers);
        let mut other = over(&agent, HOST_B);
        assert!(wants(&agent, &mut other, &sshsig(b"git"), who(ME), 2).is_some());
        assert!(asks(&agent, &sshsig(b"git"), 2), "from here");
        // It counts at once when the setting is taken back.
        agent.set_policy(policy());
        assert!(wants(&agent, &mut session, &sshsig(b"git"), who(ME), 3).is_some());
    }
}

/// Lost otherwise: a rule that says "ask each time" is one answer away from saying nothing.
#[test]
fn a_rule_that_wants_each_use_confirmed_is_never_answered_from_memory() {
    let print = Print::of(key(HOST_A).public()).to_string();
    let rule = HostRule { matches: vec![print], ..HostRule::default() };
    let confirming = HostRule { confirm: true, ..rule.clone() };
    let agent = agent();
    let (mut session, root) = at_host(&agent, HOST_A);
    let pending = wants(&agent, &mut session, &root, who(ME), 1).unwrap();
    allows(&agent, &session, pending, Scope::Session, 1);
    agent.set_policy(Policy { hosts: [confirming].into(), ..policy() });
    for time in 2..4 {
        let pending = wants(&agent, &mut session, &root, who(ME), time).expect("not asked");
        allows(&agent, &session, pending, Scope::Session, time);
    }
    let asking = HostRule { forwarded: Some(Forwarded::Ask), ..rule };
    agent.set_policy(Policy { hosts: [asking].into(), remember_forwarded: true, ..policy() });
    let mut session = over(&agent, HOST_A);
    for time in 4..6 {
        let pending =
            wants(&agent, &mut session, &sshsig(b"git"), who(ME), time).expect("not asked");
        allows(&agent, &session, pending, Scope::Session, time);
    }
}

/// Lost otherwise: a rule that was put into the settings to stop a stream of signatures lets through
/// all that were in the queue.
#[test]
fn a_rule_that_comes_while_a_signature_waits_its_turn_holds_for_it() {
    let print = Print::of(key(HOST_A).public()).to_string();
    let confirming = HostRule { matches: vec![print], confirm: true, ..HostRule::default() };
    for was_confirmed in [false, true] {
        let agent = Agent::new(policy()).unwrap();
        let added = if was_confirmed { confirmed(1) } else { plain(1) };
        does(&agent, &added);
        let (mut session, root) = at_host(&agent, HOST_A);
        let step = match handle(&agent, &mut session, &sign(&blob(1), &root), at(2)) {
            Step::Ask(_, pending) => {
                agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(2))
            }
            step => step,
        };
        let Step::Sign(permit) = step else { panic!("refused") };
        let queued = permit.queue();
        agent.set_policy(Policy { hosts: [confirming.clone()].into(), ..policy() });
        match agent.resumed(&session, queued, at(3)) {
            Ok(_) => assert!(was_confirmed, "nobody was asked"),
            Err(refused) => {
                assert!(!was_confirmed, "it was confirmed");
                let why = SignRefusal::RulesChanged;
                assert!(
                    matches!(refused.record, Record::SignRefused { why: refused, .. } if refused == why)
                );
            }
        }
    }
}

type Change = fn(&Agent);

fn does(agent: &Agent, request: &Request<'_>) {
    let done = reply(agent, &mut Session::new(), request, at(2));
    assert_eq!(done.response, Response::Success);
}

fn root() -> Derived {
    Derived::of_key(&[5; 32]).unwrap()
}

/// What forgets everything, and brings the key back as it was.
const FORGETTING: [Change; 5] = [
    |agent| {
        does(agent, &lock("secret"));
        does(agent, &unlock("secret"));
    },
    |agent| {
        agent.seal(root(), at(2)).unwrap();
        assert!(agent.unseal(root(), at(2)));
    },
    |agent| agent.rest(at(2)),
    |agent| agent.unload_stored(at(2)),
    |agent| {
        let _ = agent.drop_all();
        does(agent, &confirmed(1));
    },
];

#[test]
fn whatever_locks_or_empties_the_agent_forgets_the_answers() {
    let replacing: [Change; 4] = [
        |agent| does(agent, &confirmed(1)),
        |agent| {
            does(agent, &Request::Remove(&blob(1)));
            does(agent, &confirmed(1));
        },
        |agent| {
            does(agent, &Request::RemoveAll);
            does(agent, &confirmed(1));
        },
        |agent| {
            agent.end_session(at(2));
            does(agent, &confirmed(1));
        },
    ];
    for change in FORGETTING.iter().chain(&replacing) {
        let agent = allowed(Scope::Session);
        assert!(!asks(&agent, &sshsig(b"git"), 2));
        change(&agent);
        assert!(asks(&agent, &sshsig(b"git"), 3));
    }
}

/// Lost otherwise: a question from before the lock, answered after it, is remembered as if it had
/// been asked then.
#[test]
fn the_answer_to_a_question_from_before_the_lock_counts_once() {
    for change in &FORGETTING[..4] {
        let agent = agent();
        let mut session = Session::new();
        let pending = wants(&agent, &mut session, &sshsig(b"git"), who(ME), 1).unwrap();
        change(&agent);
        allows(&agent, &session, pending, Scope::Session, 3);
        assert!(asks(&agent, &sshsig(b"git"), 4));
    }
}

#[test]
fn the_end_of_a_key_is_the_end_of_what_was_allowed_for_it() {
    let agent = agent();
    let living = Constraints { confirm: true, lifetime: Some(10), ..Constraints::default() };
    does(&agent, &add(1, living.clone()));
    allow(&agent, Scope::Session, 3);
    assert!(!asks(&agent, &sshsig(b"git"), 4));
    let again = reply(&agent, &mut Session::new(), &add(1, living), at(20));
    assert_eq!(again.response, Response::Success);
    assert!(asks(&agent, &sshsig(b"git"), 20));
}

#[test]
fn a_no_is_not_remembered_and_a_key_that_does_not_ask_is_not_changed() {
    let agent = agent();
    let mut session = Session::new();
    let pending = wants(&agent, &mut session, &sshsig(b"git"), who(ME), 1).unwrap();
    let step = agent.answered(&session, pending, Answer::No, at(1));
    assert!(matches!(step, Step::Reply(_)));
    assert!(asks(&agent, &sshsig(b"git"), 2));
    does(&agent, &plain(2));
    let step = handle(&agent, &mut session, &sign(&blob(2), &sshsig(b"git")), at(3));
    assert!(matches!(step, Step::Sign(_)));
}
