//! How long an RSA key takes beside ssh-keygen: wall time of both in turn, and the ratio of the
//! medians. A search is a matter of luck, so only many of them say something.
//!
//! `cargo bench -p keyfob-keys --bench generation [-- ROUNDS [BITS…]]`; with
//! `--no-default-features` for the pure Rust signer that tries the key out.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement"
)]

#[path = "../tests/workbench/mod.rs"]
mod workbench;

use std::num::NonZeroUsize;
use std::time::Instant;

use keyfob_keys::generate::{Kind, generate};
use workbench::{Bench, has_ssh_keygen};

const SIZES: [u32; 3] = [2048, 3072, 4096];
const ROUNDS: u32 = 30;

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

fn ours(bits: u32, threads: NonZeroUsize) {
    std::hint::black_box(generate(Kind::Rsa { bits }, threads, &()).unwrap());
}

fn theirs(bench: &Bench, bits: u32) {
    let _ = std::fs::remove_file(bench.path("key"));
    bench.ok("ssh-keygen", &["-q", "-t", "rsa", "-b", &bits.to_string(), "-N", "", "-f", "key"]);
}

/// Median and mean.
fn summary(times: &mut [f64]) -> (f64, f64) {
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times.iter().sum::<f64>() / times.len() as f64)
}

fn main() {
    if !has_ssh_keygen() {
        return;
    }
    // Run by `cargo test`, it only shows that it runs.
    let measuring = std::env::args().any(|arg| arg == "--bench");
    let mut asked: Vec<u32> = std::env::args().filter_map(|arg| arg.parse().ok()).collect();
    let sizes = match asked.split_off(asked.len().min(1)) {
        _ if !measuring => vec![1024],
        none if none.is_empty() => SIZES.to_vec(),
        sizes => sizes,
    };
    let rounds = if measuring { asked.first().copied().unwrap_or(ROUNDS) } else { 1 };
    let bench = Bench::new();
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    println!("{rounds} keys each, {threads} threads; milliseconds of wall time, median (mean)");
    println!("{:6}{:>20}{:>20}{:>20}{:>8}", "bits", "ssh-keygen", "keyfob", "one thread", "ratio");
    for bits in sizes {
        let mut times = [const { Vec::new() }; 3];
        for _ in 0..rounds {
            times[0].push(milliseconds(|| theirs(&bench, bits)));
            times[1].push(milliseconds(|| ours(bits, threads)));
            times[2].push(milliseconds(|| ours(bits, NonZeroUsize::MIN)));
        }
        let summaries = times.map(|mut times| summary(&mut times));
        let cells = summaries.map(|(median, mean)| format!("{median:.0} ({mean:.0})"));
        let [a, b, c] = &cells;
        let ratio = summaries[0].0 / summaries[1].0;
        println!("{bits:<6}{a:>20}{b:>20}{c:>20}{ratio:>8.2}");
    }
}
