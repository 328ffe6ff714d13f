//! Keys we make: whole, by the conditions of FIPS 186-5, and good for OpenSSH.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod workbench;

use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyfob_keys::generate::{Kind, Watch, generate};
use keyfob_keys::wire::Reader;
use keyfob_keys::{Curve, Error, PrivateKey, PrivateNumbers, PublicNumbers};
use rsa::BoxedUint;
use workbench::{Bench, encoded, has_ssh_keygen, write_private};

const ONE: NonZeroUsize = NonZeroUsize::MIN;

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn rsa(bits: u32) -> PrivateKey {
    generate(Kind::Rsa { bits }, threads(2), &()).unwrap()
}

/// The numbers of an RSA key: n, e, d, p, q.
fn numbers(key: &PrivateKey) -> [BoxedUint; 5] {
    let PrivateNumbers::Rsa { parts, .. } = key.numbers() else {
        unreachable!("an RSA key");
    };
    [parts.n, parts.e, parts.d, parts.p, parts.q].map(BoxedUint::from_be_slice_vartime)
}

/// 2^exponent.
fn power_of_two(exponent: u32) -> BoxedUint {
    BoxedUint::one_with_precision(exponent + 1).shl_vartime(exponent).unwrap()
}

fn is_prime(number: &BoxedUint) -> bool {
    crypto_primes::is_prime(crypto_primes::Flavor::Any, number)
}

/// FIPS 186-5 A.1.1, for an odd length as well.
fn meets_the_standard(key: &PrivateKey, bits: u32) {
    use crypto_bigint::{ConcatenatingMul, Gcd, Lcm, Resize};
    let [n, e, d, p, q] = numbers(key);
    assert_eq!(n.bit_width(), bits);
    assert_eq!(key.public().bits(), bits);
    assert_eq!(e, BoxedUint::from(65537_u32));
    assert!(is_prime(&p) && is_prime(&q), "tested by another than the one that found them");
    assert_eq!(p.concatenating_mul(&q), n);
    // p, q ≥ √2 · 2^(bits/2 − 1), squared: 2^(bits − 1).
    let least = power_of_two(bits - 1);
    assert!(p.concatenating_mul(&p) >= least && q.concatenating_mul(&q) >= least);
    assert!(p > q);
    assert!(p.wrapping_sub(&q) > power_of_two(bits / 2 - 100));
    let (p1, q1) = (p.wrapping_sub(BoxedUint::one()), q.wrapping_sub(BoxedUint::one()));
    let e = e.resize(p1.bits_precision());
    assert_eq!((p1.gcd(&e), q1.gcd(&e)), (BoxedUint::one(), BoxedUint::one()));
    assert!(d > power_of_two(bits / 2));
    let multiple = p1.lcm(&q1);
    assert!(d < multiple, "the smallest that works");
    let product = d.concatenating_mul(&e);
    assert_eq!(product.rem_vartime(&multiple.to_nz().unwrap()), BoxedUint::one());
}

#[test]
fn two_hundred_rsa_keys_meet_the_standard_and_no_two_share_a_prime() {
    let mut primes = Vec::new();
    for _ in 0..200 {
        let key = rsa(1024);
        meets_the_standard(&key, 1024);
        let [.., p, q] = numbers(&key);
        primes.extend([p.to_be_bytes(), q.to_be_bytes()]);
    }
    primes.sort();
    primes.dedup();
    assert_eq!(primes.len(), 400);
}

#[test]
fn rsa_keys_have_exactly_the_bits_that_were_asked_for() {
    for bits in [1024, 1025, 1026, 1027, 1031, 1100, 1279, 1536, 2047, 2048] {
        meets_the_standard(&rsa(bits), bits);
    }
}

#[test]
fn sizes_that_openssh_does_not_take_are_refused() {
    for bits in [0, 1, 512, 1023, 16385, u32::MAX] {
        let refused = generate(Kind::Rsa { bits }, ONE, &());
        assert!(matches!(refused, Err(Error::Unsupported { .. })), "{bits}");
    }
}

fn kinds() -> Vec<Kind> {
    let mut kinds = vec![Kind::Ed25519, Kind::MlDsa44Ed25519, Kind::Rsa { bits: 1024 }];
    kinds.extend(Curve::ALL.map(Kind::Ecdsa));
    kinds
}

#[test]
fn every_kind_is_made_anew_and_is_read_as_it_was_written() {
    for kind in kinds() {
        let (one, other) = (generate(kind, ONE, &()).unwrap(), generate(kind, ONE, &()).unwrap());
        assert_ne!(one.public(), other.public(), "{kind:?}");
        let written = encoded(&one);
        let read = PrivateKey::decode(&mut Reader::new(&written)).unwrap();
        assert_eq!(read.public(), one.public());
    }
}

