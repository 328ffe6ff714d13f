//! While a person thinks, the world goes on: whatever was decided before a
//! question is decided again after it. A failure here means that a signature is
//! made with a key that should be out of reach.

use crate::kit::{
    agent, at, blob, confirmed, handle, key, list, living, lock, plain, reply, sign, unlock,
};
use keyfob_agent::{Agent, Answer, PendingSign, Queued, Record, Scope, Session, SignRefusal, Step};
use keyfob_protocol::{Request, Response};

/// An agent with key 1, which asks, and an open question about it.
fn asked() -> (Agent, Session, PendingSign) {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &confirmed(1), at(0)).response, Response::Success);
    let step = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(1));
    let Step::Ask(question, pending) = step else { panic!("no question") };
    assert_eq!(question.key.public, *key(1).public());
    (agent, session, pending)
}

fn refusal(step: Step) -> SignRefusal {
    let Step::Reply(reply) = step else { panic!("not refused") };
    assert_eq!(reply.response, Response::Failure);
    match reply.record {
        Record::SignRefused { why, .. } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn yes_signs_and_the_signature_verifies() {
    let (agent, session, pending) = asked();
    let Step::Sign(permit) = agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(2))
    else {
        panic!("refused")
    };
    let Response::Signature(signature) = permit.sign().reply.response else { panic!("failed") };
    key(1).public().verify(b"data", &signature).unwrap();
}

#[test]
fn every_other_answer_refuses() {
    for (answer, why) in [
        (Answer::No, SignRefusal::Denied),
        (Answer::TimedOut, SignRefusal::Unanswered),
        (Answer::CannotAsk("why".into()), SignRefusal::CannotAsk("why".into())),
        (Answer::ClientGone, SignRefusal::ClientGone),
    ] {
        let (agent, session, pending) = asked();
        assert_eq!(refusal(agent.answered(&session, pending, answer, at(2))), why);
    }
}

#[test]
fn others_run_while_prompt_is_open() {
    let (agent, session, pending) = asked();
    let mut other = Session::new();
    assert_eq!(list(&agent, &mut other, at(2)), [blob(1)]);
    assert_eq!(reply(&agent, &mut other, &plain(2), at(2)).response, Response::Success);
    let signed = reply(&agent, &mut other, &sign(&blob(2), b"x"), at(2));
    assert!(matches!(signed.response, Response::Signature(_)));
    assert!(matches!(
        agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(3)),
        Step::Sign(_)
    ));
}

#[test]
fn removed_during_prompt_is_refused_whatever_the_answer() {
    let (agent, session, pending) = asked();
    let mut other = Session::new();
    let removed = reply(&agent, &mut other, &Request::Remove(&blob(1)), at(2));
    assert_eq!(removed.response, Response::Success);
    let step = agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(3));
    assert_eq!(refusal(step), SignRefusal::Removed);
}

#[test]
fn replaced_during_prompt_is_refused_because_the_answer_was_for_the_old_rules() {
    let (agent, session, pending) = asked();
    let mut other = Session::new();
    assert_eq!(reply(&agent, &mut other, &plain(1), at(2)).response, Response::Success);
    let step = agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(3));
    assert_eq!(refusal(step), SignRefusal::Replaced);
}

#[test]
fn expired_during_prompt_is_refused() {
    let agent = agent();
    let mut session = Session::new();
    let mut request = living(1, 10);
    let Request::Add(add) = &mut request else { panic!() };
    add.constraints.confirm = true;
    assert_eq!(reply(&agent, &mut session, &request, at(0)).response, Response::Success);
    let Step::Ask(_, pending) = handle(&agent, &mut session, &sign(&blob(1), b"d"), at(9)) else {
        panic!("no question")
    };
    let step = agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(10));
    assert_eq!(refusal(step), SignRefusal::Removed);
}

#[test]
fn locked_during_prompt_is_refused_and_an_old_answer_does_not_survive_the_unlock() {
    let (agent, mut session, pending) = asked();
    assert_eq!(reply(&agent, &mut session, &lock("secret"), at(2)).response, Response::Success);
    let step = agent.answered(&session, pending, Answer::Allowed(Scope::Once), at(3));
    assert_eq!(refusal(step), SignRefusal::Locked);
    assert_eq!(reply(&agent, &mut session, &unlock("secret"), at(4)).response, Response::Success);
    assert!(matches!(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(5)), Step::Ask(..)));
}

#[test]
fn a_permit_from_before_the_lock_cannot_open_a_sealed_key() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &plain(1), at(0)).response, Response::Success);
    let Step::Sign(permit) = handle(&agent, &mut session, &sign(&blob(1), b"d"), at(1)) else {
        panic!("refused")
    };
    assert_eq!(reply(&agent, &mut session, &lock("secret"), at(2)).response, Response::Success);
    let reply = permit.sign().reply;
    assert_eq!(reply.response, Response::Failure);
    assert!(matches!(reply.record, Record::SignRefused { why: SignRefusal::Locked, .. }));
}

/// An agent with key 1, ready to sign, and a signature that waits for its turn.
fn queued() -> (Agent, Session, Queued) {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(reply(&agent, &mut session, &living(1, 10), at(0)).response, Response::Success);
    let signed = reply(&agent, &mut session, &sign(&blob(1), b"first"), at(1));
    assert!(matches!(signed.response, Response::Signature(_)));
    let Step::Sign(permit) = handle(&agent, &mut session, &sign(&blob(1), b"data"), at(1)) else {
        panic!("refused")
    };
    (agent, session, permit.queue())
}

#[test]
fn a_signature_that_waited_its_turn_is_made() {
    let (agent, session, queued) = queued();
    let permit = agent.resumed(&session, queued, at(2)).unwrap_or_else(|_| panic!("refused"));
    let Response::Signature(signature) = permit.sign().reply.response else { panic!("failed") };
    key(1).public().verify(b"data", &signature).unwrap();
}

/// Lost otherwise: whoever queues signatures before the lock gets them after it, and the key stays
/// in memory for as long as the queue is long.
#[test]
fn a_signature_that_waited_its_turn_is_decided_again() {
    let meanwhile: [(Request<'_>, SignRefusal); 3] = [
        (lock("secret"), SignRefusal::Locked),
        (Request::RemoveAll, SignRefusal::Removed),
        (confirmed(1), SignRefusal::Replaced),
    ];
    for (request, why) in meanwhile {
        let (agent, mut session, queued) = queued();
        assert_eq!(reply(&agent, &mut session, &request, at(2)).response, Response::Success);
        let refused = agent.resumed(&session, queued, at(3)).err().expect("signed all the same");
        assert_eq!(refusal(Step::Reply(refused)), why);
    }
    let (agent, session, queued) = queued();
    let refused = agent.resumed(&session, queued, at(10)).err().expect("signed all the same");
    assert_eq!(refusal(Step::Reply(refused)), SignRefusal::Removed, "expired");
}
