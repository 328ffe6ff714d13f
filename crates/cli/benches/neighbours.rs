//! How long an Ed25519 signature takes while others are busy: OpenSSH's agent
//! beside ours. The promise is that a slow request never delays a fast one.
//! `cargo bench --bench neighbours`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark"
)]

mod agents;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use agents::{Pair, SIGNERS, Side};
use keyfob_testkit::{KeyFile, Message};

/// How long each situation lasts.
const ROUND: Duration = Duration::from_secs(4);

/// Half a second of work per signature.
const LARGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../keys/tests/fixtures/rsa/e65537-16384");

fn main() {
    println!("{:<28} {:>8} {:>10} {:>10} {:>10}", "beside", "agent", "p50 µs", "p99 µs", "÷ calm");
    let pair = Pair::holding(&[SIGNERS[0], SIGNERS[6]]);
    for side in pair.sides() {
        side.add(&KeyFile::at(Path::new(LARGE)));
        let mut calm = waits(side, None, 0);
        let p50 = median(&mut calm);
        row("nobody", side, &mut calm, p50);
        for (label, index, count) in [
            ("16 clients, rsa-4096", 1, 16),
            ("1 client, rsa-16384", 2, 1),
            ("4 clients, rsa-16384", 2, 4),
        ] {
            let request = side.sign_request(index);
            let mut busy = waits(side, Some(&request), count);
            row(label, side, &mut busy, p50);
        }
    }
}

/// How long each Ed25519 signature took while `count` clients repeat `request`.
fn waits(side: &Side, request: Option<&Message>, count: usize) -> Vec<Duration> {
    let stop = AtomicBool::new(false);
    let signature = side.sign_request(0);
    std::thread::scope(|scope| {
        for _ in 0..count {
            let mut client = side.client();
            let stop = &stop;
            scope.spawn(move || {
                while let (false, Some(request)) = (stop.load(Ordering::Relaxed), request) {
                    client.request(request);
                }
            });
        }
        let mut client = side.client();
        client.request(&signature);
        std::thread::sleep(Duration::from_millis(200));
        let (start, mut waits) = (Instant::now(), Vec::new());
        while start.elapsed() < ROUND {
            let sent = Instant::now();
            client.request(&signature);
            waits.push(sent.elapsed());
        }
        stop.store(true, Ordering::Relaxed);
        waits
    })
}

fn row(label: &str, side: &Side, waits: &mut [Duration], calm: Duration) {
    let p50 = median(waits);
    let p99 = waits[(waits.len() - 1) * 99 / 100];
    println!(
        "{label:<28} {:>8} {:>10.0} {:>10.0} {:>10.2}",
        side.label(),
        micros(p50),
        micros(p99),
        p50.as_secs_f64() / calm.as_secs_f64()
    );
}

fn median(waits: &mut [Duration]) -> Duration {
    waits.sort();
    waits[waits.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
