//! Keys of the key store: shown before they are here, fetched when they are needed. A failure here
//! means that a key is used against its rules, or that a locked store is no obstacle.

use std::time::Duration;

use keyfob_agent::{
    Agent, Answer, Fetched, ItemId, Now, PendingSign, Record, Rules, Scope, Session, SignRefusal,
    Step, StoredKey, Wanted,
};
use keyfob_keys::shield::Derived;
use keyfob_keys::{PrivateKey, PublicKey};
use keyfob_protocol::details::Place;
use keyfob_protocol::{Extension, Request, Response};

use crate::destinations::{
    HOST_A, HOST_B, USER, bound, certificate, is_forwarded_to, login, only_at,
};
use crate::kit::{agent, at, blob, handle, key, list, lock, plain, reply, sign};

pub(crate) fn stored(n: u8, rules: Option<Rules>) -> StoredKey {
    let comment = format!("stored {n}").into_bytes().into();
    let public = key(n).public().clone();
    StoredKey { item: ItemId([n; 16]), generation: 1, public, comment, rules }
}

pub(crate) fn free() -> Option<Rules> {
    Some(Rules::default())
}

pub(crate) fn living(seconds: u64) -> Option<Rules> {
    Some(Rules { lifetime: Some(Duration::from_secs(seconds)), ..Rules::default() })
}

pub(crate) fn confirmed() -> Option<Rules> {
    Some(Rules { confirm: true, ..Rules::default() })
}

pub(crate) fn with(keys: Vec<StoredKey>) -> (Agent, Session) {
    let agent = agent();
    agent.set_stored(keys, at(0));
    (agent, Session::new())
}

#[track_caller]
pub(crate) fn wants(step: Step) -> (Wanted, PendingSign) {
    match step {
        Step::Fetch(wanted, pending) => (wanted, pending),
        Step::Reply(reply) => panic!("{:?}", reply.record),
        _ => panic!("it wants nothing of the store"),
    }
}

/// A request for a signature of key 1 that waits for the key.
#[track_caller]
pub(crate) fn waiting(agent: &Agent, session: &mut Session, now: Now) -> PendingSign {
    wants(handle(agent, session, &sign(&blob(1), b"data"), now)).1
}

#[track_caller]
pub(crate) fn refusal(step: Step) -> SignRefusal {
    let Step::Reply(reply) = step else { panic!("not refused") };
    assert_eq!(reply.response, Response::Failure);
    match reply.record {
        Record::SignRefused { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
pub(crate) fn signs(step: Step, public: &PublicKey) {
    let permit = match step {
        Step::Sign(permit) => permit,
        Step::Reply(reply) => panic!("{:?}", reply.record),
        _ => panic!("it waits for something"),
    };
    let Response::Signature(signature) = permit.sign().reply.response else { panic!("failed") };
    public.plain().verify(b"data", &signature).unwrap();
}

pub(crate) fn come(
    agent: &Agent,
    session: &Session,
    pending: PendingSign,
    key: PrivateKey,
    now: Now,
) -> Step {
    agent.fetched(session, pending, Fetched::Key(key), now)
}

/// Fetches key 1 and signs with it.
#[track_caller]
pub(crate) fn fetched_and_signs(agent: &Agent, session: &mut Session, now: Now) {
    let pending = waiting(agent, session, now);
    signs(come(agent, session, pending, key(1), now), key(1).public());
}

/// Signs with key 1, which is here.
#[track_caller]
pub(crate) fn is_here(agent: &Agent, session: &mut Session, now: Now) {
    signs(handle(agent, session, &sign(&blob(1), b"data"), now), key(1).public());
}

#[track_caller]
pub(crate) fn does(agent: &Agent, request: &Request<'_>, now: Now) {
    let reply = reply(agent, &mut Session::new(), request, now);
    assert_eq!(reply.response, Response::Success, "{:?}", reply.record);
}

pub(crate) fn place(agent: &Agent, now: Now) -> Place {
    let request = Request::Extension(Extension::Details);
    let answer = reply(agent, &mut Session::new(), &request, now).response;
    let Response::Details(details) = answer else { panic!("no details") };
    details.identities[0].place
}

#[test]
fn a_stored_key_is_shown_fetched_once_and_then_signs_as_any_other() {
    let (agent, mut session) = with(vec![stored(1, None), stored(2, None)]);
    assert_eq!(list(&agent, &mut session, at(1)), [blob(1), blob(2)]);
    assert_eq!(place(&agent, at(1)), Place::Store { open: false });
    let (wanted, pending) = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(1)));
    assert_eq!(wanted, Wanted { item: Some(ItemId([1; 16])), passphrase_since: None, file: None });
    agent.set_stored(vec![stored(1, free()), stored(2, free())], at(2));
    signs(come(&agent, &session, pending, key(1), at(2)), key(1).public());
    is_here(&agent, &mut session, at(3));
    assert_eq!(place(&agent, at(3)), Place::Store { open: true });
}

#[test]
fn what_could_not_be_fetched_signs_nothing_and_may_be_wanted_again() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    let pending = waiting(&agent, &mut session, at(1));
    let refused = Fetched::Refused(SignRefusal::Denied);
    assert_eq!(refusal(agent.fetched(&session, pending, refused, at(2))), SignRefusal::Denied);
    fetched_and_signs(&agent, &mut session, at(3));
}

