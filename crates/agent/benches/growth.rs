//! What a request costs the decisions of the agent when it holds ten keys and when it holds ten
//! thousand: nothing here may grow with the number of keys.
//! `cargo bench -p keyfob-agent`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use keyfob_agent::{Agent, Moment, Now, Policy, Session, Step};
use keyfob_keys::PrivateKey;
use keyfob_protocol::{AddIdentity, Constraints, Request, Response, SignRequest};

const SIZES: [u32; 4] = [10, 100, 1_000, 10_000];
const NOW: Now = Now { moment: Moment(Duration::from_secs(1_000)), unix: 1_800_000_000 };

fn key(number: u32) -> PrivateKey {
    let mut seed = [1; 32];
    seed[..4].copy_from_slice(&number.to_be_bytes());
    PrivateKey::ed25519_from_seed(&seed)
}

fn body(request: &Request<'_>) -> Vec<u8> {
    request.encode().unwrap()[4..].to_vec()
}

fn add(number: u32) -> Vec<u8> {
    let comment = format!("key {number}").into_bytes();
    let identity = AddIdentity { key: key(number), comment, constraints: Constraints::default() };
    body(&Request::Add(Box::new(identity)))
}

fn holding(size: u32) -> (Agent, Session) {
    let agent = Agent::new(Policy::default()).unwrap();
    let mut session = Session::default();
    for number in 0..size {
        let Step::Reply(reply) = agent.handle(&mut session, &add(number), NOW) else {
            panic!("an addition is answered at once")
        };
        assert!(matches!(reply.response, Response::Success), "key {number} is not taken");
    }
    (agent, session)
}

/// To the permit: what follows is the signature, the same at any size.
fn sign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign, to the permit");
    for size in SIZES {
        let (agent, mut session) = holding(size);
        let blob = key(size / 2).public().blob().to_vec();
        let request = body(&Request::Sign(SignRequest { key: &blob, data: b"data", flags: 0 }));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| match agent.handle(&mut session, &request, NOW) {
                Step::Sign(permit) => drop(black_box(permit)),
                _ => panic!("a key that is there may sign"),
            });
        });
    }
    group.finish();
}

/// The look at what is due that follows many requests, with every key ready to sign.
fn tick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tick, while nothing is due");
    for size in SIZES {
        let (agent, mut session) = holding(size);
        for number in 0..size {
            let blob = key(number).public().blob().to_vec();
            let request = body(&Request::Sign(SignRequest { key: &blob, data: b"data", flags: 0 }));
            let Step::Sign(permit) = agent.handle(&mut session, &request, NOW) else {
                panic!("a key that is there may sign")
            };
            permit.sign().fresh.into_iter().for_each(|fresh| agent.keep(fresh, NOW));
        }
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| black_box(agent.tick(NOW.moment).next));
        });
    }
    group.finish();
}

fn unknown(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign with a key that is not there");
    for size in SIZES {
        let (agent, mut session) = holding(size);
        let blob = key(size + 1).public().blob().to_vec();
        let request = body(&Request::Sign(SignRequest { key: &blob, data: b"data", flags: 0 }));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| drop(black_box(agent.handle(&mut session, &request, NOW))));
        });
    }
    group.finish();
}

fn add_and_remove(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("add and remove");
    for size in SIZES {
        let (agent, mut session) = holding(size);
        let blob = key(size).public().blob().to_vec();
        let (add, remove) = (add(size), body(&Request::Remove(&blob)));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| {
                drop(black_box(agent.handle(&mut session, &add, NOW)));
                drop(black_box(agent.handle(&mut session, &remove, NOW)));
            });
        });
    }
    group.finish();
}

/// Of keys that have not changed since: nothing is encoded again.
fn list(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("list");
    for size in SIZES {
        let (agent, mut session) = holding(size);
        let request = body(&Request::Identities);
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| drop(black_box(agent.handle(&mut session, &request, NOW))));
        });
    }
    group.finish();
}

criterion_group!(benches, sign, tick, unknown, add_and_remove, list);
criterion_main!(benches);
