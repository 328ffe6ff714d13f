//! Keys that end by themselves. A failure here means that a key outlives what
//! its owner gave it.

use std::time::Duration;

use keyfob_agent::{Agent, Policy, Record, Session};
use keyfob_protocol::Response;

use crate::kit::{agent, at, blob, list, living, plain, policy, reply, sign};

#[test]
fn a_key_is_gone_when_its_time_is_up_whoever_looks_first() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &living(1, 10), at(0)).response, Response::Success);
    assert_eq!(list(&agent, &mut session, at(9)), [blob(1)]);
    let signed = reply(&agent, &mut session, &sign(&blob(1), b"x"), at(10));
    assert_eq!(signed.response, Response::Failure);
    assert!(list(&agent, &mut session, at(10)).is_empty());
    let tick = agent.tick(at(11).moment);
    assert!(matches!(tick.expired[..], [Record::Expired(_)]), "the log is told once");
    assert!(agent.tick(at(12).moment).expired.is_empty());
}

#[test]
fn use_does_not_extend_a_lifetime() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &living(1, 10), at(0)).response, Response::Success);
    let signed = reply(&agent, &mut session, &sign(&blob(1), b"x"), at(9));
    assert!(matches!(signed.response, Response::Signature(_)));
    assert!(list(&agent, &mut session, at(10)).is_empty());
}

#[test]
fn a_key_added_again_has_its_new_lifetime_or_none() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &living(1, 10), at(0)).response, Response::Success);
    assert_eq!(reply(&agent, &mut session, &plain(1), at(5)).response, Response::Success);
    assert_eq!(list(&agent, &mut session, at(1_000)), [blob(1)]);
}

#[test]
fn the_default_lifetime_is_for_keys_that_bring_none() {
    let rules = Policy { default_lifetime: Some(Duration::from_secs(5)), ..policy() };
    let agent = Agent::new(rules).unwrap();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &plain(1), at(0)).response, Response::Success);
    assert_eq!(reply(&agent, &mut session, &living(2, 50), at(0)).response, Response::Success);
    assert_eq!(list(&agent, &mut session, at(5)), [blob(2)]);
}

#[test]
fn other_rules_count_for_keys_that_come_later() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &plain(1), at(0)).response, Response::Success);
    agent.set_policy(Policy { default_lifetime: Some(Duration::from_secs(5)), ..policy() });
    assert_eq!(reply(&agent, &mut session, &plain(2), at(10)).response, Response::Success);
    assert_eq!(list(&agent, &mut session, at(14)).len(), 2);
    assert_eq!(list(&agent, &mut session, at(15)), [blob(1)]);
}

#[test]
fn c1_a_lifetime_of_nothing_is_refused_because_the_success_would_not_be_true() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &living(1, 0), at(0)).response, Response::Failure);
    assert!(list(&agent, &mut session, at(0)).is_empty());
}

#[test]
fn the_longest_lifetime_the_wire_knows_is_served() {
    let agent = agent();
    let mut session = Session::new();
    let request = living(1, u32::MAX);
    assert_eq!(reply(&agent, &mut session, &request, at(0)).response, Response::Success);
    assert_eq!(list(&agent, &mut session, at(u64::from(u32::MAX) - 1)), [blob(1)]);
    assert!(list(&agent, &mut session, at(u32::MAX.into())).is_empty());
}

#[test]
fn a_resting_signing_object_is_wiped_and_the_next_signature_works_all_the_same() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &plain(1), at(0)).response, Response::Success);
    let signed = |session: &mut Session, second| {
        let signed = reply(&agent, session, &sign(&blob(1), b"x"), at(second));
        assert!(matches!(signed.response, Response::Signature(_)));
    };
    signed(&mut session, 1);
    assert_eq!(agent.tick(at(2).moment).next, Some(at(61).moment));
    signed(&mut session, 30);
    assert_eq!(agent.tick(at(61).moment).next, Some(at(90).moment), "use begins the rest anew");
    assert_eq!(agent.tick(at(90).moment).next, None);
    signed(&mut session, 91);
}
