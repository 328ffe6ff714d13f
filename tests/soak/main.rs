//! Soak: a real agent under mixed work for a long time.
//!
//! Lost without this: what only shows after hours. A few bytes that each dialog leaves behind, a
//! descriptor of each client that was killed, a request in ten thousand that fails for no reason.
//!
//! Sixteen clients add, remove, list and sign, bind their connections, ask questions that are
//! answered or abandoned, and leave in the middle of frames; meanwhile the agent is locked and
//! unlocked, the key store too, and all keys are removed. Each client knows what it may expect of
//! each request and of no other client's; the acts that concern everybody are done alone.
//!
//! ```sh
//! cargo test -p keyfob-tests --test soak                      # a minute
//! KEYFOB_SOAK=1800 cargo test -p keyfob-tests --test soak     # half an hour
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: a failed step is a failed test"
)]

#[path = "../abuse/chance.rs"]
#[allow(dead_code, reason = "the abuse suite uses all of it")]
mod chance;
mod client;
mod everybody;
mod family;
mod held;
#[path = "../abuse/memory.rs"]
#[allow(dead_code, reason = "the abuse suite uses all of it")]
mod memory;
mod person;
mod points;
mod readings;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

use keyfob_testkit::{Case, KeyStore, KeyType, Notary, RunningAgent, World, harness, ours};
use rustix::process::Signal;

use crate::client::{Client, Place};
use crate::everybody::Everybody;
use crate::family::Family;
use crate::readings::Readings;

const CLIENTS: u8 = 16;
/// What CI can spend.
const USUAL: u64 = 60;
/// Everybody is stopped this often for what concerns everybody.
const ALONE_EVERY: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    let cases: &[Case] = &[ours!(nothing_fails_and_nothing_grows)];
    harness::run(cases, &[], Vec::new())
}

fn nothing_fails_and_nothing_grows(world: &World) {
    let seconds = std::env::var("KEYFOB_SOAK").ok().and_then(|text| text.parse().ok());
    let length = Duration::from_secs(seconds.unwrap_or(USUAL).max(USUAL));
    let store = KeyStore::make(world);
    let stored: Vec<_> = (0..3)
        .map(|number| {
            let name = format!("stored{number}");
            let key = world.key(KeyType::Ed25519, &name);
            store.save(&key, &name, &[]);
            key.blob()
        })
        .collect();
    let agent = agent(world, length);
    let notary = Notary::new(world);
    let place = Place {
        socket: agent.socket(),
        rsa: world.key(KeyType::Rsa2048, "rsa"),
        stored,
        here: notary.host("here"),
        elsewhere: notary.host("elsewhere"),
        notary: &notary,
        failed: AtomicBool::new(false),
    };
    let everybody = RwLock::new(Everybody::default());
    let mut readings = Readings::of(Family::of(agent.pid()));
    Client::new(CLIENTS + 1, &place, &everybody).does_everything_once();
    for turn in 0..6 {
        everybody.write().unwrap().does_something(turn, &store, &agent, &place);
    }
    readings.begin();
    let until = Instant::now() + length;
    let (mut acts, mut alone) = (0, 0);
    thread::scope(|scope| {
        let clients: Vec<ScopedJoinHandle<'_, u64>> = (1..=CLIENTS)
            .map(|number| {
                let (place, everybody) = (&place, &everybody);
                scope.spawn(move || Client::new(number, place, everybody).works_until(until))
            })
            .collect();
        while Instant::now() < until && !place.failed.load(Ordering::Relaxed) {
            thread::sleep(ALONE_EVERY.min(until.saturating_duration_since(Instant::now())));
            readings.take();
            let mut everybody = everybody.write().unwrap_or_else(PoisonError::into_inner);
            everybody.does_something(alone, &store, &agent, &place);
            alone += 1;
        }
        acts = clients.into_iter().map(result).sum();
    });
    readings.calm_down();
    let told = readings.judge();
    let _ = writeln!(
        std::io::stderr(),
        "soak: {} s, {CLIENTS} clients, {acts} acts, {alone} of everybody; {told}",
        length.as_secs()
    );
    agent.stop(Signal::TERM);
    store.command("log").arg("verify").output().exits(0);
}

/// What a client's thread came to; its panic, with its words, is ours.
fn result(client: ScopedJoinHandle<'_, u64>) -> u64 {
    client.join().unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        panic!("{}", text.unwrap_or_else(|| "a client failed".to_owned()))
    })
}

/// With a person beside it, and a log that holds all of it.
fn agent(world: &World, length: Duration) -> RunningAgent {
    let settings = "[ask]\npause-after = 0\npause = 0\n[log]\nmax-size = \"64M\"\nkeep = 40\n";
    let settings = world.write("settings.toml", settings, 0o600);
    let socket = world.unused("agent");
    let run = world.program("keyfob").args(["agent", "-D", "-a"]).arg(&socket);
    let run = run.env("KEYFOB_CONFIG", settings).limit(length + Duration::from_secs(600));
    let run = run.env("SSH_ASKPASS", person::sits_in(world)).env("DISPLAY", ":0");
    RunningAgent::listening(world, run, socket)
}
