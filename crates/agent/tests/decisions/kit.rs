//! What the agent's tests share: keys, requests as bytes, a clock that is set.

use std::time::Duration;

use keyfob_agent::{Agent, Moment, Now, Policy, Reply, Session, Step};
use keyfob_keys::{PrivateKey, Secret};
use keyfob_protocol::{
    AddIdentity, Constraints, Extension, Request, Response, SessionBind, SignRequest,
};

pub(crate) const START: u64 = 1_000;

pub(crate) fn at(seconds: u64) -> Now {
    Now { moment: Moment(Duration::from_secs(START + seconds)), unix: 1_800_000_000 + seconds }
}

pub(crate) fn policy() -> Policy {
    Policy::default()
}

pub(crate) fn agent() -> Agent {
    Agent::new(policy()).unwrap()
}

/// Key number `n`, the same at each call.
pub(crate) fn key(n: u8) -> PrivateKey {
    PrivateKey::ed25519_from_seed(&[n; 32])
}

pub(crate) fn blob(n: u8) -> Vec<u8> {
    key(n).public().blob().to_vec()
}

pub(crate) fn handle(
    agent: &Agent,
    session: &mut Session,
    request: &Request<'_>,
    now: Now,
) -> Step {
    let frame = request.encode().unwrap();
    agent.handle(session, &frame[4..], now)
}

/// The answer to a request that is answered at once.
pub(crate) fn reply(
    agent: &Agent,
    session: &mut Session,
    request: &Request<'_>,
    now: Now,
) -> Reply {
    match handle(agent, session, request, now) {
        Step::Reply(reply) => reply,
        Step::Sign(permit) => {
            let signed = permit.sign();
            if let Some(fresh) = signed.fresh {
                agent.keep(fresh, now);
            }
            signed.reply
        }
        Step::Derive(derivation) => agent.derived(derivation.run(), now),
        Step::Ask(..) | Step::Fetch(..) | Step::Store(_) | Step::Watch(_) | Step::Look(_) => {
            panic!("a question where none was expected")
        }
    }
}

pub(crate) fn add(n: u8, constraints: Constraints) -> Request<'static> {
    let comment = format!("key {n}").into_bytes();
    Request::Add(Box::new(AddIdentity { key: key(n), comment, constraints }))
}

pub(crate) fn plain(n: u8) -> Request<'static> {
    add(n, Constraints::default())
}

pub(crate) fn confirmed(n: u8) -> Request<'static> {
    add(n, Constraints { confirm: true, ..Constraints::default() })
}

pub(crate) fn living(n: u8, seconds: u32) -> Request<'static> {
    add(n, Constraints { lifetime: Some(seconds), ..Constraints::default() })
}

pub(crate) fn sign<'a>(blob: &'a [u8], data: &'a [u8]) -> Request<'a> {
    Request::Sign(SignRequest { key: blob, data, flags: 0 })
}

pub(crate) fn lock(passphrase: &str) -> Request<'static> {
    Request::Lock(Secret::from(passphrase.as_bytes().to_vec()))
}

pub(crate) fn unlock(passphrase: &str) -> Request<'static> {
    Request::Unlock(Secret::from(passphrase.as_bytes().to_vec()))
}

pub(crate) fn bind(bind: SessionBind<'_>) -> Request<'_> {
    Request::Extension(Extension::SessionBind(bind))
}

/// The blobs in a list answer.
pub(crate) fn listed(response: &Response) -> Vec<Vec<u8>> {
    let frame = response.encode();
    match keyfob_protocol::Reply::decode(&frame[4..]).unwrap() {
        keyfob_protocol::Reply::Identities(keys) => {
            keys.into_iter().map(|key| key.key_blob).collect()
        }
        other => panic!("{other:?} is no list"),
    }
}

pub(crate) fn list(agent: &Agent, session: &mut Session, now: Now) -> Vec<Vec<u8>> {
    listed(&reply(agent, session, &Request::Identities, now).response)
}
