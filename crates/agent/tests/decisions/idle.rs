//! Keys that nobody uses. A failure here means that a key stays which its owner has forgotten, or
//! that one goes which is in use.

use std::time::Duration;

use keyfob_agent::{Agent, Policy, Record, Rules, Session};
use keyfob_keys::HashKind;
use keyfob_protocol::{Constraints, Extension, Request, Response};

use crate::kit::{add, agent, at, blob, handle, list, plain, policy, reply, sign};
use crate::stored::{does, fetched_and_signs, free, is_here, stored, wants, with};

fn seconds(count: u64) -> Option<Duration> {
    Some(Duration::from_secs(count))
}

fn resting(n: u8, seconds: u32) -> Request<'static> {
    add(n, Constraints { idle: Some(seconds), ..Constraints::default() })
}

fn idle(seconds: u64) -> Option<Rules> {
    Some(Rules { idle: Some(Duration::from_secs(seconds)), ..Rules::default() })
}

#[track_caller]
fn signs(agent: &Agent, session: &mut Session, n: u8, second: u64) {
    let signed = reply(agent, session, &sign(&blob(n), b"data"), at(second));
    assert!(matches!(signed.response, Response::Signature(_)), "{:?}", signed.record);
}

#[test]
fn each_use_begins_the_time_anew_and_its_end_takes_the_key_away() {
    let (agent, mut session) = (agent(), Session::new());
    does(&agent, &resting(1, 10), at(0));
    for second in [9, 18, 27] {
        signs(&agent, &mut session, 1, second);
        let tick = agent.tick(at(second).moment);
        assert!(tick.expired.is_empty());
        assert!(tick.next <= Some(at(second + 10).moment), "it looks again in time");
    }
    assert!(list(&agent, &mut session, at(37)).is_empty());
    assert!(matches!(agent.tick(at(37).moment).expired[..], [Record::Unused(_)]));
}

#[test]
fn use_does_not_extend_the_lifetime_beside_it() {
    let (agent, mut session) = (agent(), Session::new());
    let both = Constraints { idle: Some(10), lifetime: Some(15), ..Constraints::default() };
    does(&agent, &add(1, both), at(0));
    signs(&agent, &mut session, 1, 9);
    assert!(list(&agent, &mut session, at(15)).is_empty());
    assert!(matches!(agent.tick(at(15).moment).expired[..], [Record::Expired(_)]));
}

#[test]
fn the_rule_for_all_keys_is_for_those_without_one_also_when_it_comes_later() {
    let (agent, mut session) = (agent(), Session::new());
    does(&agent, &plain(1), at(0));
    does(&agent, &resting(2, 100), at(0));
    assert_eq!(list(&agent, &mut session, at(50)).len(), 2);
    agent.set_policy(Policy { key_idle: seconds(50), ..policy() });
    assert_eq!(list(&agent, &mut session, at(50)), [blob(2)]);
    assert!(list(&agent, &mut session, at(100)).is_empty());
}

#[test]
fn a_time_of_nothing_is_refused_because_the_success_would_not_be_true() {
    let (agent, mut session) = (agent(), Session::new());
    assert_eq!(reply(&agent, &mut session, &resting(1, 0), at(0)).response, Response::Failure);
}

#[test]
fn a_listing_tells_the_time_a_key_may_go_unused() {
    let agent = Agent::new(Policy { key_idle: seconds(70), ..policy() }).unwrap();
    does(&agent, &plain(1), at(0));
    does(&agent, &resting(2, 60), at(0));
    let request = Request::Extension(Extension::Details);
    let reply = reply(&agent, &mut Session::new(), &request, at(1));
    let Response::Details(details) = reply.response else { panic!("{:?}", reply.record) };
    let times: Vec<_> = details.identities.iter().map(|one| one.idle).collect();
    assert_eq!(times, [Some(70), Some(60)]);
}

