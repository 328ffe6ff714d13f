//! What a thousand keys in the store cost: to list, to unlock, to sign, in memory.
//! `cargo bench -p keyfob --bench stored`; among the tests it shows the figures of their build.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

#[path = "../../../tests/bench/many_stored.rs"]
mod many_stored;

use std::fs;
use std::time::{Duration, Instant};

use keyfob_testkit::{Implementation, KeyStore, RunningAgent, World};

const KEYS: usize = 1_000;
/// What a new store costs by default on a machine that is fast enough.
const COST: u32 = 256 * 1024;

fn main() {
    let build = if cfg!(debug_assertions) { "an unoptimised build" } else { "a release build" };
    println!("{KEYS} keys in the store, {build}:");
    let world = World::new(Implementation::Keyfob).unwrap();
    let bare = memory(&world.agent());
    let (store, keys) = many_stored::fill(&world, KEYS, COST);
    let askpass = store.answering();
    let began = Instant::now();
    let agent = store.agent_asking(&askpass);
    figure("start, until the first list is answered", began.elapsed());
    let mut client = agent.client();
    let list = || drop(agent.client().list());
    assert_eq!(client.list().len(), KEYS);
    // The store is young: it is read at each request until the time stamps can tell.
    std::thread::sleep(Duration::from_secs(3));
    list();
    figure("list, locked", median(50, list));
    let mut number = 0;
    figure(
        "list after a change of the store, locked",
        median(9, || {
            number += 1;
            change(&store, number);
            list();
        }),
    );
    println!("{:<46} {:>8} KiB", "memory without a store", bare);
    println!("{:<46} {:>8} KiB", "memory, locked", memory(&agent));

    let began = Instant::now();
    client.sign(&keys[0], b"data", 0).signature();
    figure("first signature, with question and unlocking", began.elapsed());
    println!("{:<46} {:>8} KiB", "memory, unlocked", memory(&agent));
    std::thread::sleep(Duration::from_secs(3));
    list();
    let mut next = keys[1..].iter();
    let fetch = || drop(client.sign(next.next().unwrap(), b"data", 0).signature());
    figure("first signature of a key, unlocked", median(KEYS - 1, fetch));
    figure(
        "further signature",
        median(500, || drop(client.sign(&keys[0], b"data", 0).signature())),
    );
    println!("{:<46} {:>8} KiB", "memory, all keys fetched and ready", memory(&agent));
    figure("list, unlocked", median(50, list));
    figure(
        "list after a change of the store, unlocked",
        median(9, || {
            number += 1;
            change(&store, number);
            list();
        }),
    );
    let lock = || store.command_with(&agent, "lock").output().exits(0).code();
    let began = Instant::now();
    lock();
    figure("keyfob lock, the program included", began.elapsed());
    println!("{:<46} {:>8} KiB", "memory, locked again", memory(&agent));
    let began = Instant::now();
    store.command_with(&agent, "unlock").output().exits(0);
    figure("keyfob unlock, the program included", began.elapsed());
}

/// What another program's write looks like.
fn change(store: &KeyStore<'_>, number: usize) {
    fs::write(store.folder().join(format!("keys/trace{number}")), "").unwrap();
}

fn median(rounds: usize, mut what: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let began = Instant::now();
            what();
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}

fn figure(what: &str, took: Duration) {
    println!("{what:<46} {:>10.3} ms", took.as_secs_f64() * 1_000.0);
}

/// Its share of all memory, in KiB.
fn memory(agent: &RunningAgent) -> u64 {
    let path = format!("/proc/{}/smaps_rollup", agent.pid().as_raw_nonzero());
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find(|line| line.starts_with("Pss:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
