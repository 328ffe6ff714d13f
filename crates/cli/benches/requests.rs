//! One request after the other through the socket: wall time, OpenSSH's agent
//! beside ours in the same run. `cargo bench --bench requests`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark"
)]

mod agents;

use agents::{Pair, SIGNERS};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

fn sign(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("sign");
    for kind in SIGNERS {
        let pair = Pair::holding(&[kind]);
        for side in pair.sides() {
            let mut client = side.client();
            let request = side.sign_request(0);
            group.bench_function(BenchmarkId::new(kind.label(), side.label()), |bencher| {
                bencher.iter(|| client.request(&request));
            });
        }
    }
    group.finish();
}

fn list(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("list");
    for count in [1, 100, 1000] {
        let pair = Pair::holding_many(count);
        for side in pair.sides() {
            let mut client = side.client();
            let request = agents::list_request();
            group.bench_function(BenchmarkId::new(count.to_string(), side.label()), |bencher| {
                bencher.iter(|| client.request(&request));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, sign, list);
criterion_main!(benches);
