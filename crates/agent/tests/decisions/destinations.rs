//! Destination constraints, hop by hop. A failure here means that a hostile
//! server behind a forwarded agent can use a key its owner kept from it.

use crate::kit::{add, agent, at, bind, blob, key, list, plain, reply, sign};
use keyfob_agent::{Agent, Forbidden, Record, Rules, Session, SignRefusal};
use keyfob_keys::PublicKey;
use keyfob_keys::signer::{SignatureScheme, Signer};
use keyfob_keys::wire::Put as _;
use keyfob_protocol::destination::{Constraint, Hop, KeySpec};
use keyfob_protocol::{Constraints, Request, Response, SessionBind};

const KEY: u8 = 1;
pub(crate) const HOST_A: u8 = 101;
pub(crate) const HOST_B: u8 = 102;

fn hop(host: Option<u8>, user: &str) -> Hop {
    let keys = host.map(|n| KeySpec { key: key(n).public().clone(), is_authority: false });
    Hop {
        user: user.as_bytes().to_vec(),
        host: host.map(|n| format!("host{n}").into_bytes()).unwrap_or_default(),
        keys: keys.into_iter().collect(),
    }
}

pub(crate) fn step(from: Option<u8>, to: u8, user: &str) -> Constraint {
    Constraint { from: hop(from, ""), to: hop(Some(to), user) }
}

fn with(steps: Vec<Constraint>) -> Agent {
    let agent = agent();
    let constraints = Constraints { destinations: steps, ..Constraints::default() };
    let added = reply(&agent, &mut Session::new(), &add(KEY, constraints), at(0));
    assert_eq!(added.response, Response::Success);
    agent
}

pub(crate) fn bound(
    session: &mut Session,
    agent: &Agent,
    host: u8,
    id: &[u8],
    forwarding: bool,
) -> Response {
    bound_as(key(host).public(), session, agent, host, id, forwarding)
}

/// A connection that comes through an agent forwarded to this host.
pub(crate) fn is_forwarded_to(agent: &Agent, host: u8) -> Session {
    let mut session = Session::new();
    assert_eq!(bound(&mut session, agent, host, b"hop", true), Response::Success);
    session
}

/// The rules of a stored key that may be used at one host.
pub(crate) fn only_at(host: u8) -> Rules {
    Rules { destinations: vec![step(None, host, "")].into(), ..Rules::default() }
}

/// Bound under this key or certificate of the host.
fn bound_as(
    host_key: &PublicKey,
    session: &mut Session,
    agent: &Agent,
    host: u8,
    id: &[u8],
    forwarding: bool,
) -> Response {
    let signer = Signer::prepare(&key(host)).unwrap();
    let signature = signer.sign(id, SignatureScheme::Default).unwrap();
    let request = SessionBind {
        host_key: host_key.clone(),
        session_id: id,
        signature: &signature,
        forwarding,
    };
    reply(agent, session, &bind(request), at(1)).response
}

/// The data of a login, host-bound when a host is named.
pub(crate) fn login(id: &[u8], user: &str, host: Option<u8>) -> Vec<u8> {
    login_by(b"ssh-ed25519", &blob(KEY), id, user, host)
}

fn login_by(name: &[u8], key: &[u8], id: &[u8], user: &str, host: Option<u8>) -> Vec<u8> {
    let mut data = Vec::new();
    data.put_string(id);
    data.put_u8(50);
    data.put_string(user.as_bytes());
    data.put_string(b"ssh-connection");
    data.put_string(match host {
        Some(_) => b"publickey-hostbound-v00@openssh.com".as_slice(),
        None => b"publickey",
    });
    data.put_u8(1);
    data.put_string(name);
    data.put_string(key);
    if let Some(host) = host {
        data.put_string(&blob(host));
    }
    data
}

