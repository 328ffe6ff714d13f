//! Who may look on, and what is seen of the keys.

use keyfob_agent::{Record, Refusal, Session, Step, Watching};
use keyfob_keys::HashKind;
use keyfob_protocol::watch::{Choice, Lock, QuestionId};
use keyfob_protocol::{Extension, Request, WatchRequest};

use crate::destinations::{HOST_A, bound};
use crate::hosts::profile;
use crate::kit::{agent, at, confirmed, handle, living, lock, plain, reply, unlock};

const ALL: [WatchRequest<'static>; 3] = [
    WatchRequest::Next(0),
    WatchRequest::Claim(b"passphrase"),
    WatchRequest::Answer { id: QuestionId([1; 16]), choice: Choice::Once },
];

#[test]
fn a_client_of_this_machine_may_look_on() {
    let (agent, mut session) = (agent(), Session::new());
    for request in ALL {
        let request = Request::Extension(Extension::Watch(request));
        assert!(matches!(handle(&agent, &mut session, &request, at(0)), Step::Watch(_)));
    }
}

/// Lost otherwise: a server behind a forwarded agent sees where its person works, and answers.
#[test]
fn over_a_bound_connection_and_a_profile_s_socket_nobody_may() {
    let agent = agent();
    let (mut forwarded, mut login) = (Session::new(), Session::new());
    bound(&mut forwarded, &agent, HOST_A, b"hop", true);
    bound(&mut login, &agent, HOST_A, b"hop", false);
    let mut failed = Session::new();
    failed.bind_failed();
    let mut profile = profile(&["*"]);
    for session in [&mut forwarded, &mut login, &mut failed, &mut profile] {
        for request in ALL {
            let request = Request::Extension(Extension::Watch(request));
            let refused = reply(&agent, session, &request, at(1));
            let why = matches!(refused.record, Record::Refused(Refusal::Remote | Refusal::Profile));
            assert!(why, "{:?}", refused.record);
        }
    }
}

#[test]
fn keys_are_seen_with_what_is_left_of_their_lives() {
    let (agent, mut session) = (agent(), Session::new());
    for request in [plain(1), living(2, 60), confirmed(3)] {
        let _ = reply(&agent, &mut session, &request, at(0));
    }
    let watched = agent.watched(HashKind::Sha256, at(20));
    assert_eq!((watched.lock, watched.total), (Lock::Open, 3));
    let told: Vec<_> = watched.keys.iter().map(|key| (key.expires_in, key.confirm)).collect();
    assert_eq!(told, [(None, false), (Some(40), false), (None, true)]);
    assert_eq!(watched.keys[0].comment, b"key 1");
    assert!(watched.keys[0].fingerprint.starts_with(b"SHA256:"));
    assert_eq!(agent.watched(HashKind::Sha256, at(60)).total, 2);
}

#[test]
fn a_locked_agent_shows_no_key_and_takes_no_passphrase() {
    let (agent, mut session) = (agent(), Session::new());
    for request in [plain(1), lock("secret")] {
        let _ = reply(&agent, &mut session, &request, at(0));
    }
    let watched = agent.watched(HashKind::Sha256, at(1));
    assert_eq!((watched.lock, watched.total, watched.keys.len()), (Lock::Locked, 0, 0));
    let claim = Request::Extension(Extension::Watch(WatchRequest::Claim(b"secret")));
    let refused = reply(&agent, &mut session, &claim, at(1));
    assert!(matches!(refused.record, Record::Refused(Refusal::Locked)));
    let next = Request::Extension(Extension::Watch(WatchRequest::Next(3)));
    let step = handle(&agent, &mut session, &next, at(1));
    assert!(matches!(step, Step::Watch(Watching::Next(3))));
    let _ = reply(&agent, &mut session, &unlock("secret"), at(2));
    assert_eq!(agent.watched(HashKind::Sha256, at(2)).keys.len(), 1);
}
