//! The seal of the key store on the agent, and the agent's own lock on keys of the store. A failure
//! here means that something opens without its passphrase, or never again.

use keyfob_agent::{Fetched, Record, Refusal, SignRefusal, Step, Wanted};
use keyfob_keys::shield::Derived;
use keyfob_protocol::{Extension, Request, Response, StoreRequest};

use crate::destinations::{HOST_A, is_forwarded_to};
use crate::kit::{at, blob, handle, key, list, lock, plain, reply, sign, unlock};
use crate::stored::{
    come, does, fetched_and_signs, free, is_here, refusal, signs, stored, waiting, wants, with,
};

/// The key that seals the agent, by number.
pub(crate) fn seal_key(n: u8) -> Derived {
    Derived::of_key(&[n; 32]).unwrap()
}

/// Lost otherwise: a key that came too late lies open in an agent that was locked meanwhile.
#[test]
fn a_key_that_comes_after_the_seal_is_not_kept() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    let pending = waiting(&agent, &mut session, at(1));
    agent.seal(seal_key(1), at(2)).unwrap();
    assert_eq!(refusal(come(&agent, &session, pending, key(1), at(3))), SignRefusal::Locked);
    assert!(agent.unseal(seal_key(1), at(4)));
    fetched_and_signs(&agent, &mut session, at(5));
}

#[test]
fn sealed_session_keys_are_shown_and_open_with_the_store_only() {
    let (agent, mut session) = with(vec![]);
    does(&agent, &plain(1), at(0));
    assert!(agent.has_session_keys(at(0)));
    is_here(&agent, &mut session, at(1));
    agent.seal(seal_key(1), at(2)).unwrap();
    assert!(agent.is_sealed(at(2)));
    assert!(agent.seal(seal_key(2), at(2)).is_err(), "a second seal would lose the first");
    assert_eq!(list(&agent, &mut session, at(3)), [blob(1)]);
    let (wanted, pending) = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(3)));
    assert_eq!(wanted, Wanted { item: None, passphrase_since: None, file: None });
    assert!(!agent.unseal(seal_key(2), at(4)), "the key of another store");
    let step = agent.fetched(&session, pending, Fetched::Open, at(4));
    assert_eq!(refusal(step), SignRefusal::Locked, "whatever the driver believes");
    let pending = waiting(&agent, &mut session, at(5));
    assert!(agent.unseal(seal_key(1), at(5)));
    signs(agent.fetched(&session, pending, Fetched::Open, at(5)), key(1).public());
}

#[test]
fn a_sealed_agent_takes_no_keys_and_no_second_lock() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    agent.seal(seal_key(1), at(1)).unwrap();
    for request in [plain(2), lock("secret")] {
        let refused = reply(&agent, &mut session, &request, at(2));
        assert_eq!(refused.response, Response::Failure);
        assert!(matches!(refused.record, Record::Refused(Refusal::Locked)));
    }
    assert_eq!(list(&agent, &mut session, at(2)), [blob(1)]);
}

/// Lost otherwise: who deletes the store while it is locked has an agent that takes no key until
/// it is started again.
#[test]
fn a_seal_that_holds_nothing_any_more_is_lifted() {
    let (agent, _) = with(vec![stored(1, free())]);
    does(&agent, &plain(2), at(0));
    agent.seal(seal_key(1), at(1)).unwrap();
    does(&agent, &Request::RemoveAll, at(2));
    assert!(!agent.is_sealed(at(2)));
    does(&agent, &plain(3), at(3));
}

#[test]
fn keys_under_a_seal_that_is_lost_are_given_up_and_stored_ones_live_on() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    does(&agent, &plain(2), at(0));
    fetched_and_signs(&agent, &mut session, at(0));
    agent.seal(seal_key(1), at(1)).unwrap();
    assert!(!agent.unseal(seal_key(2), at(2)));
    assert_eq!(agent.give_up_sealed(at(2)).unwrap(), 1);
    assert_eq!(list(&agent, &mut session, at(3)), [blob(1)]);
    fetched_and_signs(&agent, &mut session, at(3));
    assert_eq!(agent.give_up_sealed(at(4)).unwrap(), 0, "nothing is sealed");
    is_here(&agent, &mut session, at(5));
}

#[test]
fn locked_with_a_passphrase_of_its_own_it_forgets_stored_keys_and_the_store_opens_nothing() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    fetched_and_signs(&agent, &mut session, at(1));
    does(&agent, &lock("secret"), at(2));
    assert!(list(&agent, &mut session, at(3)).is_empty());
    for request in [StoreRequest::Unlock(b"store"), StoreRequest::Lock(None)] {
        let request = Request::Extension(Extension::Store(request));
        let step = handle(&agent, &mut session, &request, at(3));
        let Step::Reply(refused) = step else { panic!("the store is opened in a locked agent") };
        assert!(matches!(refused.record, Record::Refused(Refusal::Locked)));
    }
    let status = Request::Extension(Extension::Store(StoreRequest::Status));
    assert!(matches!(handle(&agent, &mut session, &status, at(3)), Step::Store(_)));
    does(&agent, &unlock("secret"), at(4));
    fetched_and_signs(&agent, &mut session, at(5));
}

#[test]
fn nobody_beyond_this_machine_may_ask_for_the_store() {
    let (agent, _) = with(vec![stored(1, free())]);
    let mut remote = is_forwarded_to(&agent, HOST_A);
    for request in [StoreRequest::Unlock(b"guess"), StoreRequest::Lock(None), StoreRequest::Status]
    {
        let request = Request::Extension(Extension::Store(request));
        let refused = reply(&agent, &mut remote, &request, at(1));
        assert!(matches!(refused.record, Record::Refused(Refusal::Remote)));
    }
}