fn outcome(agent: &Agent, session: &mut Session, data: &[u8]) -> Result<(), Forbidden> {
    match reply(agent, session, &sign(&blob(KEY), data), at(2)).record {
        Record::Signed { .. } => Ok(()),
        Record::SignRefused { why: SignRefusal::Forbidden(why), .. } => Err(why),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_login_at_an_allowed_host_is_signed() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", false), Response::Success);
    assert_eq!(outcome(&agent, &mut session, &login(b"A", "me", Some(HOST_A))), Ok(()));
    assert_eq!(outcome(&agent, &mut session, &login(b"A", "me", None)), Ok(()));
}

/// A certificate for this key by key 200, of this kind and for these names.
pub(crate) fn certificate(n: u8, kind: u32, names: &[Vec<u8>]) -> Vec<u8> {
    let plain = blob(n);
    let mut principals = Vec::new();
    for name in names {
        principals.put_string(name);
    }
    let mut data = Vec::new();
    data.put_string(CERTIFICATE);
    data.put_string(&[9; 32]);
    data.extend_from_slice(&plain[4 + b"ssh-ed25519".len()..]);
    data.extend_from_slice(&1_u64.to_be_bytes());
    data.put_u32(kind);
    data.put_string(b"id");
    data.put_string(&principals);
    data.extend_from_slice(&0_u64.to_be_bytes());
    data.extend_from_slice(&u64::MAX.to_be_bytes());
    for empty in [b"", b"", b""] {
        data.put_string(empty);
    }
    data.put_string(&blob(200));
    let signer = Signer::prepare(&key(200)).unwrap();
    data.put_string(&signer.sign(&data, SignatureScheme::Default).unwrap());
    data
}

pub(crate) const USER: u32 = 1;
const HOST: u32 = 2;
const CERTIFICATE: &[u8] = b"ssh-ed25519-cert-v01@openssh.com";

#[test]
fn k1_a_login_by_the_keys_certificate_may_be_signed_by_the_plain_key() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", false), Response::Success);
    let login = |n, host| login_by(CERTIFICATE, &certificate(n, USER, &[]), b"A", "me", Some(host));
    assert_eq!(outcome(&agent, &mut session, &login(KEY, HOST_A)), Ok(()));
    let elsewhere = outcome(&agent, &mut session, &login(KEY, HOST_B));
    assert_eq!(elsewhere, Err(Forbidden::OtherHostKey));
    let of_another = outcome(&agent, &mut session, &login(2, HOST_A));
    assert_eq!(of_another, Err(Forbidden::NotUserauth));
}

#[test]
fn an_unbound_connection_lists_but_never_signs() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    assert_eq!(list(&agent, &mut session, at(1)), [blob(KEY)]);
    let data = login(b"A", "me", Some(HOST_A));
    assert_eq!(outcome(&agent, &mut session, &data), Err(Forbidden::Unbound));
}

#[test]
fn another_host_neither_sees_nor_uses_nor_removes_nor_replaces_the_key() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_B, b"B", false), Response::Success);
    assert!(list(&agent, &mut session, at(1)).is_empty());
    let data = login(b"B", "me", Some(HOST_B));
    assert_eq!(outcome(&agent, &mut session, &data), Err(Forbidden::NotAllowed));
    let removed = reply(&agent, &mut session, &Request::Remove(&blob(KEY)), at(1));
    assert_eq!(removed.response, Response::Failure);
    let replaced = reply(&agent, &mut session, &plain(KEY), at(1));
    assert_eq!(replaced.response, Response::Failure);
    assert_eq!(list(&agent, &mut Session::new(), at(1)), [blob(KEY)]);
}

#[test]
fn the_user_pattern_is_enforced() {
    let agent = with(vec![step(None, HOST_A, "dep*")]);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", false), Response::Success);
    assert_eq!(outcome(&agent, &mut session, &login(b"A", "deploy", Some(HOST_A))), Ok(()));
    let data = login(b"A", "root", Some(HOST_A));
    assert_eq!(outcome(&agent, &mut session, &data), Err(Forbidden::NotAllowed));
}

