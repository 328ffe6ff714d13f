//! What a listing may cost. A failure here means that a client makes the agent
//! take memory it was not sent.

use keyfob_agent::{Agent, Session};
use keyfob_keys::{DsaParts, PrivateKey};
use keyfob_protocol::limits::{MAX_COMMENT, MAX_FRAME};
use keyfob_protocol::{Constraints, Extension, Request, Response};

use crate::kit::{add, agent, at, list, reply};

/// An agent whose keys take more than one answer holds.
fn full() -> Agent {
    let agent = agent();
    for n in 0..100 {
        let mut request = add(n, Constraints::default());
        let Request::Add(add) = &mut request else { panic!() };
        add.comment = vec![b'c'; MAX_COMMENT];
        let added = reply(&agent, &mut Session::new(), &request, at(0));
        assert_eq!(added.response, Response::Success);
    }
    agent
}

#[test]
fn what_is_told_of_the_keys_is_no_more_than_an_answer_holds() {
    let agent = full();
    let mut session = Session::new();
    let request = Request::Extension(Extension::Details);
    let Response::Details(details) = reply(&agent, &mut session, &request, at(1)).response else {
        panic!("no details")
    };
    let size: usize = details.identities.iter().map(|one| one.key_blob.len() + 4096).sum();
    assert!(size <= MAX_FRAME, "{size} bytes");
    assert!(details.identities.len() >= list(&agent, &mut session, at(1)).len());
}

/// y = g^x mod p, and q divides p − 1: as good a DSA key as any to be refused.
#[test]
fn a_dsa_key_is_neither_taken_nor_listed() {
    let q = [&[0x40][..], &[0; 19], &[1]].concat();
    let p = [&q[..], &[0; 49], &[1]].concat();
    let parts = DsaParts { p: &p, q: &q, g: &[2], y: &[8], x: &[3] };
    let mut request = add(1, Constraints::default());
    let Request::Add(add) = &mut request else { panic!() };
    add.key = PrivateKey::dsa_from_parts(parts).unwrap();
    let (agent, mut session) = (agent(), Session::new());
    assert_eq!(reply(&agent, &mut session, &request, at(0)).response, Response::Failure);
    assert!(list(&agent, &mut session, at(0)).is_empty());
}
