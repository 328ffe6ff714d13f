//! Prepared keys live in the locked heap: all of them, under load, and no longer than needed.

#![cfg(feature = "aws-lc")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::print_stdout, reason = "tests")]

mod workbench;

use keyfob_keys::{Curve, PrivateKey, SignatureScheme, Signer};
use keyfob_sys::signing_heap;
use workbench::{read_fixture, read_private};

const THREADS: u8 = 8;

fn keys(number: u8) -> Vec<PrivateKey> {
    vec![
        PrivateKey::ed25519_from_seed(&[number; 32]),
        PrivateKey::ecdsa_from_scalar(Curve::P256, &[number; 32]).unwrap(),
        PrivateKey::ecdsa_from_scalar(Curve::P384, &[number; 48]).unwrap(),
        read_private(&read_fixture("rsa/unequal-primes-2048")),
    ]
}

/// Prepares, signs, checks and forgets, over and over.
fn work(number: u8) {
    let keys = keys(number);
    for round in 0..20_u8 {
        let signers: Vec<_> = keys.iter().map(|key| Signer::prepare(key).unwrap()).collect();
        for signer in signers {
            let data = [round; 100];
            let signature = signer.sign(&data, SignatureScheme::Default).unwrap();
            signer.public().verify(&data, &signature).unwrap();
        }
    }
}

// One test, because it counts what the whole process uses.
#[test]
fn prepared_keys_live_in_the_locked_heap_and_leave_it() {
    work(1);
    let idle = signing_heap::usage();
    assert!(idle.in_use > 0, "aws-lc allocates elsewhere");

    let signers: Vec<_> = keys(1).iter().map(|key| Signer::prepare(key).unwrap()).collect();
    let prepared = signing_heap::usage();
    assert!(prepared.in_use > idle.in_use + 1000, "the keys are elsewhere: {prepared:?}");
    drop(signers);
    assert_eq!(signing_heap::usage().in_use, idle.in_use, "something of a key stayed");

    std::thread::scope(|scope| {
        for number in 1..=THREADS {
            scope.spawn(move || work(number));
        }
    });
    let after = signing_heap::usage();
    // aws-lc keeps some state for the process; nothing of it may be a key's or a thread's.
    assert!(after.in_use <= idle.in_use + 64 * 1024, "{idle:?} then {after:?}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(line) = status.lines().find_map(|line| line.strip_prefix("VmLck:")) {
        let kilobytes: usize = line.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(kilobytes * 1024 >= after.locked, "said to be locked and is not");
    }
    println!("idle {idle:?}, prepared {prepared:?}, after {THREADS} threads {after:?}");
}