#[test]
fn who_looks_on_is_told_what_is_left_and_each_use_begins_it_anew() {
    let (agent, mut session) = with(vec![stored(3, idle(10))]);
    agent.set_policy(Policy { key_idle: seconds(70), ..policy() });
    does(&agent, &plain(1), at(0));
    does(&agent, &resting(2, 60), at(0));
    let left = |now| {
        let keys = agent.watched(HashKind::Sha256, now).keys;
        keys.iter().map(|key| (key.expires_in, key.idle_in)).collect::<Vec<_>>()
    };
    // The stored one is not here yet: there is nothing to forget.
    assert_eq!(left(at(20)), [(None, None), (None, Some(50)), (None, Some(40))]);
    signs(&agent, &mut session, 1, 30);
    assert_eq!(left(at(40)), [(None, None), (None, Some(60)), (None, Some(20))]);
}

#[test]
fn a_key_of_the_store_that_nobody_used_stays_listed_and_wants_the_passphrase() {
    let (agent, mut session) = with(vec![stored(1, idle(10))]);
    fetched_and_signs(&agent, &mut session, at(5));
    is_here(&agent, &mut session, at(14));
    let tick = agent.tick(at(24).moment);
    assert!(matches!(tick.expired[..], [Record::Unused(_)]));
    assert_eq!(list(&agent, &mut session, at(24)), [blob(1)]);
    let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(30));
    assert_eq!(wants(step).0.passphrase_since, Some(at(24).moment));
}

/// Lost otherwise: any program of the user removes the key, waits, has it shown again and uses it
/// without the passphrase.
#[test]
fn a_key_that_left_before_its_rest_wants_the_passphrase_all_the_same() {
    let come_back: [fn(&Agent); 3] = [
        |agent| {
            does(agent, &Request::Remove(&blob(1)), at(14));
            agent.show_all_stored(at(30));
        },
        |agent| {
            does(agent, &Request::RemoveAll, at(14));
            agent.show_all_stored(at(30));
        },
        |agent| {
            agent.set_stored(Vec::new(), at(14));
            agent.set_stored(vec![stored(1, idle(10))], at(30));
        },
    ];
    for (number, come_back) in come_back.into_iter().enumerate() {
        let (agent, mut session) = with(vec![stored(1, idle(10))]);
        fetched_and_signs(&agent, &mut session, at(5));
        come_back(&agent);
        let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(31));
        assert_eq!(wants(step).0.passphrase_since, Some(at(15).moment), "way {number}");
        let unsealed = keyfob_keys::shield::Derived::of_key(&[1; 32]).unwrap();
        assert!(agent.unseal(unsealed, at(32)), "the passphrase was given");
        fetched_and_signs(&agent, &mut session, at(33));
    }
}

#[test]
fn what_was_never_fetched_has_nothing_to_forget() {
    let (agent, mut session) = with(vec![stored(1, idle(10))]);
    assert!(agent.tick(at(100).moment).expired.is_empty());
    fetched_and_signs(&agent, &mut session, at(100));
}

#[test]
fn a_key_of_no_store_stays_no_longer_than_a_session_however_much_it_is_used() {
    let agent = Agent::new(Policy { session: seconds(100), ..policy() }).unwrap();
    let mut session = Session::new();
    does(&agent, &plain(1), at(0));
    does(&agent, &add(2, Constraints { lifetime: Some(50), ..Constraints::default() }), at(0));
    signs(&agent, &mut session, 1, 49);
    assert_eq!(list(&agent, &mut session, at(50)), [blob(1)]);
    signs(&agent, &mut session, 1, 99);
    assert!(list(&agent, &mut session, at(100)).is_empty());
}

#[test]
fn the_end_of_a_login_session_takes_what_is_nowhere_else() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    does(&agent, &plain(2), at(0));
    fetched_and_signs(&agent, &mut session, at(1));
    assert_eq!(agent.end_session(at(2)), 1);
    assert_eq!(list(&agent, &mut session, at(3)), [blob(1)]);
    let _wanted = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(4)));
}
