//! Where a login leads, as far as it is proved. A failure here means that a person says yes to one
//! host and the signature is good at another, or that what comes from beyond passes for local.

use std::sync::Arc;

use keyfob_agent::{Agent, Aim, Destination, Session, Step};
use keyfob_keys::wire::Put as _;
use keyfob_protocol::Response;

use crate::destinations::{HOST_A, HOST_B, bound, login};
use crate::kit::{add, agent, at, blob, confirmed, handle, key, reply, sign};

fn of(session: &Session, data: &[u8]) -> Destination {
    Destination::of(session, data, &blob(1))
}

fn session(agent: &Agent, hops: &[(u8, &[u8], bool)]) -> Session {
    let mut session = Session::new();
    for (host, id, forwarding) in hops {
        assert_eq!(bound(&mut session, agent, *host, id, *forwarding), Response::Success);
    }
    session
}

fn sshsig(namespace: &[u8]) -> Vec<u8> {
    let mut data = b"SSHSIG".to_vec();
    for field in [namespace, b"", b"sha512", &[7; 64]] {
        data.put_string(field);
    }
    data
}

#[test]
fn a_login_over_its_own_session_is_proved_with_user_host_and_names() {
    let mut session = session(&agent(), &[(HOST_A, b"id", false)]);
    session.name_newest(Arc::new(["a.example".to_owned()]));
    for named in [Some(HOST_A), None] {
        let destination = of(&session, &login(b"id", "me", named));
        let Aim::Login(login) = &destination.aim else { panic!("no login") };
        assert_eq!(*login.user, *b"me");
        let host = destination.host().expect("it is proved");
        assert_eq!(host.key, *key(HOST_A).public());
        assert_eq!(*host.names, ["a.example".to_owned()]);
        assert!(!destination.remote);
        assert!(destination.via.is_empty());
    }
}

/// Lost otherwise: a session of one host is shown as a login at another.
#[test]
fn what_does_not_fit_the_binding_is_not_proved_and_counts_as_forwarded() {
    let agent = agent();
    let session = session(&agent, &[(HOST_A, b"id", false)]);
    let of_another_key = Destination::of(&session, &login(b"id", "me", Some(HOST_A)), &blob(2));
    for destination in [
        of(&session, &login(b"another", "me", Some(HOST_A))),
        of(&session, &login(b"id", "me", Some(HOST_B))),
        of(&session, &sshsig(b"git")),
        of(&session, b"anything"),
        of_another_key,
    ] {
        assert_eq!(destination.host(), None);
        assert!(destination.remote, "{destination:?}");
    }
}

#[test]
fn without_a_binding_a_request_is_local_and_nothing_is_proved() {
    for data in [login(b"id", "me", Some(HOST_A)), sshsig(b"git"), b"anything".to_vec()] {
        let destination = of(&Session::new(), &data);
        assert_eq!((destination.host(), destination.remote), (None, false));
    }
    let Aim::Signature { namespace } = of(&Session::new(), &sshsig(b"git")).aim else {
        panic!("no signature")
    };
    assert_eq!(*namespace, *b"git");
}

/// P5. Lost otherwise: rules about forwarded requests silently stop to hold.
#[test]
fn p5_after_a_refused_bind_nothing_is_proved_and_all_counts_as_forwarded() {
    let agent = agent();
    let mut session = session(&agent, &[(HOST_A, b"id", false)]);
    session.bind_failed();
    let destination = of(&session, &login(b"id", "me", Some(HOST_A)));
    assert_eq!((destination.host(), destination.remote), (None, true));
    let mut unbound = Session::new();
    unbound.bind_failed();
    assert!(of(&unbound, &sshsig(b"git")).remote);
}

#[test]
fn every_host_the_agent_is_forwarded_over_is_named_nearest_first() {
    let agent = agent();
    let hops: [(u8, &[u8], bool); 3] =
        [(HOST_A, b"1", true), (HOST_B, b"2", true), (103, b"3", false)];
    let session = session(&agent, &hops);
    let destination = of(&session, &login(b"3", "me", Some(103)));
    let via: Vec<_> = destination.via.iter().map(|host| host.key.clone()).collect();
    assert_eq!(via, [key(HOST_A).public().clone(), key(HOST_B).public().clone()]);
    assert!(destination.remote);
    assert_eq!(destination.host().map(|host| &host.key), Some(key(103).public()));
    // A login that names no host may be one that was passed on.
    assert_eq!(of(&session, &login(b"3", "me", None)).host(), None);
}

#[test]
fn a_hop_that_only_forwards_is_no_destination() {
    let session = session(&agent(), &[(HOST_A, b"id", true)]);
    assert_eq!(of(&session, &login(b"id", "me", Some(HOST_A))).host(), None);
}

#[test]
fn the_question_and_the_record_tell_the_destination() {
    let agent = agent();
    let mut session = session(&agent, &[(HOST_A, b"id", false)]);
    let data = login(b"id", "me", Some(HOST_A));
    let key_blob = blob(1);
    let request = sign(&key_blob, &data);
    let added = reply(&agent, &mut Session::new(), &confirmed(1), at(0));
    assert_eq!(added.response, Response::Success);
    let Step::Ask(question, _) = handle(&agent, &mut session, &request, at(1)) else {
        panic!("nobody is asked")
    };
    assert!(question.destination.host().is_some());
    let free = reply(&agent, &mut Session::new(), &add(1, Default::default()), at(2));
    assert_eq!(free.response, Response::Success);
    match reply(&agent, &mut session, &request, at(3)).record {
        keyfob_agent::Record::Signed { destination, .. } => {
            assert_eq!(destination, question.destination);
        }
        record => panic!("{record:?}"),
    }
}
