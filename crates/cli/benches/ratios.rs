//! CPU time of the agent per request and throughput, OpenSSH's agent beside ours
//! in turns (A B A B), as ratios with the goals beside them.
//! `cargo bench --bench ratios`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

mod agents;

use std::time::{Duration, Instant};

use agents::{Pair, SIGNERS, Side};
use keyfob_testkit::Message;

/// Rounds per figure; the median of their ratios is the result.
const ROUNDS: usize = 5;
/// How long one side is driven per round: long against the 10 ms the system
/// counts processor time in.
const ROUND: Duration = Duration::from_millis(800);
/// Connections at the same time, for throughput.
const MANY: usize = 16;

/// CPU per request of ours, as a part of OpenSSH's.
const CPU_GOALS: [(&str, f64); 8] = [
    ("ed25519", 1.0 / 20.0),
    ("p256", 1.0 / 6.0),
    ("p384", 1.0 / 15.0),
    ("p521", 1.0 / 4.0),
    ("rsa-2048", 1.0 / 2.0),
    ("rsa-3072", 1.0 / 2.5),
    ("rsa-4096", 1.0 / 2.5),
    ("list 100", 1.0 / 5.0),
];

/// What driving one side for a while came to.
struct Driven {
    cpu_per_request: f64,
    per_second: f64,
}

fn main() {
    println!(
        "{:<10} {:>12} {:>12} {:>8} {:>8}   {:>8} {:>8}",
        "request", "openssh µs", "keyfob µs", "ratio", "goal", "×1 conn", "×16 conn"
    );
    for kind in SIGNERS {
        let pair = Pair::holding(&[kind]);
        report(kind.label(), &pair, |side| side.sign_request(0));
    }
    for count in [1, 100, 1000] {
        let pair = Pair::holding_many(count);
        report(&format!("list {count}"), &pair, |_| agents::list_request());
    }
}

fn report(label: &str, pair: &Pair, request: impl Fn(&Side) -> Message) {
    let [theirs, ours] = pair.sides() else { panic!("two sides") };
    let (their_request, our_request) = (request(theirs), request(ours));
    let mut cpu = Vec::new();
    let mut speed = [Vec::new(), Vec::new()];
    let mut absolute = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (index, connections) in [1, MANY].into_iter().enumerate() {
            let a = drive(theirs, &their_request, connections);
            let b = drive(ours, &our_request, connections);
            speed[index].push(b.per_second / a.per_second);
            if connections == MANY {
                cpu.push(b.cpu_per_request / a.cpu_per_request);
                absolute[0].push(a.cpu_per_request);
                absolute[1].push(b.cpu_per_request);
            }
        }
    }
    let goal = CPU_GOALS.iter().find(|(name, _)| *name == label).map_or(f64::NAN, |goal| goal.1);
    println!(
        "{label:<10} {:>12.1} {:>12.1} {:>8.3} {goal:>8.3}   {:>8.2} {:>8.2}",
        median(&mut absolute[0]),
        median(&mut absolute[1]),
        median(&mut cpu),
        median(&mut speed[0]),
        median(&mut speed[1]),
    );
}

/// Sends the request over and over on this many connections.
fn drive(side: &Side, request: &Message, connections: usize) -> Driven {
    let mut clients: Vec<_> = (0..connections).map(|_| side.client()).collect();
    for client in &mut clients {
        client.request(request);
    }
    let (cpu, start) = (side.cpu(), Instant::now());
    let count: u64 = std::thread::scope(|scope| {
        let workers: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                scope.spawn(move || {
                    let mut count = 0;
                    while start.elapsed() < ROUND {
                        client.request(request);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    let (elapsed, cpu) = (start.elapsed(), side.cpu() - cpu);
    #[allow(clippy::cast_precision_loss, reason = "a few thousand requests")]
    let count = count as f64;
    Driven {
        cpu_per_request: cpu.as_secs_f64() * 1e6 / count,
        per_second: count / elapsed.as_secs_f64(),
    }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