#[test]
fn scalars_of_p521_use_all_their_bits() {
    let highest = |_| {
        let key = generate(Kind::Ecdsa(Curve::P521), ONE, &()).unwrap();
        let PrivateNumbers::Ecdsa { scalar, .. } = key.numbers() else {
            unreachable!("an ECDSA key");
        };
        scalar[0]
    };
    let seen: std::collections::BTreeSet<u8> = (0..64).map(highest).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [0, 1], "wrong once in 2^63");
}

#[test]
fn ssh_keygen_takes_what_we_make() {
    if !has_ssh_keygen() {
        return;
    }
    let bench = Bench::new();
    let sizes = [1024, 1025, 2048, 3072].map(|bits| Kind::Rsa { bits });
    // ssh-keygen here does not know the post-quantum key.
    let kinds = kinds().into_iter().filter(|kind| *kind != Kind::MlDsa44Ed25519).chain(sizes);
    for (number, kind) in kinds.enumerate() {
        let key = generate(kind, threads(2), &()).unwrap();
        let name = number.to_string();
        bench.write(&name, write_private(&key, "c"));
        let line = bench.ok("ssh-keygen", &["-y", "-P", "", "-f", &name]);
        assert_eq!(key.public().to_line(b"c"), line.trim_end().as_bytes(), "{kind:?}");
        let PublicNumbers::Rsa { .. } = key.public().numbers() else {
            continue;
        };
        // OpenSSL looks at the primes as well.
        bench.ok("ssh-keygen", &["-q", "-p", "-P", "", "-N", "", "-m", "PEM", "-f", &name]);
        let checked = bench.ok("openssl", &["rsa", "-in", &name, "-check", "-noout"]);
        assert_eq!(checked, "RSA key ok\n", "{kind:?}");
    }
}

/// Notes what it is told, and gives up after so many looks.
struct Observer {
    told: Mutex<Vec<(std::thread::ThreadId, f64)>>,
    looks: AtomicUsize,
    patience: usize,
}

impl Observer {
    fn patient_for(patience: usize) -> Self {
        Self { told: Mutex::default(), looks: AtomicUsize::new(0), patience }
    }

    fn told(&self) -> Vec<f64> {
        let told = self.told.lock().unwrap();
        let own = std::thread::current().id();
        assert!(told.iter().all(|(thread, _)| *thread == own), "told by another thread");
        told.iter().map(|(_, done)| *done).collect()
    }
}

impl Watch for Observer {
    fn progress(&self, done: f64) {
        self.told.lock().unwrap().push((std::thread::current().id(), done));
    }

    fn stopped(&self) -> bool {
        self.looks.fetch_add(1, Ordering::Relaxed) >= self.patience
    }
}

#[test]
fn progress_never_goes_back_and_ends_at_one() {
    for count in [1, 2, 4] {
        let observer = Observer::patient_for(usize::MAX);
        generate(Kind::Rsa { bits: 1024 }, threads(count), &observer).unwrap();
        let told = observer.told();
        assert!(told.is_sorted(), "{told:?}");
        assert!(told.iter().all(|done| (0.0..=1.0).contains(done)), "{told:?}");
        assert_eq!(told.last(), Some(&1.0));
    }
}

/// What is told just before the end is spread evenly, if it is what it says: the probability to
/// be done by then.
#[test]
fn progress_is_the_share_of_searches_that_are_done_by_then() {
    let before_the_end = |_| {
        let observer = Observer::patient_for(usize::MAX);
        generate(Kind::Rsa { bits: 1024 }, ONE, &observer).unwrap();
        let told = observer.told();
        told[told.len() - 2]
    };
    let ends: Vec<f64> = (0..150).map(before_the_end).collect();
    let mean = ends.iter().sum::<f64>() / ends.len() as f64;
    // Evenly spread numbers have a mean of 1/2 and one of 150 a deviation of 0.024.
    assert!((0.35..0.65).contains(&mean), "{mean}");
    let early = ends.iter().filter(|end| **end < 0.25).count();
    assert!((10..75).contains(&early), "{early} of 150 in the first quarter");
}

#[test]
fn a_search_is_given_up_at_any_point() {
    // So long that a test takes 128 looks: none is done before the last of these.
    for patience in [0, 1, 2, 3, 10, 30, 120] {
        let observer = Observer::patient_for(patience);
        let given_up = generate(Kind::Rsa { bits: 16384 }, threads(2), &observer);
        assert_eq!(given_up.err(), Some(Error::Stopped), "{patience}");
        // One look decides; those that follow are one of each thread, and that of the caller.
        let looks = observer.looks.load(Ordering::Relaxed);
        assert!(looks <= patience + 8, "{looks} looks where {patience} were enough");
    }
    let observer = Observer::patient_for(0);
    assert_eq!(generate(Kind::Ed25519, ONE, &observer).err(), Some(Error::Stopped));
    assert!(observer.told().is_empty());
}
