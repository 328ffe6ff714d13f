//! Key files a client left here, encrypted. A failure here means that such a key is used without its
//! passphrase, or that one which is nowhere else is forgotten.

use std::sync::Arc;
use std::time::Duration;

use keyfob_agent::{
    Agent, Fetched, GivenFile, KeptFile, Now, PendingSign, Policy, Record, Refusal, Session,
    SignRefusal, Step,
};
use keyfob_protocol::details::Place;
use keyfob_protocol::{Extension, PuttyRequest, Request, Response};

use crate::destinations::{HOST_A, is_forwarded_to};
use crate::kit::{agent, at, blob, handle, key, list, lock, plain, reply, sign};
use crate::sealed::seal_key;
use crate::stored::{does, free, is_here, place, refusal, signs, stored, wants};

const FILE: &[u8] = b"an encrypted file";

fn putty(request: PuttyRequest<'_>) -> Request<'_> {
    Request::Extension(Extension::Putty(request))
}

fn give(agent: &Agent, n: u8, now: Now) -> Response {
    let found = GivenFile::Closed(key(n).public().clone(), b"kept".to_vec());
    agent.given(&Session::new(), found, FILE, now).response
}

fn keeping() -> (Agent, Session) {
    let agent = agent();
    assert_eq!(give(&agent, 1, at(0)), Response::Success);
    (agent, Session::new())
}

#[track_caller]
fn waits(agent: &Agent, session: &mut Session, now: Now) -> (Arc<KeptFile>, PendingSign) {
    let (wanted, pending) = wants(handle(agent, session, &sign(&blob(1), b"data"), now));
    assert_eq!((wanted.item, wanted.passphrase_since), (None, None));
    (wanted.file.expect("a file is wanted"), pending)
}

#[track_caller]
fn opens_and_signs(agent: &Agent, session: &mut Session, now: Now) {
    let (file, pending) = waits(agent, session, now);
    assert_eq!(file.bytes(), FILE);
    agent.opened(&file, key(1), now).unwrap();
    signs(agent.fetched(session, pending, Fetched::Open, now), key(1).public());
}

/// Flags of the extended list: 1 for an encrypted form, 2 for no key in clear.
fn flags(agent: &Agent, now: Now) -> Vec<u8> {
    let request = putty(PuttyRequest::ListExtended);
    let Response::Putty(list) = reply(agent, &mut Session::new(), &request, now).response else {
        panic!("no list")
    };
    let mut reader = keyfob_keys::wire::Reader::new(&list[5..]);
    let count = reader.u32().unwrap();
    let flags = |_| {
        let _ = (reader.string().unwrap(), reader.string().unwrap());
        reader.string().unwrap()[3]
    };
    (0..count).map(flags).collect()
}

#[test]
fn a_kept_file_is_listed_opened_once_and_closed_again() {
    let (agent, mut session) = keeping();
    assert_eq!(list(&agent, &mut session, at(1)), [blob(1)]);
    assert_eq!(
        (place(&agent, at(1)), flags(&agent, at(1))),
        (Place::File { open: false }, vec![3])
    );
    opens_and_signs(&agent, &mut session, at(2));
    is_here(&agent, &mut session, at(3));
    assert_eq!((place(&agent, at(3)), flags(&agent, at(3))), (Place::File { open: true }, vec![1]));
    does(&agent, &putty(PuttyRequest::Reencrypt(&blob(1))), at(4));
    assert_eq!(flags(&agent, at(4)), [3]);
    opens_and_signs(&agent, &mut session, at(5));
}

/// Lost otherwise: the last copy of a key goes with a click on "re-encrypt all".
#[test]
fn what_is_nowhere_else_is_never_closed() {
    let (agent, mut session) = keeping();
    opens_and_signs(&agent, &mut session, at(1));
    does(&agent, &plain(2), at(1));
    let all = || reply(&agent, &mut Session::new(), &putty(PuttyRequest::ReencryptAll), at(2));
    assert_eq!(all().response, Response::Putty(b"\0\0\0\x05\x06\0\0\0\x01".to_vec()));
    assert_eq!(flags(&agent, at(2)), [3, 0]);
    let one = reply(&agent, &mut session, &putty(PuttyRequest::Reencrypt(&blob(2))), at(2));
    assert_eq!(one.response, Response::ExtensionFailure);
    assert!(matches!(one.record, Record::Refused(Refusal::NoEncryptedForm)));
    does(&agent, &Request::Remove(&blob(1)), at(3));
    assert_eq!(all().response, Response::ExtensionFailure, "nothing was done");
    does(&agent, &Request::RemoveAll, at(3));
    assert_eq!(all().response, Response::Putty(b"\0\0\0\x05\x06\0\0\0\0".to_vec()));
}

#[test]
fn a_key_of_the_store_closes_as_well() {
    let (agent, mut session) = crate::stored::with(vec![stored(1, free())]);
    crate::stored::fetched_and_signs(&agent, &mut session, at(1));
    assert_eq!(flags(&agent, at(1)), [1]);
    does(&agent, &putty(PuttyRequest::Reencrypt(&blob(1))), at(2));
    assert_eq!(place(&agent, at(2)), Place::Store { open: false });
}

/// Lost otherwise: a file that says it is one key makes the agent sign with another.
#[test]
fn only_the_key_that_was_shown_opens_it() {
    let (agent, mut session) = keeping();
    let (file, pending) = waits(&agent, &mut session, at(1));
    assert_eq!(agent.opened(&file, key(2), at(1)), Err(SignRefusal::Removed));
    // The same bytes, left once more after the first were removed, are another file.
    does(&agent, &Request::Remove(&blob(1)), at(2));
    assert_eq!(give(&agent, 1, at(2)), Response::Success);
    agent.opened(&file, key(1), at(2)).unwrap();
    assert_eq!(flags(&agent, at(2)), [3], "what was asked for the one does not open the other");
    let step = agent.fetched(&session, pending, Fetched::Open, at(2));
    assert_eq!(refusal(step), SignRefusal::Replaced);
}

#[test]
fn a_key_that_is_here_keeps_its_rules_and_may_be_closed_from_then_on() {
    let agent = agent();
    let constraints = keyfob_protocol::Constraints { confirm: true, ..Default::default() };
    does(&agent, &crate::kit::add(1, constraints), at(0));
    assert_eq!(give(&agent, 1, at(1)), Response::Success);
    assert_eq!(flags(&agent, at(1)), [1]);
    let step = handle(&agent, &mut Session::new(), &sign(&blob(1), b"data"), at(1));
    assert!(matches!(step, Step::Ask(..)), "it is confirmed as before");
    does(&agent, &putty(PuttyRequest::Reencrypt(&blob(1))), at(2));
    let mut session = Session::new();
    let (file, pending) = waits(&agent, &mut session, at(3));
    agent.opened(&file, key(1), at(3)).unwrap();
    let step = agent.fetched(&session, pending, Fetched::Open, at(3));
    assert!(matches!(step, Step::Ask(..)), "and after it was closed too");
}

#[test]
fn time_goes_on_while_a_file_is_closed_and_rest_closes_it() {
    let second = |count| Some(Duration::from_secs(count));
    let policy =
        Policy { default_lifetime: second(100), key_idle: second(10), ..Policy::default() };
    let agent = Agent::new(policy).unwrap();
    assert_eq!(give(&agent, 1, at(0)), Response::Success);
    let mut session = Session::new();
    opens_and_signs(&agent, &mut session, at(50));
    is_here(&agent, &mut session, at(59));
    assert!(matches!(agent.tick(at(70).moment).expired[..], [Record::Unused(_)]));
    assert_eq!(flags(&agent, at(70)), [3], "unused, it is closed and not lost");
    assert!(matches!(agent.tick(at(100).moment).expired[..], [Record::Expired(_)]));
    assert!(list(&agent, &mut session, at(100)).is_empty(), "its time was from its coming");
}

/// Lost otherwise: a locked agent opens files, or a sealed one holds a key in clear.
#[test]
fn locks_hold_for_kept_files_too() {
    let (agent, mut session) = keeping();
    opens_and_signs(&agent, &mut session, at(1));
    agent.seal(seal_key(1), at(2)).unwrap();
    let (wanted, pending) = wants(handle(&agent, &mut session, &sign(&blob(1), b"data"), at(2)));
    assert_eq!(wanted.file, None, "what it is sealed under comes first");
    assert!(agent.unseal(seal_key(1), at(3)));
    let (wanted, pending) = wants(agent.fetched(&session, pending, Fetched::Open, at(3)));
    let file = wanted.file.expect("it was closed with the rest");
    does(&agent, &lock("secret"), at(4));
    assert_eq!(agent.opened(&file, key(1), at(4)), Err(SignRefusal::Locked));
    assert_eq!(
        refusal(agent.fetched(&session, pending, Fetched::Open, at(4))),
        SignRefusal::Locked
    );
    for request in [PuttyRequest::ListExtended, PuttyRequest::AddPpk(FILE)] {
        let refused = reply(&agent, &mut session, &putty(request), at(5));
        assert_eq!(refused.response, Response::ExtensionFailure);
        assert!(matches!(refused.record, Record::Refused(Refusal::Locked)));
    }
}

/// Lost otherwise: a server behind a forwarded agent has a person asked for passphrases of its
/// files, and makes others forget their keys.
#[test]
fn beyond_this_machine_nobody_leaves_files_or_closes_keys() {
    let (agent, _) = keeping();
    let mut session = is_forwarded_to(&agent, HOST_A);
    for request in
        [PuttyRequest::AddPpk(FILE), PuttyRequest::Reencrypt(&blob(1)), PuttyRequest::ReencryptAll]
    {
        let refused = reply(&agent, &mut session, &putty(request), at(1));
        assert_eq!(refused.response, Response::ExtensionFailure);
        assert!(matches!(refused.record, Record::Refused(Refusal::Remote)));
    }
}
