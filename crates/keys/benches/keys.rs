//! What a key costs: read, sealed, opened, prepared, and each signature. CPU time of this
//! thread in microseconds, median of 5 rounds: wall time says little on a shared machine.
//!
//! `cargo bench -p keyfob-keys`; with `--no-default-features` for the pure Rust signer.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement"
)]

#[path = "../tests/workbench/mod.rs"]
mod workbench;

use keyfob_keys::shield::LockDerivation;
use keyfob_keys::wire::Reader;
use keyfob_keys::{Curve, PrivateKey, PublicKey, Secret, Shield, SignatureScheme, Signer};
use workbench::{encoded, read_fixture, read_private};

const ROUNDS: usize = 5;
const ROUND_NS: u64 = 50_000_000;

/// Nanoseconds this thread has run.
fn cpu_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

/// Microseconds of one call. A round lasts long enough for the kernel's accounting, which
/// may be no finer than its tick.
fn measure<T>(mut work: impl FnMut() -> T) -> f64 {
    let mut round = |calls: u32| {
        let start = cpu_time();
        for _ in 0..calls {
            std::hint::black_box(work());
        }
        cpu_time() - start
    };
    // Run by `cargo test`, it only shows that it runs.
    if !std::env::args().any(|arg| arg == "--bench") {
        round(1);
        return 0.0;
    }
    let mut calls = 1;
    while round(calls) < ROUND_NS {
        calls *= 2;
    }
    let mut times: Vec<_> = (0..ROUNDS).map(|_| round(calls)).collect();
    times.sort_unstable();
    times[ROUNDS / 2] as f64 / f64::from(calls) / 1000.0
}

fn keys() -> Vec<(&'static str, PrivateKey)> {
    let rsa = |name: &str| read_private(&read_fixture(format!("rsa/{name}")));
    vec![
        ("ed25519", PrivateKey::ed25519_from_seed(&[1; 32])),
        ("p256", PrivateKey::ecdsa_from_scalar(Curve::P256, &[2; 32]).unwrap()),
        ("p384", PrivateKey::ecdsa_from_scalar(Curve::P384, &[2; 48]).unwrap()),
        ("p521", PrivateKey::ecdsa_from_scalar(Curve::P521, &[1; 66]).unwrap()),
        ("mldsa44-ed25519", PrivateKey::ml_dsa44_ed25519_from_seeds(&[3; 32], &[4; 32])),
        ("rsa-1024", rsa("e65537-1024")),
        ("rsa-2048", rsa("p-below-q-2048")),
        ("rsa-3072", rsa("e3-3072")),
        ("rsa-4096", rsa("e17-4096")),
        ("rsa-8192", rsa("e65537-8192")),
        ("rsa-16384", rsa("e65537-16384")),
    ]
}

fn main() {
    let shield = Shield::new().unwrap();
    println!("µs of CPU          blob   decode     seal     open  prepare     sign   verify");
    for (name, key) in keys() {
        let wire = encoded(&key);
        let sealed = shield.seal(&key).unwrap();
        let signer = Signer::prepare(&key).unwrap();
        let data = [7; 256];
        let signature = signer.sign(&data, SignatureScheme::Default).unwrap();
        let figures = [
            measure(|| PublicKey::from_blob(key.public().blob()).unwrap()),
            measure(|| PrivateKey::decode(&mut Reader::new(&wire)).unwrap()),
            measure(|| shield.seal(&key).unwrap()),
            measure(|| shield.open(&sealed).unwrap()),
            measure(|| Signer::prepare(&key).unwrap()),
            measure(|| signer.sign(&data, SignatureScheme::Default).unwrap()),
            measure(|| key.public().verify(&data, &signature).unwrap()),
        ];
        let figures: String = figures.iter().map(|figure| format!("{figure:9.1}")).collect();
        println!("{name:15}{figures}");
    }
    let derive = || LockDerivation::new(Secret::from(b"passphrase".to_vec()), [1; 16]).run();
    println!("lock passphrase {:.0} ms", measure(derive) / 1000.0);
}
