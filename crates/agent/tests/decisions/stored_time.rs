//! The lifetime of stored keys, however they leave and come back. A failure here means that a key
//! outlives its time while the store is open.

use keyfob_agent::{Agent, Session, StoredKey};
use keyfob_keys::PublicKey;
use keyfob_protocol::Request;

use crate::destinations::{USER, certificate};
use crate::kit::{at, blob, handle, key, sign};
use crate::stored::{
    come, does, fetched_and_signs, free, is_here, living, signs, stored, waiting, wants, with,
};

/// Ways for a key to leave and to be shown again that take no passphrase.
fn comings_back() -> [fn(&Agent, u64); 3] {
    [
        |agent, now| {
            does(agent, &Request::Remove(&blob(1)), at(now));
            agent.show_all_stored(at(now));
        },
        |agent, now| {
            agent.set_stored(Vec::new(), at(now));
            agent.set_stored(vec![stored(1, living(10))], at(now));
        },
        |agent, now| {
            let newer = StoredKey { generation: now, ..stored(1, living(10)) };
            agent.set_stored(vec![newer], at(now));
        },
    ]
}

/// Lost otherwise: any program of the user removes the key, has it shown again, and uses it
/// without the passphrase its end was to ask for.
#[test]
fn a_key_whose_time_was_up_wants_the_passphrase_however_it_comes_back() {
    for (number, come_back) in comings_back().into_iter().enumerate() {
        let (agent, mut session) = with(vec![stored(1, living(10))]);
        fetched_and_signs(&agent, &mut session, at(5));
        let _expired = agent.tick(at(15).moment);
        come_back(&agent, 20);
        let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(21));
        let since = wants(step).0.passphrase_since;
        assert_eq!(since, Some(at(15).moment), "way {number}");
    }
}

/// Lost otherwise: the same before the end, again and again.
#[test]
fn a_key_that_comes_back_has_the_time_that_was_left() {
    for (number, come_back) in comings_back().into_iter().enumerate() {
        let (agent, mut session) = with(vec![stored(1, living(10))]);
        fetched_and_signs(&agent, &mut session, at(5));
        come_back(&agent, 14);
        fetched_and_signs(&agent, &mut session, at(14));
        let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(16));
        let since = wants(step).0.passphrase_since;
        assert_eq!(since, Some(at(15).moment), "way {number}");
    }
}

/// Lost otherwise: a certificate and its key take turns, and the private half never goes.
#[test]
fn a_key_and_its_certificate_have_one_time() {
    let public = PublicKey::from_blob(&certificate(1, USER, &[])).unwrap();
    let of_certificate = StoredKey { public: public.clone(), ..stored(1, living(10)) };
    let (agent, mut session) = with(vec![of_certificate, stored(1, living(10))]);
    let request = sign(public.blob(), b"data");
    let (_, pending) = wants(handle(&agent, &mut session, &request, at(5)));
    signs(come(&agent, &session, pending, key(1), at(5)), &public);
    let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(15));
    assert_eq!(wants(step).0.passphrase_since, Some(at(15).moment));
}

#[test]
fn the_passphrase_gives_a_key_its_whole_time_again() {
    let (agent, mut session) = with(vec![stored(1, living(10))]);
    fetched_and_signs(&agent, &mut session, at(5));
    does(&agent, &Request::Remove(&blob(1)), at(14));
    let nothing_is_sealed = keyfob_keys::shield::Derived::of_key(&[1; 32]).unwrap();
    assert!(agent.unseal(nothing_is_sealed, at(14)));
    agent.show_all_stored(at(14));
    fetched_and_signs(&agent, &mut session, at(14));
    is_here(&agent, &mut session, at(23));
}

#[test]
fn a_key_that_lives_on_has_no_end_to_remember() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    fetched_and_signs(&agent, &mut session, at(5));
    does(&agent, &Request::Remove(&blob(1)), at(6));
    agent.show_all_stored(at(6));
    let mut other = Session::new();
    let _pending = waiting(&agent, &mut other, at(7));
    fetched_and_signs(&agent, &mut session, at(1000));
}