#[test]
fn a_forwarded_key_works_beyond_the_hop_only_where_a_step_allows_it() {
    let both = vec![step(None, HOST_A, ""), step(Some(HOST_A), HOST_B, "me")];
    let agent = with(both);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", true), Response::Success);
    assert_eq!(list(&agent, &mut session, at(1)), [blob(KEY)]);
    assert_eq!(bound(&mut session, &agent, HOST_B, b"B", false), Response::Success);
    assert_eq!(outcome(&agent, &mut session, &login(b"B", "me", Some(HOST_B))), Ok(()));
    let other_user = login(b"B", "root", Some(HOST_B));
    assert_eq!(outcome(&agent, &mut session, &other_user), Err(Forbidden::NotAllowed));
    // Without the host in the request, a hostile hop could pass it on elsewhere.
    let unnamed = login(b"B", "me", None);
    assert_eq!(outcome(&agent, &mut session, &unnamed), Err(Forbidden::OtherHostKey));
}

#[test]
fn a_key_that_may_log_in_at_a_host_is_hidden_from_that_host_when_the_agent_is_forwarded() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", true), Response::Success);
    assert!(list(&agent, &mut session, at(1)).is_empty());
    let data = login(b"A", "me", Some(HOST_A));
    assert_eq!(outcome(&agent, &mut session, &data), Err(Forbidden::WrongUse));
}

#[test]
fn only_a_login_for_the_newest_session_and_its_host_is_signed() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", false), Response::Success);
    let replayed = login(b"other", "me", Some(HOST_A));
    assert_eq!(outcome(&agent, &mut session, &replayed), Err(Forbidden::OtherSession));
    let elsewhere = login(b"A", "me", Some(HOST_B));
    assert_eq!(outcome(&agent, &mut session, &elsewhere), Err(Forbidden::OtherHostKey));
    assert_eq!(outcome(&agent, &mut session, b"a file"), Err(Forbidden::NotUserauth));
}

#[test]
fn a_failed_bind_keeps_constrained_keys_away_for_the_rest_of_the_connection() {
    let agent = with(vec![step(None, HOST_A, "")]);
    assert_eq!(reply(&agent, &mut Session::new(), &plain(2), at(0)).response, Response::Success);
    let mut session = Session::new();
    let forged = SessionBind {
        host_key: key(HOST_A).public().clone(),
        session_id: b"A",
        signature: b"\0\0\0\x0bssh-ed25519\0\0\0\x01x",
        forwarding: false,
    };
    let answer = reply(&agent, &mut session, &bind(forged), at(1)).response;
    assert_eq!(answer, Response::ExtensionFailure);
    assert!(session.is_remote());
    assert_eq!(list(&agent, &mut session, at(1)), [blob(2)]);
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", false), Response::Success);
    let data = login(b"A", "me", Some(HOST_A));
    assert_eq!(outcome(&agent, &mut session, &data), Err(Forbidden::FailedBind));
}

#[test]
fn p5_a_bind_that_cannot_be_parsed_counts_as_failed_and_remote() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    let mut body = vec![27];
    body.put_string(b"session-bind@openssh.com");
    body.put_string(b"garbage");
    let keyfob_agent::Step::Reply(answer) = agent.handle(&mut session, &body, at(1)) else {
        panic!()
    };
    assert_eq!(answer.response, Response::ExtensionFailure);
    assert!(session.is_remote());
    assert!(list(&agent, &mut session, at(1)).is_empty());
}

#[test]
fn bindings_follow_openssh_in_what_they_accept() {
    let agent = agent();
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", true), Response::Success);
    // The same pair again is fine; the same session under another key is not.
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", true), Response::Success);
    assert_eq!(bound(&mut session, &agent, HOST_B, b"A", true), Response::ExtensionFailure);
    let mut session = Session::new();
    assert_eq!(bound(&mut session, &agent, HOST_A, b"A", false), Response::Success);
    assert_eq!(bound(&mut session, &agent, HOST_B, b"B", false), Response::ExtensionFailure);
    let mut session = Session::new();
    for n in 0..16 {
        assert_eq!(bound(&mut session, &agent, HOST_A, &[n + 1], true), Response::Success);
    }
    assert_eq!(bound(&mut session, &agent, HOST_A, b"17th", true), Response::ExtensionFailure);
}