/// Lost otherwise: a server behind a forwarded agent sees, and makes its owner unlock, a key that
/// was kept from it.
#[test]
fn a_key_of_unknown_rules_is_neither_shown_to_nor_fetched_for_who_is_beyond_this_machine() {
    let (agent, _) = with(vec![stored(1, None)]);
    let mut remote = is_forwarded_to(&agent, HOST_A);
    assert!(list(&agent, &mut remote, at(1)).is_empty());
    let step = handle(&agent, &mut remote, &sign(&blob(1), b"data"), at(1));
    assert!(matches!(refusal(step), SignRefusal::Forbidden(_)));
    for request in [Request::Remove(&blob(1)), plain(1)] {
        let answer = reply(&agent, &mut remote, &request, at(1)).response;
        assert_eq!(answer, Response::Failure, "what it must not see it must not change");
    }
    // Somebody here unlocked the store: the rules are known, and there are none.
    agent.set_stored(vec![stored(1, free())], at(2));
    assert_eq!(list(&agent, &mut remote, at(3)), [blob(1)]);
    // Locked again, what was known is known still.
    agent.set_stored(vec![stored(1, None)], at(4));
    assert_eq!(list(&agent, &mut remote, at(5)), [blob(1)]);
    // But not of another version.
    agent.set_stored(vec![StoredKey { generation: 2, ..stored(1, None) }], at(6));
    assert!(list(&agent, &mut remote, at(7)).is_empty());
}

#[test]
fn known_destinations_are_judged_before_anything_is_fetched() {
    let (agent, mut free) = with(vec![stored(1, Some(only_at(HOST_A)))]);
    let step = handle(&agent, &mut free, &sign(&blob(1), b"data"), at(1));
    assert!(matches!(refusal(step), SignRefusal::Forbidden(_)), "no login, no host");
    let mut elsewhere = Session::new();
    assert_eq!(bound(&mut elsewhere, &agent, HOST_B, b"B", false), Response::Success);
    assert!(list(&agent, &mut elsewhere, at(1)).is_empty());
    let data = login(b"B", "me", Some(HOST_B));
    let step = handle(&agent, &mut elsewhere, &sign(&blob(1), &data), at(1));
    assert!(matches!(refusal(step), SignRefusal::Forbidden(_)));
    let mut there = Session::new();
    assert_eq!(bound(&mut there, &agent, HOST_A, b"A", false), Response::Success);
    let data = login(b"A", "me", Some(HOST_A));
    let (_, pending) = wants(handle(&agent, &mut there, &sign(&blob(1), &data), at(1)));
    assert!(matches!(come(&agent, &there, pending, key(1), at(2)), Step::Sign(_)));
}

