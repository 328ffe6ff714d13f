//! What it costs to read a key file in each format, from its bytes to a key whose halves have been
//! found to belong together; and to look at one that is encrypted without opening it.
//! `cargo bench -p keyfob-keyfile`.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, missing_docs, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyfob_keyfile::{inspect, read_private, read_public};

const PLAIN: [&str; 9] = [
    "openssh-ed25519",
    "openssh-ecdsa-256",
    "openssh-ecdsa-521",
    "openssh-rsa-2048",
    "openssh-rsa-4096",
    "pem-rsa-2048",
    "pkcs8-rsa-2048",
    "der-pkcs8-ed25519",
    "ppk3-ed25519-255",
];

fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/accepted");
    std::fs::read(format!("{folder}/{name}")).unwrap()
}

fn private(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a private key");
    for name in PLAIN {
        let bytes = fixture(name);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(read_private(&bytes, None).unwrap()));
        });
    }
    group.finish();
}

fn encrypted(criterion: &mut Criterion) {
    let bytes = fixture("openssh-ed25519-encrypted");
    criterion.bench_function("inspect an encrypted key", |bencher| {
        bencher.iter(|| black_box(inspect(&bytes).unwrap()));
    });
}

fn public(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("read a public key");
    for name in ["openssh-ed25519.pub", "openssh-rsa-4096.pub"] {
        let bytes = fixture(name);
        group.bench_function(name, |bencher| {
            bencher.iter(|| black_box(read_public(&bytes).unwrap()));
        });
    }
    group.finish();
}

criterion_group!(benches, private, encrypted, public);
criterion_main!(benches);