#[test]
fn p4b_a_bind_is_recorded_while_the_agent_is_locked() {
    let agent = with(vec![step(None, HOST_A, "")]);
    let mut session = Session::new();
    let locked = reply(&agent, &mut session, &crate::kit::lock("x"), at(1)).response;
    assert_eq!(locked, Response::Success);
    assert_eq!(bound(&mut session, &agent, HOST_B, b"B", true), Response::Success);
    let unlocked = reply(&agent, &mut session, &crate::kit::unlock("x"), at(1)).response;
    assert_eq!(unlocked, Response::Success);
    assert!(session.is_remote());
    assert!(list(&agent, &mut session, at(2)).is_empty());
}

/// One step from here to a host of this name that shows a certificate by key 200.
fn certified_step(name: &[u8]) -> Constraint {
    let authority = KeySpec { key: key(200).public().clone(), is_authority: true };
    let to = Hop { user: Vec::new(), host: name.to_vec(), keys: vec![authority] };
    Constraint { from: Hop::default(), to }
}

fn host_certificate(names: &[Vec<u8>]) -> PublicKey {
    PublicKey::from_blob(&certificate(HOST_A, HOST, names)).unwrap()
}

/// Whether a connection bound to host A under this certificate is shown the key.
fn is_shown(agent: &Agent, certificate: &PublicKey) -> bool {
    let mut session = Session::new();
    let bound = bound_as(certificate, &mut session, agent, HOST_A, b"A", false);
    assert_eq!(bound, Response::Success);
    !list(agent, &mut session, at(1)).is_empty()
}

#[test]
fn a_host_certificate_counts_by_its_authority_and_never_as_a_plain_key() {
    let certificate = host_certificate(&[b"*.example".to_vec()]);
    assert!(is_shown(&with(vec![certified_step(b"a.example")]), &certificate));
    assert!(!is_shown(&with(vec![certified_step(b"b.test")]), &certificate));
    // Named as if it were a plain key it would count for ever, whatever it says of its end.
    let mut plainly = step(None, HOST_A, "");
    plainly.to.keys[0].key = certificate.clone();
    assert!(!is_shown(&with(vec![plainly]), &certificate));
}

/// Lost otherwise: one key with costly destinations, which any forwarded client may add, makes one
/// request of five bytes take minutes, and everybody waits.
#[test]
fn what_is_too_costly_to_decide_is_forbidden() {
    let costly = [&b"*"[..], &[b'a'; 254], b"b"].concat();
    let mut names = vec![costly; 200];
    names.push(b"good".to_vec());
    let certificate = host_certificate(&names);
    assert!(is_shown(&with(vec![certified_step(b"good")]), &certificate));
    let mut steps = vec![certified_step(&[b'a'; 1000])];
    steps.push(certified_step(b"good"));
    let agent = with(steps);
    assert!(!is_shown(&agent, &certificate));
    let mut session = Session::new();
    bound_as(&certificate, &mut session, &agent, HOST_A, b"A", false);
    let data = login(b"A", "me", None);
    assert_eq!(outcome(&agent, &mut session, &data), Err(Forbidden::TooCostly));
}

#[test]
fn a_thousand_destinations_with_ordinary_names_are_not_too_costly() {
    let names: Vec<_> = (0..50).map(|n| format!("*.site{n}.example").into_bytes()).collect();
    let certificate = host_certificate(&names);
    let mut steps: Vec<_> = (0..1023)
        .map(|n| certified_step(format!("host{n}.elsewhere.example").as_bytes()))
        .collect();
    steps.push(certified_step(b"host.site49.example"));
    assert!(is_shown(&with(steps), &certificate));
}
