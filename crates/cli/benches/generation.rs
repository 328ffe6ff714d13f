//! How long a new RSA key takes beside ssh-keygen: wall time in turn, and the ratio of the
//! medians. Both are whole programs that start, search, and write both files without a
//! passphrase; the search of the library alone stands beside them, on all threads and on one.
//! A search is a matter of luck, so only many of them say something.
//!
//! `cargo bench -p keyfob --bench generation [-- ROUNDS [BITS…]]`; with `--no-default-features`
//! for the pure Rust signer that tries the key out.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement"
)]

use std::num::NonZeroUsize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use keyfob_keys::generate::{Kind, generate};

const SIZES: [u32; 3] = [2048, 3072, 4096];
const ROUNDS: u32 = 30;

const THEIRS: (&str, &[&str]) = ("ssh-keygen", &["-q", "-N", ""]);
/// `--weak` is for the short key of a run that only shows that it runs.
const OURS: (&str, &[&str]) =
    (env!("CARGO_BIN_EXE_keyfob"), &["generate", "-q", "--no-passphrase", "--weak"]);

fn milliseconds(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1000.0
}

/// From the start of the program to its end, with both files in the folder.
fn program((name, flags): (&str, &[&str]), bits: u32, folder: &Path) -> f64 {
    for file in ["key", "key.pub"] {
        let _ = std::fs::remove_file(folder.join(file));
    }
    let mut command = Command::new(name);
    command.args(flags).args(["-t", "rsa", "-f", "key", "-b"]).arg(bits.to_string());
    command.current_dir(folder).env_remove("SSH_AUTH_SOCK").stdin(Stdio::null());
    command.stdout(Stdio::null());
    let took = milliseconds(|| {
        let ended = command.status().unwrap_or_else(|why| panic!("{name}: {why}"));
        assert!(ended.success(), "{name}: {ended}");
    });
    assert!(folder.join("key.pub").exists(), "{name} wrote no public half");
    took
}

fn library(bits: u32, threads: NonZeroUsize) -> f64 {
    milliseconds(|| {
        std::hint::black_box(generate(Kind::Rsa { bits }, threads, &()).unwrap());
    })
}

/// Of an even number the mean of the two in the middle.
fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    let (lower, upper) = (times[(times.len() - 1) / 2], times[times.len() / 2]);
    f64::midpoint(lower, upper)
}

fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len() as f64
}

fn has_ssh_keygen() -> bool {
    let there = Command::new("ssh-keygen").arg("-?").stderr(Stdio::null()).status().is_ok();
    if !there {
        println!("skipped: ssh-keygen is not installed");
    }
    there
}

fn main() {
    assert_eq!((median(&mut [3.0, 1.0, 2.0]), median(&mut [4.0, 1.0, 2.0, 9.0])), (2.0, 3.0));
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
    let rounds = if measuring { asked.first().copied().unwrap_or(ROUNDS).max(1) } else { 1 };
    let folder = tempfile::tempdir().unwrap();
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    println!("{rounds} keys each, {threads} threads; milliseconds of wall time, median (mean)");
    let head = ["ssh-keygen", "keyfob generate", "search alone", "on one thread"];
    let [a, b, c, d] = head;
    println!("{:6}{a:>18}{b:>18}{c:>18}{d:>18}{:>8}", "bits", "ratio");
    for bits in sizes {
        let mut times = [const { Vec::new() }; 4];
        for _ in 0..rounds {
            times[0].push(program(THEIRS, bits, folder.path()));
            times[1].push(program(OURS, bits, folder.path()));
            times[2].push(library(bits, threads));
            times[3].push(library(bits, NonZeroUsize::MIN));
        }
        let means = times.each_ref().map(|times| mean(times));
        let medians = times.map(|mut times| median(&mut times));
        let cell = |at: usize| format!("{:.0} ({:.0})", medians[at], means[at]);
        let [a, b, c, d] = [0, 1, 2, 3].map(cell);
        let ratio = medians[0] / medians[1];
        println!("{bits:<6}{a:>18}{b:>18}{c:>18}{d:>18}{ratio:>8.2}");
    }
}
