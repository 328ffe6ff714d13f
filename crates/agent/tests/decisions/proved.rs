//! What the files of a locked store say, against what it proves once it is open. A failure here
//! means that who can write to the folder takes a key its rules, or gives it another name.

use keyfob_agent::{Fetched, ItemId, SignRefusal, Step, StoredKey};
use keyfob_protocol::details::Detail;
use keyfob_protocol::{Extension, Request, Response};

use crate::destinations::HOST_A;
use crate::destinations::only_at;
use crate::kit::{at, blob, handle, key, reply, sign};
use crate::stored::{
    come, confirmed, fetched_and_signs, free, is_here, refusal, signs, stored, waiting, wants, with,
};

fn shown(agent: &keyfob_agent::Agent) -> Vec<Detail> {
    let request = Request::Extension(Extension::Details);
    let answer = reply(agent, &mut keyfob_agent::Session::new(), &request, at(9)).response;
    let Response::Details(details) = answer else { panic!("no details") };
    details.identities
}

/// Lost otherwise: a version number of somebody's own makes a key sign without its rules.
#[test]
fn a_key_the_open_store_does_not_prove_signs_nothing() {
    let forged = || StoredKey { generation: 7, ..stored(1, None) };
    let (agent, mut session) = with(vec![forged()]);
    let pending = waiting(&agent, &mut session, at(1));
    let step = come(&agent, &session, pending, key(1), at(2));
    assert_eq!(refusal(step), SignRefusal::NotFetched);
    // Nor as what is there for another reason.
    let pending = waiting(&agent, &mut session, at(3));
    let step = agent.fetched(&session, pending, Fetched::Open, at(3));
    assert!(matches!(step, Step::Reply(_)));
    agent.set_stored(vec![stored(1, confirmed())], at(4));
    let pending = waiting(&agent, &mut session, at(5));
    assert!(matches!(come(&agent, &session, pending, key(1), at(5)), Step::Ask(..)));
}

/// Lost otherwise: after a backup was put back, or two machines changed a key at the same time,
/// the rules of a version that no longer is hold.
#[test]
fn rules_that_are_others_by_the_same_number_hold_at_once() {
    for rules in [confirmed(), Some(only_at(HOST_A))] {
        let (agent, mut session) = with(vec![stored(1, free())]);
        fetched_and_signs(&agent, &mut session, at(1));
        let early = {
            let (agent, mut session) = with(vec![stored(1, free())]);
            let pending = waiting(&agent, &mut session, at(1));
            agent.set_stored(vec![stored(1, rules.clone())], at(2));
            refusal(come(&agent, &session, pending, key(1), at(2)))
        };
        assert_eq!(early, SignRefusal::Replaced);
        agent.set_stored(vec![stored(1, rules)], at(2));
        match handle(&agent, &mut session, &sign(&blob(1), b"data"), at(3)) {
            Step::Fetch(_, pending) => {
                assert!(matches!(come(&agent, &session, pending, key(1), at(3)), Step::Ask(..)));
            }
            step => assert!(matches!(refusal(step), SignRefusal::Forbidden(_))),
        }
    }
}

/// Lost otherwise: the question for a yes calls the key what somebody wrote into a file.
#[test]
fn the_name_that_is_proved_takes_the_place_of_the_one_a_file_said() {
    let said = StoredKey { comment: b"harmless".to_vec().into(), ..stored(1, None) };
    let (agent, mut session) = with(vec![said]);
    assert_eq!(shown(&agent)[0].comment, b"harmless");
    let pending = waiting(&agent, &mut session, at(1));
    agent.set_stored(vec![stored(1, confirmed())], at(2));
    assert_eq!(shown(&agent)[0].comment, b"stored 1");
    let Step::Ask(_, _) = come(&agent, &session, pending, key(1), at(2)) else {
        panic!("it is the same key, and its request goes on")
    };
    let Step::Ask(question, _) = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(3))
    else {
        panic!("nobody is asked")
    };
    assert_eq!(*question.key.comment, *b"stored 1");
}

#[test]
fn the_same_again_leaves_a_key_in_use() {
    let (agent, mut session) = with(vec![stored(1, free())]);
    fetched_and_signs(&agent, &mut session, at(1));
    agent.set_stored(vec![stored(1, free())], at(2));
    agent.set_stored(vec![stored(1, None)], at(3));
    is_here(&agent, &mut session, at(4));
    // Another item of the same key is another key.
    agent.set_stored(vec![StoredKey { item: ItemId([2; 16]), ..stored(1, free()) }], at(5));
    let (_, pending) = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(6)));
    signs(come(&agent, &session, pending, key(1), at(6)), key(1).public());
}