/// Lost otherwise: the first signature after a start escapes every rule.
#[test]
fn rules_that_come_to_light_with_the_passphrase_are_judged_before_the_signature() {
    let (agent, mut session) = with(vec![stored(1, None)]);
    let pending = waiting(&agent, &mut session, at(1));
    agent.set_stored(vec![stored(1, Some(only_at(HOST_A)))], at(2));
    let step = come(&agent, &session, pending, key(1), at(2));
    assert!(matches!(refusal(step), SignRefusal::Forbidden(_)));

    let (agent, mut session) = with(vec![stored(1, None)]);
    let pending = waiting(&agent, &mut session, at(1));
    agent.set_stored(vec![stored(1, confirmed())], at(2));
    let Step::Ask(question, pending) = come(&agent, &session, pending, key(1), at(2)) else {
        panic!("nobody is asked")
    };
    assert_eq!(question.key.public, *key(1).public());
    signs(agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(3)), key(1).public());
    let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(4));
    let Step::Ask(_, pending) = step else { panic!("asked once only") };
    assert_eq!(refusal(agent.answered(&session, pending, Answer::No, at(5))), SignRefusal::Denied);
}

/// While the passphrase is typed the world goes on.
#[test]
fn what_became_of_the_key_while_it_was_fetched_counts() {
    type Change = fn(&Agent);
    let changes: [(Change, SignRefusal); 7] = [
        (|agent| agent.set_stored(Vec::new(), at(2)), SignRefusal::Removed),
        (
            |agent| {
                let newer = StoredKey { generation: 2, ..stored(1, free()) };
                agent.set_stored(vec![newer], at(2));
            },
            SignRefusal::Replaced,
        ),
        (|agent| does(agent, &Request::Remove(&blob(1)), at(2)), SignRefusal::Removed),
        (|agent| does(agent, &Request::RemoveAll, at(2)), SignRefusal::Removed),
        (|agent| does(agent, &plain(1), at(2)), SignRefusal::Replaced),
        (|agent| does(agent, &lock("secret"), at(2)), SignRefusal::Locked),
        (
            |agent| agent.seal(Derived::of_key(&[1; 32]).unwrap(), at(2)).unwrap(),
            SignRefusal::Locked,
        ),
    ];
    for (number, (change, why)) in changes.into_iter().enumerate() {
        let (agent, mut session) = with(vec![stored(1, free())]);
        let pending = waiting(&agent, &mut session, at(1));
        change(&agent);
        let step = come(&agent, &session, pending, key(1), at(3));
        assert_eq!(refusal(step), why, "change {number}");
    }
}

#[test]
fn another_key_than_was_wanted_is_refused() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    let pending = waiting(&agent, &mut session, at(1));
    assert_eq!(refusal(come(&agent, &session, pending, key(2), at(2))), SignRefusal::Failed);
    fetched_and_signs(&agent, &mut session, at(3));
}

#[test]
fn two_requests_that_fetch_the_same_key_are_both_served() {
    let (agent, mut session) = with(vec![stored(1, living(10))]);
    let (first, second) =
        (waiting(&agent, &mut session, at(1)), waiting(&agent, &mut session, at(1)));
    signs(come(&agent, &session, first, key(1), at(2)), key(1).public());
    signs(come(&agent, &session, second, key(1), at(9)), key(1).public());
    let _fetch = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(12)));
}

#[test]
fn when_its_time_is_up_a_stored_key_goes_back_and_wants_the_passphrase_anew() {
    let (agent, mut session) = with(vec![stored(1, living(10))]);
    fetched_and_signs(&agent, &mut session, at(5));
    is_here(&agent, &mut session, at(14));
    assert_eq!(list(&agent, &mut session, at(15)), [blob(1)], "it is shown still");
    let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(20));
    let (wanted, pending) = wants(step);
    assert_eq!(wanted.passphrase_since, Some(at(15).moment));
    assert!(matches!(agent.tick(at(20).moment).expired[..], [Record::Expired(_)]));
    signs(come(&agent, &session, pending, key(1), at(21)), key(1).public());
    is_here(&agent, &mut session, at(30));
    let _fetch = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(31)));
}

/// Lost otherwise: a request that began before the end brings the key back after it, without the
/// passphrase the end was to ask for.
#[test]
fn a_request_from_before_the_end_does_not_bring_the_key_back() {
    let (agent, mut session) = with(vec![stored(1, living(10))]);
    let early = waiting(&agent, &mut session, at(1));
    fetched_and_signs(&agent, &mut session, at(1));
    assert_eq!(list(&agent, &mut session, at(11)), [blob(1)]);
    assert_eq!(refusal(come(&agent, &session, early, key(1), at(12))), SignRefusal::Removed);
}

#[test]
fn a_key_added_to_the_session_wins_over_the_stored_one_until_its_time_is_up() {
    let (agent, mut session) = with(vec![stored(1, confirmed())]);
    does(&agent, &crate::kit::living(1, 10), at(1));
    agent.set_stored(vec![stored(1, confirmed())], at(2));
    assert_eq!(place(&agent, at(2)), Place::Session);
    assert_eq!(agent.stored_keys(at(2)), 1, "it is in the store all the same");
    is_here(&agent, &mut session, at(3));
    assert_eq!(list(&agent, &mut session, at(11)), [blob(1)], "the stored one is there again");
    let _fetch = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(11)));
}

/// Lost otherwise: `ssh-add -d` means nothing, because the next look at the store brings it back.
#[test]
fn what_was_removed_from_the_session_stays_away_until_it_is_asked_for() {
    let keys = || vec![stored(1, free()), stored(2, free())];
    let (agent, mut session) = with(keys());
    fetched_and_signs(&agent, &mut session, at(1));
    does(&agent, &Request::Remove(&blob(1)), at(2));
    agent.set_stored(keys(), at(3));
    assert_eq!(list(&agent, &mut session, at(3)), [blob(2)]);
    let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(3));
    assert_eq!(refusal(step), SignRefusal::NoSuchKey);
    does(&agent, &Request::RemoveAll, at(4));
    agent.set_stored(keys(), at(5));
    assert!(list(&agent, &mut session, at(5)).is_empty());
    agent.show_all_stored(at(6));
    assert_eq!(list(&agent, &mut session, at(6)), [blob(1), blob(2)]);
    fetched_and_signs(&agent, &mut session, at(7));
    // SIGUSR1 says the same.
    agent.drop_all();
    agent.set_stored(keys(), at(8));
    assert!(list(&agent, &mut session, at(8)).is_empty());
    // A session key is added and removed: the stored one is still not wanted.
    does(&agent, &plain(1), at(9));
    does(&agent, &Request::Remove(&blob(1)), at(10));
    agent.set_stored(keys(), at(11));
    assert!(list(&agent, &mut session, at(11)).is_empty());
}

#[test]
fn a_key_that_left_the_store_leaves_the_agent_and_session_keys_stay() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    does(&agent, &plain(2), at(0));
    fetched_and_signs(&agent, &mut session, at(1));
    agent.set_stored(Vec::new(), at(2));
    assert_eq!(list(&agent, &mut session, at(2)), [blob(2)]);
}

/// Lost otherwise: with two items of one key, each look at the store takes it out of use.
#[test]
fn the_first_of_two_items_with_one_key_is_shown_and_stays() {
    let keys = || vec![stored(1, free()), StoredKey { item: ItemId([9; 16]), ..stored(1, free()) }];
    let (agent, mut session) = with(keys());
    assert_eq!(list(&agent, &mut session, at(1)), [blob(1)]);
    fetched_and_signs(&agent, &mut session, at(1));
    agent.set_stored(keys(), at(2));
    is_here(&agent, &mut session, at(3));
}

#[test]
fn the_certificate_of_a_stored_key_is_shown_beside_it_and_signs_with_its_private_half() {
    let public = PublicKey::from_blob(&certificate(1, USER, &[])).unwrap();
    let of_certificate = StoredKey { public: public.clone(), ..stored(1, free()) };
    let (agent, mut session) = with(vec![of_certificate, stored(1, free())]);
    assert_eq!(list(&agent, &mut session, at(1)), [public.blob().to_vec(), blob(1)]);
    let request = sign(public.blob(), b"data");
    let (wanted, pending) = wants(handle(&agent, &mut session, &request, at(1)));
    assert_eq!(wanted.item, Some(ItemId([1; 16])));
    signs(come(&agent, &session, pending, key(1), at(2)), &public);
    // Each is fetched for itself: one being here says nothing of the other's rules.
    fetched_and_signs(&agent, &mut session, at(3));
    let pending = {
        let (agent, mut session) =
            with(vec![StoredKey { public: public.clone(), ..stored(1, free()) }]);
        let (_, pending) = wants(handle(&agent, &mut session, &request, at(1)));
        refusal(come(&agent, &session, pending, key(2), at(2)))
    };
    assert_eq!(pending, SignRefusal::Failed, "the private half of another key");
}
